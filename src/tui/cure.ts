import type { LiveLock } from '../app/live-judge.ts';
import type { WatchProgress } from '../app/watch-lock.ts';
import type { DeposePlan } from '../core/depose-plan.ts';
import type { DeposeVerdict } from '../core/depose-words.ts';
import type { LeaderError } from '../core/errors.ts';
import type { Note } from '../core/evidence.ts';
import type { LockRef } from '../core/lock.ts';
import type { ReleasePlan } from '../core/release-plan.ts';
import type { ReleaseStrategy } from '../core/release-rules.ts';
import type { Ending } from '../core/release-words.ts';
import type { LockReport } from '../core/report.ts';
import type { Refused } from '../output/release-text.ts';

/** What is done about a lock. */
export type CureVerb = 'release' | 'depose';

/** What would be done, and what it rests on. */
export type Proposal =
  /** `deletion`: the plan that deletes it instead, where updates may not get through. */
  | { verb: 'release'; report: LockReport; plan: ReleasePlan; deletion: ReleasePlan | null }
  | { verb: 'depose'; report: LockReport; plan: DeposePlan };

/** A sentence, and what to do now; printable. `bad` for what is not as it should be. */
export interface Saying {
  text: string;
  hint: string | null;
  bad: boolean;
}

export interface Asking {
  is: 'asking';
  proposal: Proposal;
  notes: readonly Note[];
  /** The lock as the list knew it when it was asked about; null if it did not. */
  shown: LiveLock | null;
  typed: string;
  /** Something was confirmed that is not the lock's name. */
  wrong: boolean;
}

/** What is left to do: something, or only to watch who takes the freed lock, or whether the old holder comes back. */
export type Left = 'work' | 'takeover' | 'return';

export interface Working {
  is: 'working';
  sayings: readonly Saying[];
  /** What goes on just now, and how far it is. */
  doing: string | null;
  left: Left;
  /** From here on there is no leaving it undone. */
  written: boolean;
  /** The user asked to leave before anything was written. */
  leaving: boolean;
}

export type CureStage =
  | { is: 'examining'; progress: WatchProgress | null }
  | { is: 'refused'; report: LockReport; refused: Refused; notes: readonly Note[] }
  | Asking
  | Working
  /** Nothing was written, and it can be begun again. */
  | { is: 'halted'; saying: Saying }
  /** `deletable`: no update got through and nothing was written, but deleting it may help. */
  | { is: 'ended'; sayings: readonly Saying[]; deletable: boolean };

/** The release or the deposition of one lock, from its examination to its outcome. */
export interface Cure {
  verb: CureVerb;
  ref: LockRef;
  /** How it is to be released, as the user asked for; null where that is left to the rules. */
  strategy: ReleaseStrategy | null;
  /** Tells it from those that were begun before: of them nothing is heard any more. */
  session: number;
  stage: CureStage;
}

/** How what was done about a lock came out: as the command's exit code tells it. `unconfirmed`: nothing was written. */
export interface CureEnding {
  is: Ending | DeposeVerdict | 'unconfirmed';
  /** A line that says so, where it was not told yet; null where it was. Printable. */
  said: string | null;
}

/** What is heard of a cure. */
export type CureNews =
  | { is: 'watching'; progress: WatchProgress }
  | { is: 'refused'; report: LockReport; refused: Refused; notes: readonly Note[] }
  | { is: 'proposed'; proposal: Proposal; notes: readonly Note[] }
  /** `written`: from here on there is no leaving it undone. */
  | { is: 'said'; saying: Saying; written: boolean }
  | { is: 'doing'; text: string; left: Left }
  | { is: 'ended'; sayings: readonly Saying[]; deletable: boolean; ending: Ending | DeposeVerdict }
  /** It could not be examined, or not be begun: nothing was written. */
  | { is: 'failed'; error: LeaderError };

/** The same release by deletion; null where that is not offered, or planned already. */
export function deletionOf(proposal: Proposal): Proposal | null {
  if (proposal.verb === 'depose' || proposal.deletion === null) return null;
  return { ...proposal, plan: proposal.deletion, deletion: null };
}

/** What the lock's name, typed, sets going. */
export function toDoOf({ verb, plan }: Proposal): string {
  if (verb === 'depose') return 'depose its holder';
  return plan.strategy === 'delete' ? 'delete it' : 'release it';
}
