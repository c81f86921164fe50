import type { ClusterObject } from '../core/cluster-object.ts';
import { isLeaderError, LeaderError } from '../core/errors.ts';
import { halvesOf, type LockHalf, lockId } from '../core/lock.ts';
import { isSameBesidesRecord } from '../core/lock-object.ts';
import { changeSince } from '../core/release-change.ts';
import { planRelease, type Refusal, type ReleaseOptions, type ReleasePlan } from '../core/release-plan.ts';
import type { Aftermath, ReleaseResult, StepResult, WriteResult } from '../core/release-result.ts';
import { type ReleaseStep, rebaseStep } from '../core/release-steps.ts';
import { isRenewed } from '../core/renewal.ts';
import type { Mono } from '../core/time.ts';
import { backUp, type SaveBackup } from './back-up.ts';
import { type ExaminedLock, judgeAgain, readWhole, sourceOf } from './examine-lock.ts';
import type { ReadSource } from './first-look.ts';
import type { Clock, Cluster } from './ports.ts';
import { OutcomeWatch } from './watch-outcome.ts';
import { writeStep } from './write-step.ts';

/** How an examined lock would be freed, or why not. Nothing is read or written. */
export function planFor(
  clock: Clock,
  { report, facts, commonCause, look }: ExaminedLock,
  options: Omit<ReleaseOptions, 'commonCause'>,
): ReleasePlan | Refusal {
  const now = look.book.serverTime(clock);
  return planRelease({ report, objects: facts, options: { ...options, commonCause }, now });
}

/** What is told while it goes on, as soon as it is done. */
export type ReleaseEvent =
  | { is: 'backed-up'; step: ReleaseStep; path: string }
  | { is: 'wrote'; step: ReleaseStep; result: WriteResult }
  | { is: 'waiting'; elapsedMs: number; forMs: number };

export interface ReleaseOrder {
  examined: ExaminedLock;
  plan: ReleasePlan;
  save: SaveBackup;
  /** The API server checks the writes and makes none; no backup is needed then. */
  dryRun: boolean;
  /** How long to wait for somebody to take the lock, milliseconds; null not to wait. */
  waitMs: number | null;
}

interface Work extends ReleaseOrder {
  cluster: Cluster;
  clock: Clock;
  signal: AbortSignal;
  tell: (event: ReleaseEvent) => void;
}

/** A step with what it works on. */
interface Target {
  step: ReleaseStep;
  before: LockHalf;
  object: ClusterObject;
  read: ReadSource;
  eyes: OutcomeWatch;
}

function targetOf(step: ReleaseStep, { examined, cluster, clock }: Work): Target {
  const id = lockId(step.ref);
  const before = halvesOf(examined.report.lock).find(({ ref }) => lockId(ref) === id);
  const object = examined.objects.get(id);
  const read = sourceOf(examined.look, step.ref);
  if (before === undefined || object === undefined || read === undefined) {
    throw new LeaderError('refused', `${id} was not read in full, so it is not written to`);
  }
  // The times that it writes are those of the writing, however long the plan was looked at.
  const timely =
    step.action === 'vacate' ? rebaseStep(step, before, examined.look.book.serverTime(clock)) : null;
  const eyes = new OutcomeWatch(cluster, clock, read.source, before);
  return { step: timely ?? step, before, object, read, eyes };
}

/** All objects are kept before the first one is written to. Rejects with `refused` if one cannot be. */
async function backUpAll(targets: readonly Target[], work: Work): Promise<ReleaseResult['backups']> {
  const backups: { step: ReleaseStep; path: string }[] = [];
  for (const { step, object } of targets) {
    const path = await backUp(step.ref, object, work.save, work.clock);
    backups.push({ step, path });
    work.tell({ is: 'backed-up', step, path });
  }
  return backups;
}

/** The lock judged anew after it turned out to have changed. What cannot be read leaves the first judgement standing. */
async function judgedAnew({ step, read }: Target, { examined, cluster, clock }: Work) {
  const unhurried = new AbortController().signal;
  try {
    await readWhole(cluster, clock, examined.look, read, step.ref, unhurried);
    return (await judgeAgain(cluster, clock, examined.look, unhurried)).report;
  } catch (error) {
    if (!isLeaderError(error)) throw error;
    return examined.report;
  }
}

/** A lock that is renewed and released by force changes all the time: so often a renewal may come in between. */
const RENEWALS_BETWEEN = 5;

/** Whether a newer version differs from what was shown and kept in nothing but its record: a deletion takes all of it. */
async function isOnlyRenewed({ object, read, step }: Target, { cluster }: Work): Promise<boolean> {
  const { namespace, name } = step.ref;
  const options = { projection: 'full', consistency: 'quorum' } as const;
  try {
    const stored = await cluster.get(read.source.resource, namespace, name, options);
    return isSameBesidesRecord(object, stored.object);
  } catch (error) {
    if (!isLeaderError(error)) throw error;
    return false;
  }
}

/**
 * The same write on the newer version of the object: only if it was known to be renewed, and by the same holder, when
 * the user decided to release it all the same.
 */
async function rebased(target: Target, now: LockHalf | null, work: Work): Promise<Target | null> {
  const { examined, clock } = work;
  if (now === null || !isRenewed(examined.report.renewal)) return null;
  if (now.uid !== target.step.uid || changeSince(target.step, now).is !== 'renewed') return null;
  const step = rebaseStep(target.step, now, examined.look.book.serverTime(clock));
  if (step === null) return null;
  if (step.action === 'delete' && !(await isOnlyRenewed(target, work))) return null;
  target.eyes.startFrom(now);
  return { ...target, step, before: now };
}

async function write(target: Target, work: Work): Promise<WriteResult> {
  const { cluster, clock, dryRun, signal } = work;
  const pen = { cluster, clock, resource: target.read.source.resource, dryRun, leaving: signal };
  let current = target;
  for (let renewals = 0; ; renewals += 1) {
    const sent = await writeStep(current.step, current.before, current.eyes, pen);
    if (sent.is !== 'conflict') return sent;
    const next = renewals < RENEWALS_BETWEEN ? await rebased(current, sent.now, work) : null;
    if (next === null) {
      const change = changeSince(current.step, sent.now);
      return { is: 'conflict', change, report: await judgedAnew(current, work) };
    }
    current = next;
  }
}

/** One after the other; after a write that did not succeed, nothing more is written. */
async function writeAll(targets: readonly Target[], work: Work): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const target of targets) {
    const result = await write(target, work);
    results.push({ step: target.step, result });
    work.tell({ is: 'wrote', step: target.step, result });
    if (result.is !== 'written') break;
  }
  return results;
}

async function watchWhatFollows(
  { eyes, step }: Target,
  writtenAt: Mono,
  { waitMs, signal, tell }: Work,
): Promise<Aftermath> {
  if (waitMs === null) return { is: 'not-waited' };
  const told = (elapsedMs: number): void => tell({ is: 'waiting', elapsedMs, forMs: waitMs });
  try {
    const outcome = await eyes.outcome({ action: step.action, at: writtenAt }, waitMs, signal, told);
    return signal.aborted && !('by' in outcome) ? { is: 'not-waited' } : outcome;
  } catch (error) {
    if (!isLeaderError(error)) throw error;
    return { is: 'unseen', error };
  }
}

async function freeAndWatch(targets: readonly Target[], work: Work): Promise<ReleaseResult> {
  const [first] = targets;
  const { dryRun, clock, signal } = work;
  if (first === undefined) throw new LeaderError('refused', 'there is nothing to write');
  const backups = dryRun ? [] : await backUpAll(targets, work);
  if (!dryRun) await first.eyes.open();
  try {
    // The last moment at which leaving costs nothing.
    if (signal.aborted) throw new LeaderError('interrupted', 'interrupted before anything was written');
    const writes = await writeAll(targets, work);
    const freed = writes[0]?.result;
    const begun = clock.mono();
    const done = !dryRun && freed?.is === 'written';
    const aftermath = done ? await watchWhatFollows(first, freed.at, work) : null;
    return { backups, writes, aftermath, waitedMs: clock.mono() - begun, interrupted: signal.aborted };
  } finally {
    await first.eyes.close();
  }
}

/**
 * Does what was planned: keeps the objects, frees them one by one under the preconditions of what was shown, and watches
 * until somebody takes the lock. An abort before the first write rejects with `interrupted`; from then on everything
 * that was begun is brought to its end and told. Rejects with `refused` if the objects could not be kept.
 */
export async function carryOutRelease(
  cluster: Cluster,
  clock: Clock,
  order: ReleaseOrder,
  signal: AbortSignal,
  tell: (event: ReleaseEvent) => void = () => {},
): Promise<ReleaseResult> {
  const work: Work = { ...order, cluster, clock, signal, tell };
  return freeAndWatch(
    order.plan.steps.map((step) => targetOf(step, work)),
    work,
  );
}
