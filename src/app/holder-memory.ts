import type { OpenCase } from '../core/assess.ts';
import type { Note } from '../core/evidence.ts';
import type { Holder } from '../core/holder.ts';
import { holderOf, lockId } from '../core/lock.ts';
import type { Mono } from '../core/time.ts';
import type { Absences } from './absences.ts';
import type { HolderWatch } from './holder-watch.ts';
import { findHolders, meansFor } from './holders.ts';
import { readNodeStatuses } from './node-statuses.ts';
import type { Clock, Cluster } from './ports.ts';
import { Reads } from './reads.ts';
import { askFor } from './sought.ts';

/** Without the right to watch Pods and Nodes, holders are looked for again this often, milliseconds. */
const LOOK_AGAIN_MS = 30_000;

/** Candidates are counted again this long after they were counted last, when Pods changed since. Milliseconds. */
const COUNT_AGAIN_MS = 30_000;

/** What could not be read is said for so long after it was met last, milliseconds. */
const NOTED_FOR_MS = 90_000;

interface Memory {
  holder: Holder;
  /** The Node that the holder is, or is on, and the STATUS that was read of it; null for one that was not there. */
  node: { name: string; status: string | null } | null;
  candidates: number | null;
  /** Where they are. */
  candidatesIn: string;
  /** Pods there changed since they were counted. */
  stirred: boolean;
  /** How the lock looked when its holder was looked for. */
  suspicious: boolean;
  state: string;
  at: Mono;
}

/** Holders found so far, looked for again only when something says that they changed. */
export class HolderMemory {
  readonly #memories = new Map<string, Memory>();
  readonly #notes = new Map<string, { note: Note; at: Mono }>();
  readonly #absences: Absences;

  constructor(absences: Absences) {
    this.#absences = absences;
  }

  find(id: string): Memory | undefined {
    return this.#memories.get(id);
  }

  forget(id: string): void {
    this.#memories.delete(id);
  }

  /** What the last searches could not read. */
  notes(now: Mono): Note[] {
    return [...this.#notes.values()].flatMap(({ note, at }) => (now - at <= NOTED_FOR_MS ? [note] : []));
  }

  /** Whether the holder has to be looked for before more is said about the lock. */
  isStale(open: OpenCase, now: Mono, uncertain: boolean): boolean {
    const { lock, suspicious, renewal, heartbeat } = open;
    if (heartbeat !== null) return false;
    const known = this.#memories.get(lockId(lock.primary.ref));
    if (known === undefined || known.holder.identity !== holderOf(lock.primary)) return true;
    if (known.suspicious !== suspicious || known.state !== renewal.state) return true;
    if (known.stirred && now - known.at >= COUNT_AGAIN_MS) return true;
    return uncertain && now - known.at >= LOOK_AGAIN_MS;
  }

  /** The locks whose holder's Pod or Node changed since the watch was cleared last. */
  touched(holderWatch: HolderWatch): string[] {
    return [...this.#memories].flatMap(([id, { holder }]) => (holderWatch.touched(holder) ? [id] : []));
  }

  /** Remembers whose candidates may be others since the watch was cleared last. */
  stir(holderWatch: HolderWatch): void {
    for (const memory of this.#memories.values())
      memory.stirred ||= memory.candidates !== null && holderWatch.stirred(memory.candidatesIn);
  }

  /** Those of these Nodes that holders are, or are on. */
  nodesAmong(names: ReadonlySet<string>): string[] {
    if (names.size === 0) return [];
    const own = [...this.#memories.values()].flatMap(({ node }) => node?.name ?? []);
    return [...new Set(own)].filter((name) => names.has(name));
  }

  /**
   * Reads the status of these Nodes, and gives the locks whose holder's Node is not what it was, or could not be read.
   * A small request for each, so a cluster at rest, whose kubelets write every five minutes, costs a three-hundredth of
   * the Nodes with holders a second; where many were written at once, one list of printed rows. Rejects only with
   * `interrupted`.
   */
  async onChangedNodes(cluster: Cluster, names: readonly string[], signal: AbortSignal): Promise<string[]> {
    const statuses = await readNodeStatuses(cluster, names, signal);
    const asked = new Set(names);
    return [...this.#memories].flatMap(([id, { node }]) =>
      node !== null && asked.has(node.name) && statuses.get(node.name) !== node.status ? [id] : [],
    );
  }

  /** Looks for the holders of these locks, and remembers what was found if it is still worth it by then. */
  async search(
    cluster: Cluster,
    clock: Clock,
    cases: readonly OpenCase[],
    signal: AbortSignal,
    isWorthIt: () => boolean,
  ): Promise<void> {
    const lookedAt = clock.mono();
    const means = meansFor(cluster, new Reads(), signal);
    const found = await findHolders(cluster, clock, cases.map(askFor), signal, means);
    if (!isWorthIt()) return;
    const { directory } = means.search;
    const at = clock.mono();
    for (const { lock, suspicious, renewal } of cases) {
      const id = lockId(lock.primary.ref);
      const holder = found.holders.get(id);
      const candidates = found.candidates.get(id) ?? null;
      if (holder === undefined) continue;
      this.#absences.note(id, holder, lookedAt);
      const name = holder.pod?.node ?? holder.node?.name ?? null;
      this.#memories.set(id, {
        ...{ holder, candidates, suspicious, state: renewal.state, at, stirred: false },
        node: name === null ? null : { name, status: directory.nodeNamed(name)?.status ?? null },
        candidatesIn: holder.workload?.namespace ?? holder.pod?.namespace ?? lock.primary.ref.namespace,
      });
    }
    for (const note of found.notes) this.#notes.set(note.text, { note, at });
    for (const [text, noted] of this.#notes) if (at - noted.at > NOTED_FOR_MS) this.#notes.delete(text);
  }
}
