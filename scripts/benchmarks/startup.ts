import { type Contestant, compared } from './child.ts';
import { load, mib, ms, printTable, ratio } from './table.ts';

/** How long it takes until a command that needs no cluster is through. */
export async function measureStartup(binary: string, rounds: number): Promise<void> {
  const env = { KUBECONFIG: '/nonexistent', HOME: '/nonexistent' };
  const ours = (...args: string[]): Contestant => ({
    name: `kubectl-leader ${args.join(' ')}`,
    argv: [binary, ...args],
    env,
  });
  const contestants = [
    { name: 'kubectl version --client', argv: ['kubectl', 'version', '--client'], env },
    ours('version'),
    ours('--help'),
    ours('completion', 'bash'),
    { name: `node -e 0 (${process.version})`, argv: [process.execPath, '-e', '0'], env },
  ];
  const samples = await compared(contestants, rounds);
  const [kubectl] = samples;
  printTable(
    `Start-up (medians of ${rounds} rounds, ${load()})`,
    ['', 'wall', 'of kubectl', 'CPU', 'peak memory'],
    samples.map(({ wallMs, cpuMs, peakMiB }, index) => [
      contestants[index]?.name ?? '',
      ms(wallMs),
      ratio(wallMs, kubectl?.wallMs ?? Number.NaN),
      ms(cpuMs),
      mib(peakMiB),
    ]),
  );
}
