import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ApiAccess, type ControlPlaneCoordinates } from '../../test/e2e/support/api-access.ts';
import { compared, type Sample, stderrOf } from './child.ts';
import { costsOf, readersOf } from './contest.ts';
import { extraLarge, inWords } from './sizes.ts';
import { bytes, load, mib, ms, printTable } from './table.ts';

const SHARES = [0.1, 0.3, 1];

async function onRecordedServer<Result>(
  share: number,
  work: (api: ApiAccess) => Promise<Result>,
): Promise<Result> {
  const script = join(import.meta.dirname, 'recorded-server.ts');
  const server = spawn(process.execPath, ['--max-old-space-size=8192', script, String(share)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(server, 'close');
  try {
    const lines = createInterface({ input: server.stdout });
    const line = await Promise.race([
      once(lines, 'line').then(([text]) => String(text)),
      ended.then(() => null),
    ]);
    if (line === null) throw new Error('the recorded server did not start');
    return await work(new ApiAccess(JSON.parse(line) as ControlPlaneCoordinates));
  } finally {
    server.stdin.end();
    await ended;
  }
}

interface Grown {
  words: string;
  answerBytes: number;
  received: number;
  requests: number;
  ours: Sample;
  curl: Sample | undefined;
}

function sizeIn(trace: string): number {
  const [, value, unit] = /, ([\d.]+) (B|kB|MB) of answers/.exec(trace) ?? [];
  return Number(value) * ({ B: 1, kB: 1e3, MB: 1e6 }[unit ?? ''] ?? Number.NaN);
}

/** How time and memory grow with what there is to read: no faster than the answers. */
export async function measureGrowth(binary: string, rounds: number): Promise<void> {
  const grown: Grown[] = [];
  for (const share of SHARES) {
    console.error(`recording ${inWords(extraLarge(share))} ...`);
    grown.push(
      await onRecordedServer(share, async (api) => {
        // What is asked for the first time is made and recorded.
        const readers = await readersOf(api, binary);
        const [leader] = readers;
        const curl = readers.find(({ name }) => name.includes('curl'));
        if (leader === undefined) throw new Error('there is nobody to read');
        const [cost] = await costsOf(api, binary, 1);
        const [ours, theirs] = await compared(curl === undefined ? [leader] : [leader, curl], rounds);
        if (ours === undefined || cost === undefined) throw new Error('nothing was measured');
        const answerBytes = sizeIn(await stderrOf({ ...leader, argv: leader.traced ?? [] }));
        const { received, requests } = cost;
        return { words: inWords(extraLarge(share)), answerBytes, received, requests, ours, curl: theirs };
      }),
    );
  }
  const [first] = grown;
  const times = (value: number, of: number | undefined): string =>
    `${(value / (of ?? Number.NaN)).toFixed(1)}x`;
  printTable(
    `Growth, on recorded answers (medians of ${rounds} rounds, ${load()})`,
    ['', 'answers', '', 'received', 'requests', 'wall', '', 'CPU', '', 'peak memory', '', 'curl'],
    grown.map(({ words, answerBytes, received, requests, ours, curl }) => [
      words,
      bytes(answerBytes),
      times(answerBytes, first?.answerBytes),
      bytes(received),
      String(requests),
      ms(ours.wallMs),
      times(ours.wallMs, first?.ours.wallMs),
      ms(ours.cpuMs),
      times(ours.cpuMs, first?.ours.cpuMs),
      mib(ours.peakMiB),
      times(ours.peakMiB, first?.ours.peakMiB),
      ms(curl?.wallMs ?? Number.NaN),
    ]),
  );
}
