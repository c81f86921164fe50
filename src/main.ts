import { homedir } from 'node:os';
import { basename } from 'node:path';
import { isatty } from 'node:tty';
import type { Connect } from './app/ports.ts';
import { EXITS, errorText, verbosityOf } from './cli/errors.ts';
import type { Host, TextSink } from './cli/host.ts';
import { systemClock } from './cli/system-clock.ts';
import { asksVersionOnly, versionLine } from './cli/version-line.ts';
import { LeaderError } from './core/errors.ts';

// Put in by the build; without one the sources run as they are.
declare const KUBECTL_LEADER_VERSION: string | undefined;
const VERSION = typeof KUBECTL_LEADER_VERSION === 'undefined' ? '0.0.0-source' : KUBECTL_LEADER_VERSION;

const SIGNAL_EXITS = { SIGINT: EXITS.interrupted, SIGTERM: 143 } as const;

function sink(stream: NodeJS.WriteStream): TextSink {
  return {
    write: (text) => {
      if (text !== '') stream.write(text);
    },
    isTTY: stream.isTTY === true,
    columns: stream.isTTY === true ? stream.columns : null,
  };
}

function fail(error: unknown): void {
  process.stderr.write(errorText(error, { usageHint: '', verbosity: verbosityOf(process.argv) }));
}

async function run(): Promise<void> {
  const abort = new AbortController();
  let signalExit: number = EXITS.interrupted;
  for (const [signal, exit] of Object.entries(SIGNAL_EXITS)) {
    process.on(signal, () => {
      // Asked once, the program comes to an orderly end; asked twice, it just ends.
      if (abort.signal.aborted) process.exit(exit);
      signalExit = exit;
      abort.abort();
    });
  }
  let outputExit: number | null = null;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A reader that has seen enough (`| head`) ends the program quietly; a full disk does not.
      if (error.code !== 'EPIPE' && outputExit === null && stream === process.stdout) {
        fail(new LeaderError('server', `cannot write to standard output: ${error.message}`));
      }
      outputExit ??= error.code === 'EPIPE' ? EXITS.ok : EXITS.error;
      process.exitCode = outputExit;
      abort.abort();
    });
  }
  if (asksVersionOnly(process.argv.slice(2))) {
    process.stdout.write(versionLine(VERSION));
    return;
  }

  const closing: (() => void)[] = [];
  const connect: Connect = async (flags) => {
    const [{ openConnection }, { KubeCluster }] = await Promise.all([
      import('./kube/connection.ts'),
      import('./kube/cluster.ts'),
    ]);
    const { transport, context } = await openConnection(flags, {
      env: process.env,
      homeDir: homedir(),
      stdinIsTerminal: isatty(0),
      version: VERSION,
    });
    closing.push(() => transport.close());
    return new KubeCluster(transport, context, systemClock);
  };
  const host: Host = {
    argv: process.argv.slice(2),
    program: basename(process.argv[1] ?? '').startsWith('kubectl-') ? 'kubectl leader' : 'kubectl-leader',
    version: VERSION,
    nodeVersion: process.version,
    platform: `${process.platform}/${process.arch}`,
    env: process.env,
    stdout: sink(process.stdout),
    stderr: sink(process.stderr),
    clock: systemClock,
    signal: abort.signal,
    connect,
    views: async () => {
      const [{ survey }, { observe }, { follow }] = await Promise.all([
        import('./app/survey.ts'),
        import('./app/observe.ts'),
        import('./app/follow.ts'),
      ]);
      return { survey, observe, follow };
    },
  };
  const { main } = await import('./cli/main.ts');
  const code = await main(host);
  for (const close of closing) close();
  process.exitCode = outputExit ?? (code === EXITS.interrupted ? signalExit : code);
}

// What nobody caught still ends in one line.
process.on('uncaughtException', (error) => {
  fail(error);
  process.exit(EXITS.error);
});

void run();
