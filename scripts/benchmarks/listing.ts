import type { ApiAccess } from '../../test/e2e/support/api-access.ts';
import { compared, stderrOf } from './child.ts';
import { costsOf, figuresIn, type Reader, readersOf } from './contest.ts';
import { CountingProxy } from './proxy.ts';
import { inWords, type Size } from './sizes.ts';
import { bytes, load, mib, ms, printTable, ratio } from './table.ts';

/** What takes half a minute each time is not repeated as often, and not over a network. */
const SLOW_ROUNDS = 3;
const MANY_PODS = 5_000;

function isSlow({ name }: Reader): boolean {
  return name.startsWith('by hand');
}

/** One look at all locks, end to end. */
export async function measureListing(
  api: ApiAccess,
  binary: string,
  size: Size,
  rounds: number,
): Promise<void> {
  const readers = await readersOf(api, binary);
  const quick = readers.filter((reader) => !isSlow(reader));
  const slow = readers.filter(isSlow);
  const samples = new Map(
    [
      ...(await compared(quick, rounds)).map((sample, index) => [quick[index], sample] as const),
      ...(await compared(slow, Math.min(rounds, SLOW_ROUNDS))).map(
        (sample, index) => [slow[index], sample] as const,
      ),
    ].map(([reader, sample]) => [reader?.name ?? '', sample]),
  );
  const costs = await costsOf(api, binary);
  const kubectl = samples.get(readers[1]?.name ?? '');
  printTable(
    `${inWords(size)} (medians of ${rounds} rounds, ${load()})`,
    ['', 'wall', 'of kubectl', 'CPU', 'peak memory', 'requests', 'connections', 'received'],
    readers.map(({ name }, index) => {
      const sample = samples.get(name);
      const cost = costs[index];
      return [
        name,
        ms(sample?.wallMs ?? Number.NaN),
        ratio(sample?.wallMs ?? Number.NaN, kubectl?.wallMs ?? Number.NaN),
        ms(sample?.cpuMs ?? Number.NaN),
        mib(sample?.peakMiB ?? Number.NaN),
        String(cost?.requests ?? ''),
        String(cost?.connections ?? ''),
        bytes(cost?.received ?? Number.NaN),
      ];
    }),
  );
}

/** The same over a network with a delay: what counts is how many round trips follow each other. */
export async function measureNetwork(
  api: ApiAccess,
  binary: string,
  size: Size,
  rounds: number,
  delays: readonly number[],
): Promise<void> {
  const proxy = await CountingProxy.to(api.coordinates.server);
  try {
    const all = await readersOf(api, binary, proxy.url);
    const readers = all.filter((reader) => size.pods < MANY_PODS || !isSlow(reader));
    const [leader] = readers;
    const wall: number[][] = [];
    for (const delay of [0, ...delays]) {
      proxy.roundTripMs = delay;
      wall.push((await compared(readers, rounds)).map(({ wallMs }) => wallMs));
    }
    const slowest = delays.at(-1) ?? 0;
    printTable(
      `${size.name} over a network (medians of ${rounds} rounds, ${load()})`,
      ['', ...[0, ...delays].map((delay) => `${delay} ms`), 'round trips'],
      readers.map(({ name }, index) => {
        const times = wall.map((of) => of[index] ?? Number.NaN);
        const more = (times.at(-1) ?? Number.NaN) - (times[0] ?? Number.NaN);
        return [name, ...times.map(ms), (more / slowest).toFixed(1)];
      }),
    );
    proxy.roundTripMs = slowest;
    const trace = leader === undefined ? '' : await stderrOf({ ...leader, argv: leader.traced ?? [] });
    console.log(`\nAt ${slowest} ms the tool says: ${JSON.stringify(figuresIn(trace))}`);
  } finally {
    await proxy.close();
  }
}
