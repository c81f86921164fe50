import { type DescribeProgress, describeLocks } from '../app/describe.ts';
import type { CaseFile } from '../core/describe/case-file.ts';
import { stepWithFlags } from '../core/next-step.ts';
import { describeProgress } from '../core/progress-words.ts';
import { casesText } from '../output/describe.ts';
import { casesDocument } from '../output/describe-document.ts';
import { toJson, toYaml } from '../output/structured.ts';
import { isColored } from './color.ts';
import type { DescribeRequest } from './describe-request.ts';
import { EXITS } from './errors.ts';
import type { Host } from './host.ts';
import { statusLine } from './status-line.ts';

function progressText({ elapsedMs, forMs, seen, done, total }: DescribeProgress): string {
  const count = seen === 1 ? '1 renewal' : `${seen} renewals`;
  const others = total === 1 ? '' : `, ${done} of ${total} locks done`;
  return `${describeProgress('watching', elapsedMs, forMs)}: ${count} seen${others} (ctrl-C ends the watching)`;
}

async function look(host: Host, request: DescribeRequest): Promise<CaseFile[]> {
  const cluster = await host.connect(request.connection);
  const status = statusLine(host.stderr);
  const onProgress = (progress: DescribeProgress): void => status(progressText(progress));
  try {
    const { locks, options } = request;
    const files = await describeLocks(cluster, host.clock, locks, options, host.signal, onProgress);
    return files.map((file) => ({
      ...file,
      nextSteps: file.nextSteps.map((step) => stepWithFlags(step, request.sameCluster)),
    }));
  } finally {
    status(null);
  }
}

/** Looks at the locks and prints their cases. Resolves to the exit code, rejects with a LeaderError. */
export async function runDescribe(host: Host, request: DescribeRequest): Promise<number> {
  const files = await look(host, request);
  switch (request.output) {
    case 'json':
      host.stdout.write(toJson(casesDocument(files)));
      break;
    case 'yaml':
      host.stdout.write(await toYaml(casesDocument(files)));
      break;
    case 'text': {
      const color = isColored(host, request.color);
      host.stdout.write(casesText(files, { color, width: host.stdout.columns }));
      break;
    }
  }
  return EXITS.ok;
}
