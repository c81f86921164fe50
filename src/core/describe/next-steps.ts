import { type AdviceFacts, stepsFor } from '../advice.ts';
import type { LockRef } from '../lock.ts';
import { commandLine, leaderCommand, type NextStep, run, say } from '../next-step.ts';
import type { VerdictCode } from '../verdict.ts';
import type { CaseFile, GhostTrail } from './case-file.ts';

/** More than this nobody follows at night. */
const MOST_STEPS = 5;

function ghostSteps({ places, tokens }: GhostTrail): NextStep[] {
  const [place] = places;
  const [token] = tokens ?? [];
  const likely = place?.likely === true ? 'it ran there' : 'perhaps it runs there';
  return [
    ...(place === undefined
      ? []
      : [say(`Or stop its container, or the machine, on ${place.node}: ${likely}`)]),
    ...(token === undefined
      ? []
      : [
          run(
            `Or take away its token; other pods that use this Secret lose it too`,
            commandLine('kubectl', '-n', token.namespace, 'delete', 'secret', token.secret),
          ),
        ]),
  ];
}

function probeSteps({ probe }: Pick<CaseFile, 'probe'>, ref: LockRef): NextStep[] {
  if (!probe.some(({ outcome }) => outcome === 'conflict')) return [];
  return [
    run(
      'The API server answers even an unchanged write with 409: delete the object, which makes it forget its stale view (a backup is kept)',
      leaderCommand('release', ref, '--strategy', 'delete'),
    ),
  ];
}

function isRelease({ command }: NextStep, ref: LockRef): boolean {
  return command?.startsWith(leaderCommand('release', ref)) === true;
}

/** Points to what the reader is looking at already, or to what was found out since. */
function isAnswered(step: NextStep, ref: LockRef, probed: boolean, conflict: boolean): boolean {
  const { command } = step;
  if (command === null) return false;
  if (command === leaderCommand('describe', ref)) return true;
  if (probed && command.includes('--probe')) return true;
  return conflict && isRelease(step, ref);
}

/**
 * At most five things to do next, the most important first: what must not be done, what was found to stand in the way,
 * then what the verdict calls for.
 */
export function nextSteps(
  verdict: VerdictCode,
  facts: AdviceFacts,
  found: Pick<CaseFile, 'findings' | 'probe' | 'ghost'>,
): NextStep[] {
  const { ref } = facts.lock.primary;
  const base = stepsFor(verdict, facts);
  const [first, ...others] = base;
  const warning = first !== undefined && /^Do not\b/.test(first.text) ? [first] : [];
  const conflict = probeSteps(found, ref);
  const rest = (warning.length > 0 ? others : base).filter(
    (step) => !isAnswered(step, ref, found.probe.length > 0, conflict.length > 0),
  );
  const serious = found.findings.flatMap(({ serious: isSerious, step }) =>
    isSerious && step !== null ? [step] : [],
  );
  const ghost = found.ghost === null ? [] : ghostSteps(found.ghost);
  // Freeing the lock stays last: it is of use only when one of the others has worked.
  const isLast = (step: NextStep): boolean => ghost.length > 0 && isRelease(step, ref);
  const final = rest
    .filter(isLast)
    .map(({ command }) => ({ text: 'Once it no longer renews, free the lock', command }));
  const middle = rest.filter((step) => !isLast(step));
  const all = [...warning, ...serious, ...conflict, ...middle, ...ghost, ...final];
  return [...new Map(all.map((step) => [step.command ?? step.text, step])).values()].slice(0, MOST_STEPS);
}
