import type { LsScope } from '../../src/app/first-look.ts';
import type { Cluster, ConnectionFlags } from '../../src/app/ports.ts';
import type { Host, TextSink, Views } from '../../src/cli/host.ts';
import { main } from '../../src/cli/main.ts';
import { LeaderError } from '../../src/core/errors.ts';
import type { Snapshot } from '../../src/core/report.ts';
import type { Terminal } from '../../src/tui/terminal.ts';
import { NOW } from '../output/sample-reports.ts';

export interface Run {
  code: number;
  stdout: string;
  stderr: string;
  /** The flags that a cluster was looked for with; null when none was. */
  connected: ConnectionFlags | null;
  scope: LsScope | null;
  observedForMs: number | null;
}

export interface Setting extends Partial<Omit<Host, 'stdout' | 'stderr' | 'views' | 'terminal'>> {
  /** What the cluster shows, one after the other. */
  snapshots?: readonly Snapshot[];
  /** Columns of the terminal that stdout and stderr are; absent when they are pipes. */
  terminal?: number;
  views?: Partial<Views>;
  /** What a full-screen program gets; absent where there is none. */
  screen?: Terminal;
  /** Hears what is written to stdout as it is written. */
  onStdout?: (text: string) => void;
}

class Memory implements TextSink {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number | null;

  readonly #heard: (text: string) => void;

  constructor(columns: number | null, heard: (text: string) => void = () => {}) {
    this.columns = columns;
    this.isTTY = columns !== null;
    this.#heard = heard;
  }

  write(text: string): void {
    this.text += text;
    this.#heard(text);
  }
}

const EMPTY: Snapshot = { reports: [], notes: [], takenAt: NOW };

/** Runs the program with these words on a cluster that shows these snapshots. */
export async function run(argv: readonly string[], setting: Setting = {}): Promise<Run> {
  const { snapshots = [EMPTY], terminal = null, screen = null, views, onStdout, ...rest } = setting;
  const [stdout, stderr] = [new Memory(terminal, onStdout), new Memory(terminal)];
  const seen: Pick<Run, 'connected' | 'scope' | 'observedForMs'> = {
    connected: null,
    scope: null,
    observedForMs: null,
  };
  const last = snapshots.at(-1) ?? EMPTY;
  const defaults: Views = {
    survey: (_cluster, _clock, scope) => {
      seen.scope = scope;
      return Promise.resolve(last);
    },
    observe: (_cluster, _clock, scope, forMs, _signal, onProgress) => {
      Object.assign(seen, { scope, observedForMs: forMs });
      onProgress?.({ elapsedMs: 2500, forMs, decided: 1, total: 3 });
      return Promise.resolve(last);
    },
    async *follow(_cluster, _clock, scope) {
      seen.scope = scope;
      yield* snapshots;
    },
  };
  const host: Host = {
    argv,
    program: 'kubectl leader',
    version: '1.2.3',
    nodeVersion: 'v24.0.0',
    platform: 'linux/x64',
    env: {},
    ask: null,
    deposer: () => ({ user: 'ann', host: 'desk', uuid: '6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11' }),
    backupInto: () => (_object, fileName) => Promise.resolve(`/backups/${fileName}`),
    stdout,
    stderr,
    terminal: screen,
    clock: { now: () => NOW, mono: () => 0, sleep: () => Promise.resolve() },
    signal: new AbortController().signal,
    asked: new AbortController().signal,
    connect: (flags) => {
      seen.connected = flags;
      return Promise.resolve({} as Cluster);
    },
    kubeconfigNames: () => Promise.resolve({ contexts: [], clusters: [], users: [] }),
    views: () => Promise.resolve({ ...defaults, ...views }),
    ...rest,
  };
  const code = await main(host);
  return { code, stdout: stdout.text, stderr: stderr.text, ...seen };
}

/** A host whose cluster cannot be reached. */
export function unreachable(error: unknown = new LeaderError('unreachable', 'no answer from x')): Setting {
  return { connect: () => Promise.reject(error) };
}

/** A person who types this, and what was asked. */
export function typing(answer: string | null) {
  const asked: string[] = [];
  const ask = (question: string): Promise<string | null> => {
    asked.push(question);
    return Promise.resolve(answer);
  };
  return { asked, ask };
}
