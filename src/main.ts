import { fstatSync, writeFileSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { isatty } from 'node:tty';
import type { Connect } from './app/ports.ts';
import { commandLineOf } from './cli/command-line.ts';
import { EXITS, errorText, REQUEST_VERBOSITY, verbosityOf } from './cli/errors.ts';
import type { Host, TextSink } from './cli/host.ts';
import { systemClock } from './cli/system-clock.ts';
import { LeaderError } from './core/errors.ts';
import { stopJob, type Terminal } from './tui/terminal.ts';
import { VERSION } from './version.ts';

const SIGNAL_EXITS = { SIGHUP: 129, SIGINT: EXITS.interrupted, SIGTERM: 143 } as const;

function isFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

/** All of the text, or an error: where the disk is full in the middle of it, the stream's own writing tells of none. */
function writeToFile(stream: NodeJS.WriteStream & { fd: number }, text: string): void {
  try {
    writeFileSync(stream.fd, text);
  } catch (error) {
    stream.destroy(error as Error);
  }
}

function sink(stream: NodeJS.WriteStream & { fd: number }): TextSink {
  const toFile = isFile(stream.fd);
  return {
    write: (text) => {
      if (toFile) writeToFile(stream, text);
      else if (text !== '') stream.write(text);
    },
    isTTY: stream.isTTY === true,
    // A terminal may not know its size, and says 0.
    columns: stream.isTTY === true ? stream.columns || null : null,
  };
}

/** Resolves when nothing waits to be written any more, or never will be. */
function written(stream: NodeJS.WriteStream): Promise<unknown> {
  return new Promise((resolve) => stream.write('', resolve));
}

/** A user id without a name, as in many containers, has none. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env['USER'] ?? '';
  }
}

function fail(error: unknown): void {
  process.stderr.write(errorText(error, { usageHint: '', verbosity: verbosityOf(process.argv) }));
}

/** What has to be undone before an error can be told on a terminal that shows something else. */
const restoring = new Set<() => void>();

const terminal: Terminal = {
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return process.stdout;
  },
  stop: () => stopJob(process),
  onCrash: (restore) => {
    restoring.add(restore);
    return () => restoring.delete(restore);
  },
};

/** What `-v=6` tells on stderr about requests, and at the end about all of them. */
async function traceRequests() {
  const [{ RequestTrace }, { HeldLines }] = await Promise.all([
    import('./kube/request-trace.ts'),
    import('./cli/held-lines.ts'),
  ]);
  const lines = new HeldLines(
    (text) => process.stderr.write(text),
    () => restoring.size > 0,
  );
  const requests = new RequestTrace((line) => lines.tell(line), systemClock.mono);
  const conclude = (): void => {
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    lines.tell(requests.figures({ elapsedMs: performance.now(), peakBytes }));
    lines.flush();
  };
  return { requests, conclude };
}

const { calledAs, argv } = commandLineOf(process.argv);
const isAnswering = argv[0]?.startsWith('__complete') === true;

async function run(): Promise<void> {
  const [abort, asked] = [new AbortController(), new AbortController()];
  let signalExit: number = EXITS.interrupted;
  for (const [signal, exit] of Object.entries(SIGNAL_EXITS)) {
    process.on(signal, () => {
      // Asked once, the program comes to an orderly end; asked twice, it just ends. A terminal that closes asks twice at
      // once, through the shell and by itself, and nobody is in a hurry then.
      if (asked.signal.aborted && signal === 'SIGHUP') return;
      if (asked.signal.aborted) process.exit(exit);
      signalExit = exit;
      asked.abort();
      abort.abort();
    });
  }
  let outputExit: number | null = null;
  let code: number | null = null;
  /** A command that went on to its end says how that was, whoever still listens; a signal goes before a broken pipe. */
  const setExit = (): void => {
    if (code === EXITS.interrupted && asked.signal.aborted) process.exitCode = signalExit;
    else if (code === null || code === EXITS.ok || code === EXITS.interrupted) {
      process.exitCode = outputExit ?? code ?? EXITS.ok;
    } else process.exitCode = code;
  };
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A reader that has seen enough (`| head`) ends the program quietly; a full disk does not.
      if (error.code !== 'EPIPE' && outputExit === null && stream === process.stdout) {
        fail(new LeaderError('server', `cannot write to standard output: ${error.message}`));
      }
      outputExit ??= error.code === 'EPIPE' ? EXITS.ok : EXITS.error;
      setExit();
      abort.abort();
    });
  }
  const trace = !isAnswering && verbosityOf(argv) >= REQUEST_VERBOSITY ? await traceRequests() : null;
  const closing: (() => void)[] = [];
  const hostFacts = {
    env: process.env,
    homeDir: homedir(),
    // A user who presses TAB expects no question.
    stdinIsTerminal: isatty(0) && !isAnswering,
    version: VERSION,
    screenTaken: () => restoring.size > 0,
  };
  const connect: Connect = async (flags) => {
    const [{ openConnection }, { KubeCluster }] = await Promise.all([
      import('./kube/connection.ts'),
      import('./kube/cluster.ts'),
    ]);
    const { transport, context, logIn } = await openConnection(flags, hostFacts);
    closing.push(() => transport.close());
    if (isatty(0) && isatty(1) && !isAnswering) await logIn();
    const observed = trace?.requests.over(transport, context.server) ?? transport;
    return new KubeCluster(observed, context, systemClock);
  };
  const ask: Host['ask'] = async (question, signal) => {
    const { askThrough } = await import('./cli/confirm.ts');
    return askThrough(process.stdin, process.stderr)(question, signal);
  };
  const backupInto: Host['backupInto'] = (folder) => async (object, fileName) => {
    const files = await import('./cli/backup-files.ts');
    return files.backupInto(folder ?? files.defaultBackupDir(process.env, homedir()))(object, fileName);
  };
  const host: Host = {
    argv,
    program: calledAs.startsWith('kubectl-') ? 'kubectl leader' : 'kubectl-leader',
    version: VERSION,
    nodeVersion: process.version,
    platform: `${process.platform}/${process.arch}`,
    env: process.env,
    stdout: sink(process.stdout),
    stderr: sink(process.stderr),
    ask: isatty(0) && process.stderr.isTTY ? ask : null,
    backupInto,
    deposer: () => ({ user: userName(), host: hostname(), uuid: crypto.randomUUID() }),
    terminal: isatty(0) && isatty(1) ? terminal : null,
    clock: systemClock,
    signal: abort.signal,
    asked: asked.signal,
    connect,
    kubeconfigNames: async (flags) => {
      const { kubeconfigNames } = await import('./kube/kubeconfig-names.ts');
      return kubeconfigNames(flags, hostFacts);
    },
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
  code = await main(host);
  for (const close of closing) close();
  trace?.conclude();
  setExit();
  await Promise.all([process.stdout, process.stderr].map(written));
  // Whatever still runs was given up, and to take everything down in order would only take time. What went wrong with
  // the last words has been told by then. On Windows some releases of Node.js fail when they end while connections close.
  if (isAnswering || process.platform !== 'win32') setImmediate(() => process.exit());
}

// What nobody caught still ends in one line.
process.on('uncaughtException', (error) => {
  for (const restore of restoring) restore();
  fail(error);
  process.exit(EXITS.error);
});

void run();
