import type { SaveBackup } from '../app/back-up.ts';
import type { LsScope } from '../app/first-look.ts';
import type { ObserveProgress } from '../app/observe.ts';
import type { Clock, Cluster, Connect, ConnectionFlags } from '../app/ports.ts';
import type { Deposer } from '../core/depose-identity.ts';
import type { Snapshot } from '../core/report.ts';
import type { Terminal } from '../tui/terminal.ts';

import type { Ask } from './confirm.ts';

export interface TextSink {
  write(text: string): void;
  /** A terminal that a person looks at. */
  readonly isTTY: boolean;
  /** Its width in cells; null when it is no terminal. */
  readonly columns: number | null;
}

/** What looking at a cluster's locks comes to, apart from how it is shown. */
export interface Views {
  survey(cluster: Cluster, clock: Clock, scope: LsScope, signal: AbortSignal): Promise<Snapshot>;
  observe(
    cluster: Cluster,
    clock: Clock,
    scope: LsScope,
    forMs: number,
    signal: AbortSignal,
    onProgress?: (progress: ObserveProgress) => void,
  ): Promise<Snapshot>;
  follow(cluster: Cluster, clock: Clock, scope: LsScope, signal: AbortSignal): AsyncIterable<Snapshot>;
}

/** The names in a kubeconfig. */
interface KubeconfigNames {
  contexts: readonly string[];
  clusters: readonly string[];
  users: readonly string[];
}

/** The process, as much of it as a command needs. */
export interface Host {
  /** The words after the program's name. */
  readonly argv: readonly string[];
  /** How the user calls this program: `kubectl leader` or `kubectl-leader`. */
  readonly program: string;
  /** This program's version, without a leading `v`. */
  readonly version: string;
  /** Of the JavaScript runtime, with its leading `v`. */
  readonly nodeVersion: string;
  /** Operating system and architecture: `linux/x64`. */
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  /** Asks the person at the terminal; null where there is none. */
  readonly ask: Ask | null;
  /** Keeps objects in this folder, in the usual one if it is null. */
  readonly backupInto: (folder: string | null) => SaveBackup;
  /** For a full-screen program; null unless both standard input and output are a terminal. */
  readonly terminal: Terminal | null;
  /** Who acts, for a record that is to explain itself: the user and the machine, with a new UUID at each call. */
  readonly deposer: () => Deposer;
  readonly clock: Clock;
  /** Aborts when the user interrupts the program, or nobody reads its output any more. */
  readonly signal: AbortSignal;
  /** Aborts only when the program is asked to end by the user or the system, and not when its reader is gone. */
  readonly asked: AbortSignal;
  readonly connect: Connect;
  /** What the kubeconfig has to choose from. No cluster is contacted. Rejects with `config` errors. */
  readonly kubeconfigNames: (flags: ConnectionFlags) => Promise<KubeconfigNames>;
  /** Loaded when first needed: a command that reads no cluster starts without them. */
  readonly views: () => Promise<Views>;
}
