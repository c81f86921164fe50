import type { DeposeOutcome } from './depose-outcome.ts';
import type { DeposePlan } from './depose-plan.ts';
import type { DeposeEnding, DeposeEvent, DeposeResult, StillOurs } from './depose-result.ts';
import { describeStanding } from './depose-standing.ts';
import type { LeaderError } from './errors.ts';
import type { Holder } from './holder.ts';
import { type LockRef, lockLabel } from './lock.ts';
import { seeIn } from './next-step.ts';
import { type OutcomeWords, startACandidate } from './release-outcome.ts';
import { holderName } from './release-rules.ts';
import type { LockReport } from './report.ts';
import { printable } from './text.ts';
import { formatSecondTime, type Instant, proseDuration } from './time.ts';

function labelOf(ref: LockRef): string {
  return printable(lockLabel(ref));
}

/** `16:45:12Z`, in UTC as the record's own times. */
export function timeOfDay(at: Instant): string {
  return formatSecondTime(at).slice(11);
}

/** What goes on, in words. */
export const DEPOSE_DOING = {
  holding: 'holding it until the old leader must have stopped',
  takeover: 'waiting for somebody to take it',
  confirmation: 'watching whether the old leader comes back',
} as const;

/** What happened, in words; null for what is not worth a line to a person. */
export function describeHappening(event: DeposeEvent, holder: string): string | null {
  switch (event.is) {
    case 'backed-up':
      return `${labelOf(event.ref)} saved to ${printable(event.path)}`;
    case 'taken':
      return `${labelOf(event.ref)} taken${event.tries > 1 ? ` after ${event.tries} tries: its holder renewed underneath` : ''}`;
    case 'holding':
      return `Held and renewed: ${printable(holder)} must have stopped by ${timeOfDay(event.until)}`;
    case 'renewed':
      return null;
    case 'not-renewed':
      return `${labelOf(event.ref)} could not be renewed, it is tried again: ${printable(event.error.message)}`;
    case 'told':
      return `Event: ${printable(event.identity)} ${event.what}`;
    case 'freed':
      return `${labelOf(event.ref)} freed`;
    case 'not-freed':
      return `${labelOf(event.ref)} was not seen to be freed, and runs out by itself if it is not: ${printable(event.error.message)}`;
    case 'holder-changed': {
      const after = `${proseDuration(event.afterMs)} after it was freed`;
      return event.by === null ? `Free again, ${after}` : `Taken over by ${printable(event.by)}, ${after}`;
    }
  }
}

/** What is left to do about one who comes back, by what is known of it. */
function remedyFor({ holder, lock }: LockReport): string {
  const { ref } = lock.primary;
  switch (holder.presence) {
    case 'gone':
    case 'unmatched':
      return seeIn(
        ref,
        'What remains is to take its credentials away, or to stop its machine. See how it authenticates and where it may run',
      );
    default:
      return holder.pod === null
        ? seeIn(ref, 'What remains is to stop its process where it runs')
        : `What remains is to delete its Pod ${printable(`${holder.pod.namespace}/${holder.pod.name}`)}`;
  }
}

/** What it means who the new holder is. */
function successorWords(
  { by, holder, restarted, confirmed }: Extract<DeposeOutcome, { is: 'taken-over' }>,
  report: LockReport,
  durationMs: number,
): Pick<OutcomeWords, 'asHoped' | 'hint'> & { who: string } {
  const found = (one: Holder): string => (one.found === '' ? '' : `, ${printable(one.found)}`);
  const again = restarted ? ', where the old holder was: its process was started again' : '';
  const stays = confirmed
    ? `Watched for ${proseDuration(durationMs)} more: the old holder did not come back`
    : 'Whether it stays so was not watched for one more duration';
  switch (holder?.presence) {
    case undefined:
    case 'unknown':
    case 'nobody':
      return {
        who: again,
        asHoped: true,
        hint: confirmed ? 'Whether that holder exists could not be looked for' : stays,
      };
    case 'alive':
      return { who: `${holder === null ? '' : found(holder)}${again}`, asHoped: true, hint: stays };
    case 'failing':
      return {
        who: `${holder === null ? '' : found(holder)}${again}`,
        asHoped: false,
        hint: seeIn(report.lock.primary.ref, 'The new holder is not fit to lead: see why'),
      };
    default:
      return {
        who: `, which exists nowhere in the cluster${again}`,
        asHoped: false,
        hint: restarted
          ? remedyFor(report)
          : seeIn(
              report.lock.primary.ref,
              `Nothing in the cluster accounts for ${printable(by)}: see who writes it`,
            ),
      };
  }
}

/** What became of it after it was freed. `report` is what was known of the lock before. */
function outcomeWords(
  outcome: DeposeOutcome,
  report: LockReport,
  waitedMs: number,
  durationMs: number,
): OutcomeWords {
  const who = holderName(report.holder);
  switch (outcome.is) {
    case 'taken-over': {
      const { asHoped, hint, who: what } = successorWords(outcome, report, durationMs);
      const text = `Taken over by ${printable(outcome.by)} after ${proseDuration(outcome.afterMs)}${what}`;
      return { text, asHoped, hint };
    }
    case 'came-back': {
      const text = `The old holder ${who} came back ${proseDuration(outcome.afterMs)} after the lock was freed: its process does not exit when it loses the lock, or it is started again under the same name`;
      return { text, asHoped: false, hint: remedyFor(report) };
    }
    case 'still-vacant': {
      const text = `${who} stepped down, but nobody took the lock within ${proseDuration(waitedMs)}`;
      return { text, asHoped: false, hint: startACandidate(report) };
    }
    case 'vanished': {
      const text = `${who} stepped down, but somebody deleted the lock, and nobody created it again`;
      return { text, asHoped: false, hint: startACandidate(report) };
    }
    case 'not-freed':
      return {
        text: `It was freed, and somebody else broke it: ${printable(outcome.why)}`,
        asHoped: false,
        hint: seeIn(report.lock.primary.ref, 'Look at it once more'),
      };
    case 'not-waited':
      return { text: 'Freed; who takes it was not waited for', asHoped: true, hint: null };
    case 'unseen':
      return {
        text: `Freed; what became of it could not be seen: ${printable(outcome.why)}`,
        asHoped: false,
        hint: seeIn(report.lock.primary.ref, 'See who holds it'),
      };
  }
}

/** Halves that are ours still, though it goes no further. */
function leftTaken(stillOurs: readonly StillOurs[]): string {
  if (stillOurs.length === 0) return '';
  const longest = Math.max(...stillOurs.map(({ runsOutInMs }) => runsOutInMs));
  return `. ${stillOurs.map(({ ref }) => labelOf(ref)).join(', ')} is held by this command and runs out by itself within ${proseDuration(longest)}`;
}

/** Halves that were ours when it was given up, as far as they are free now. */
function givenBack(taken: readonly LockRef[], stillOurs: readonly StillOurs[]): string {
  const free = taken.map(labelOf).filter((label) => !stillOurs.some(({ ref }) => labelOf(ref) === label));
  return free.length === 0 ? '' : `. ${free.join(', ')} is not held by this command any more`;
}

function conflictHint(ref: LockRef): string {
  return seeIn(
    ref,
    'Every write was answered 409 Conflict. If its holder meets the same the lock is frozen, and only release helps',
  );
}

/** What came instead of an answer that tells. A 409 may answer the second of two writes that something made of one. */
function whyUnknown({ code, message }: LeaderError): string {
  return code === 'conflict'
    ? `it was answered 409 Conflict, and what is stored could not be read: ${printable(message)}`
    : `no answer came: ${printable(message)}`;
}

/** Whether the words for an ending say how long its half still keeps candidates out. */
function tellsOfIt(ending: DeposeEnding): ending is Extract<DeposeEnding, { ref: LockRef }> {
  return 'runsOutInMs' in ending || ending.is === 'freeing-unknown';
}

/** The ending in words. `report` is what was known of the lock before. */
export function describeEnding(result: DeposeResult, plan: DeposePlan, report: LockReport): OutcomeWords {
  const { ending, stillOurs } = result;
  const words = endingWords(result, plan, report);
  // What the ending is about is told by it.
  const others = stillOurs.filter(({ ref }) => !(tellsOfIt(ending) && labelOf(ref) === labelOf(ending.ref)));
  const taken = 'taken' in ending ? ending.taken : [];
  return { ...words, text: `${words.text}${givenBack(taken, stillOurs)}${leftTaken(others)}` };
}

function endingWords(
  { ending, stillOurs, waitedMs }: DeposeResult,
  plan: DeposePlan,
  report: LockReport,
): OutcomeWords {
  const { durationMs } = plan.term;
  const look = seeIn(report.lock.primary.ref, 'See how it stands');
  switch (ending.is) {
    case 'checked':
      return { text: 'The API server would let it be taken (server dry run)', asHoped: true, hint: null };
    case 'changed': {
      const meanwhile = describeStanding(ending.standing, ending.ref);
      return { text: `Not taken, it has changed meanwhile: ${meanwhile}`, asHoped: false, hint: look };
    }
    case 'not-taken': {
      const { error, ref } = ending;
      const text = `${labelOf(ref)} was not taken: ${printable(error.message)}`;
      return { text, asHoped: false, hint: error.code === 'conflict' ? conflictHint(ref) : error.hint };
    }
    case 'unknown': {
      const read = ending.now === null ? '' : `; ${printable(ending.now.holder ?? 'nobody')} holds it now`;
      const text = `Whether ${labelOf(ending.ref)} was taken is not known, ${whyUnknown(ending.error)}${read}. If it was, or still is, it runs out by itself within ${proseDuration(durationMs)}`;
      return { text, asHoped: false, hint: look };
    }
    case 'freeing-unknown': {
      const { now, ref, error } = ending;
      const read =
        now === null ? 'nothing could be read since' : `${printable(now.holder ?? 'nobody')} holds it`;
      const text = `Whether ${labelOf(ref)} was freed by this command is not known, ${whyUnknown(error)}; ${read}`;
      const left = stillOurs.find((one) => labelOf(one.ref) === labelOf(ref))?.runsOutInMs ?? null;
      const rest =
        left === null ? '' : `. If it was not, it runs out by itself within ${proseDuration(left)}`;
      return { text: `${text}${rest}`, asHoped: false, hint: look };
    }
    case 'lost':
      return {
        text: `Stopped, nothing more is written: while it was held, ${describeStanding(ending.standing, ending.ref)}`,
        asHoped: false,
        hint: look,
      };
    case 'cut-off':
    case 'not-freed': {
      const what = ending.is === 'cut-off' ? 'renewed' : 'freed';
      const left = proseDuration(ending.runsOutInMs);
      const text = `${labelOf(ending.ref)} could not be ${what} any more: ${printable(ending.error.message)}. It runs out by itself within ${left}, and a candidate takes it then`;
      return { text, asHoped: false, hint: look };
    }
    case 'freed':
      return outcomeWords(ending.outcome, report, waitedMs, durationMs);
  }
}

/** What an interruption means for the one who led; null where it has had its time to stop. */
export function describeInterruption(
  { heldMs }: DeposeResult,
  { term }: DeposePlan,
  report: LockReport,
): string | null {
  if (heldMs === null || heldMs >= term.holdMs) return null;
  const left = proseDuration(term.holdMs - heldMs);
  return `Interrupted after ${proseDuration(heldMs)} of ${proseDuration(term.holdMs)}: ${holderName(report.holder)} may not have stopped yet, so two may lead for up to ${left}`;
}

/** What a program's exit code is drawn from. */
export type DeposeVerdict = 'as-hoped' | 'not-as-hoped' | 'unchanged' | 'failed';

/** `unchanged`: nothing was written, because the lock was not what was shown. */
export function deposeVerdictOf(result: DeposeResult, plan: DeposePlan, report: LockReport): DeposeVerdict {
  const { ending } = result;
  if (ending.is === 'unknown') return 'failed';
  if ((ending.is === 'changed' || ending.is === 'not-taken') && ending.taken.length === 0) {
    return ending.is === 'changed' ? 'unchanged' : 'failed';
  }
  return describeEnding(result, plan, report).asHoped ? 'as-hoped' : 'not-as-hoped';
}
