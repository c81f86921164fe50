/** Whether what was found is fit to lead: `alive` or `failing`, with every reason. */

import type { Evidence } from './evidence.ts';
import type { NodeFacts, PodFacts, SearchScope } from './holder.ts';
import type { Directory } from './holder-directory.ts';
import { printable } from './text.ts';
import { formatSecondTime, type Instant } from './time.ts';

/** What the lock's record says about its holder's time. */
export interface Tenure {
  /** The last renewal as far as is known, on somebody's wall clock; null when nothing says. */
  lastRenewal: Instant | null;
  acquireTime: Instant | null;
  /** The lock is being renewed, by watching or by the clock. */
  renewing: boolean;
}

export interface Fitness {
  presence: 'alive' | 'failing';
  /** The FOUND column: `Running on m1`, `Running on m1 (node gone)`. */
  found: string;
  evidence: Evidence[];
  /** It began after the last renewal: the holder's process is not in it. */
  reborn: boolean;
}

/** A reason against a holder: `mark` for the FOUND column, unless the status there says it already. */
interface Fault {
  mark: string | null;
  text: string;
  reborn?: true;
}

function nodeFaults(pod: PodFacts, directory: Directory, scope: SearchScope): Fault[] {
  if (pod.node === null || scope.nodes !== 'everywhere') return [];
  const node = directory.nodeNamed(pod.node);
  const name = printable(pod.node);
  if (node === null)
    return [{ mark: 'node gone', text: `it is on node ${name}, which does not exist any more` }];
  if (node.ready === true) return [];
  return [
    {
      mark: `node ${printable(node.status)}`,
      text: `it is on node ${name}, which is ${printable(node.status)}`,
    },
  ];
}

/** The moment that something created later cannot have lived through as the holder. */
function lastSignOf({ lastRenewal, acquireTime }: Tenure): Instant | null {
  if (lastRenewal === null) return acquireTime;
  return acquireTime === null ? lastRenewal : Math.max(lastRenewal, acquireTime);
}

/**
 * The holder's process cannot be in what began after the last renewal. A lock that is renewed was renewed since, and
 * its record's times may come from a clock that is wrong: then this says nothing.
 */
function incarnationFaults(
  what: { createdAt: Instant | null; containersStartedAt: readonly Instant[] },
  tenure: Tenure,
): Fault[] {
  const lastSign = lastSignOf(tenure);
  if (tenure.renewing || lastSign === null) return [];
  const { createdAt } = what;
  if (createdAt !== null && createdAt > lastSign) {
    const text = `it was created ${formatSecondTime(createdAt)}, after the last renewal: the holder was an earlier one of that name`;
    return [{ mark: 'a newer one', text, reborn: true }];
  }
  const lastStart = what.containersStartedAt.reduce<Instant | null>(
    (last, at) => Math.max(last ?? at, at),
    null,
  );
  if (lastStart === null || lastStart <= lastSign) return [];
  const which = what.containersStartedAt.length === 1 ? 'its container' : 'one of its containers';
  const ended = what.containersStartedAt.every((at) => at > lastSign)
    ? 'the process that held the lock has ended'
    : 'if the process that held the lock ran in that one, it has ended';
  const text = `${which} started ${formatSecondTime(lastStart)}, after the last renewal: ${ended}`;
  return [{ mark: 'restarted since', text, reborn: true }];
}

function conclude(status: string, faults: readonly Fault[], good: string, from: string): Fitness {
  const mark = faults.find((fault) => fault.mark !== null)?.mark ?? null;
  const texts = faults.length === 0 ? [good] : faults.map(({ text }) => text);
  return {
    presence: faults.length === 0 ? 'alive' : 'failing',
    found: mark === null ? status : `${status} (${mark})`,
    evidence: texts.map((text) => ({ text, grade: 'read', from })),
    reborn: faults.some((fault) => fault.reborn === true),
  };
}

/** Judges a Pod. What is not known of it (a printed row says little) counts neither for nor against it. */
export function judgePod(pod: PodFacts, directory: Directory, scope: SearchScope, tenure: Tenure): Fitness {
  const status = printable(pod.status);
  const faults = nodeFaults(pod, directory, scope);
  // A static Pod's object is a mirror: it is made anew while the process lives on.
  const createdAt = pod.owner?.kind === 'Node' ? null : pod.createdAt;
  faults.push(...incarnationFaults({ ...pod, createdAt }, tenure));
  if (pod.status !== 'Running') faults.push({ mark: null, text: `it is ${status}` });
  else if (pod.ready === false) faults.push({ mark: 'not ready', text: 'it is running, but not ready' });
  const where = pod.node === null ? '' : ` on ${printable(pod.node)}`;
  const good = `it is running${pod.ready === true ? ' and ready' : ''}${where}`;
  const from = `pod ${printable(pod.namespace)}/${printable(pod.name)}`;
  return conclude(`${status}${where}`, faults, good, from);
}

export function judgeNode(node: NodeFacts, tenure: Tenure): Fitness {
  const status = printable(node.status);
  const faults = incarnationFaults({ createdAt: node.createdAt, containersStartedAt: [] }, tenure);
  if (node.ready !== true) faults.push({ mark: null, text: `the node is ${status}` });
  const good = `the node is ${status}; whether the process on it runs cannot be seen from here`;
  return conclude(status, faults, good, `node ${printable(node.name)}`);
}
