import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../src/cli/system-clock.ts';
import { startDemo } from '../../src/sandbox/demo.ts';
import { SCENARIOS } from '../../src/sandbox/scenarios/index.ts';
import { type Bases, NODE_FLAGS } from './executable.ts';

const run = promisify(execFile);

/** What users run most; what only these need is compiled in advance. */
const LESSONS = [['ls'], ['ls', '--observe', '1s'], ['describe', 'kube-scheduler', '--observe', '1s']];

/**
 * Has the program run on a cluster of the demo, and keeps what V8 compiled meanwhile in a file beside it. Resolves to the
 * path of that file, which is empty where the executable's own Node.js cannot be run here: no other can write it.
 */
export async function codeCacheFor(program: string, { binary, isHost }: Bases): Promise<string> {
  const cache = join(dirname(program), isHost ? 'code-cache' : 'no-code-cache');
  if (!isHost) {
    await writeFile(cache, '');
    return cache;
  }
  const demo = await startDemo({
    scenario: SCENARIOS.healthy,
    clock: systemClock,
    speed: 1,
    temporaryFolder: tmpdir(),
    tell: () => undefined,
  });
  try {
    for (const lesson of LESSONS) {
      const trainee = join(import.meta.dirname, 'trainee.ts');
      await run(binary, [...NODE_FLAGS, trainee, program, cache, ...lesson, '--kubeconfig', demo.kubeconfig]);
    }
  } finally {
    await demo.end();
  }
  return cache;
}
