import type { LsScope } from '../app/first-look.ts';
import type { ObserveProgress } from '../app/observe.ts';
import type { Clock, Cluster, Connect } from '../app/ports.ts';
import type { Snapshot } from '../core/report.ts';

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
  readonly clock: Clock;
  /** Aborts when the user interrupts the program, or nobody reads its output any more. */
  readonly signal: AbortSignal;
  readonly connect: Connect;
  /** Loaded when first needed: a command that reads no cluster starts without them. */
  readonly views: () => Promise<Views>;
}
