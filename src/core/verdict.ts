import type { Presence } from './holder.ts';
import type { RenewalState } from './renewal.ts';

/** How bad it is, worst first. */
export type Severity = 'bad' | 'warn' | 'unknown' | 'note' | 'ok';

interface VerdictEntry {
  severity: Severity;
  /** One sentence: what it means. */
  meaning: string;
}

/** Every verdict, worst first: the order is also the order of the list. One line each. */
export const VERDICTS = {
  Ghost: { severity: 'bad', meaning: 'renewed by a holder that exists nowhere in the cluster' },
  Frozen: { severity: 'bad', meaning: 'the holder is alive, but the lock is not renewed' },
  Split: { severity: 'bad', meaning: 'the two halves of a multilock name different holders' },
  Invalid: {
    severity: 'bad',
    meaning: 'client-go cannot decode the record: its candidates fail on it until it is repaired',
  },
  Orphaned: { severity: 'bad', meaning: 'the holder is gone or unfit, and nobody took the lock over' },
  Leaderless: {
    severity: 'bad',
    meaning: 'free for longer than candidates need, and nobody takes it',
  },
  Failing: { severity: 'warn', meaning: 'renewed, but the holder is not fit to lead' },
  Late: { severity: 'warn', meaning: 'renewed, but so late that the lock is nearly lost' },
  Flapping: { severity: 'warn', meaning: 'the holder changes again and again' },
  Stranger: { severity: 'warn', meaning: 'renewed by a process that nothing in the cluster accounts for' },
  Silent: { severity: 'warn', meaning: 'not renewed, and whether the holder is there cannot be told' },
  Undecided: {
    severity: 'unknown',
    meaning: 'not watched for long enough to tell, and clocks alone do not decide it',
  },
  Yielding: {
    severity: 'note',
    meaning: 'the holder gives way to a better candidate on purpose: a hand-over is in progress',
  },
  Abandoned: { severity: 'note', meaning: 'a leftover: nothing that could take it runs any more' },
  Vacant: { severity: 'note', meaning: 'free, and candidates may take it at any moment' },
  Held: { severity: 'ok', meaning: 'held, in a format that is never renewed by design' },
  Healthy: { severity: 'ok', meaning: 'the holder is there and renews in time' },
} as const satisfies Record<string, VerdictEntry>;

export type VerdictCode = keyof typeof VERDICTS;

/**
 * Cells that need one more fact: with no candidate and no workload left a silent lock is `Abandoned`, a vacant one
 * that stays so is `Leaderless`; a holder that vanished while we watched, and was not seen to renew since, is
 * `Undecided`; `impossible` cannot happen (nobody cannot renew) and is judged `Undecided`.
 */
type Cell =
  | VerdictCode
  | 'ghost-or-vanished'
  | 'stranger-or-vanished'
  | 'orphaned-or-abandoned'
  | 'vacant-or-leaderless'
  | 'impossible';

/** Renewal x presence. The compiler checks that no cell is missing. */
export const MATRIX = {
  renewing: {
    alive: 'Healthy',
    failing: 'Failing',
    gone: 'ghost-or-vanished',
    unmatched: 'stranger-or-vanished',
    unknown: 'Healthy',
    nobody: 'impossible',
  },
  late: {
    alive: 'Late',
    failing: 'Failing',
    gone: 'ghost-or-vanished',
    unmatched: 'stranger-or-vanished',
    unknown: 'Late',
    nobody: 'impossible',
  },
  silent: {
    alive: 'Frozen',
    failing: 'Orphaned',
    gone: 'orphaned-or-abandoned',
    unmatched: 'orphaned-or-abandoned',
    unknown: 'Silent',
    nobody: 'vacant-or-leaderless',
  },
  perpetual: {
    alive: 'Held',
    failing: 'Orphaned',
    gone: 'Orphaned',
    unmatched: 'Held',
    unknown: 'Held',
    nobody: 'Vacant',
  },
  undecided: {
    alive: 'Undecided',
    failing: 'Undecided',
    gone: 'Undecided',
    unmatched: 'Undecided',
    unknown: 'Undecided',
    nobody: 'Vacant',
  },
} as const satisfies Record<RenewalState, Record<Presence, Cell>>;
