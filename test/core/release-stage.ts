import { decodeObject } from '../../src/core/formats/index.ts';
import type { Presence } from '../../src/core/holder.ts';
import type { Lock, LockHalf, LockKind } from '../../src/core/lock.ts';
import { lockId } from '../../src/core/lock.ts';
import type { LockObjectFacts } from '../../src/core/lock-object.ts';
import { planRelease, type ReleaseInput, type ReleaseOptions } from '../../src/core/release-plan.ts';
import type { RenewalState } from '../../src/core/renewal.ts';
import type { LockReport } from '../../src/core/report.ts';
import type { VerdictCode } from '../../src/core/verdict.ts';
import { configMapLock, endpointsLock, lease } from '../support/objects.ts';
import { holder, lock, renewal, SERVER_START } from './cases.ts';

/** A verdict, and what it is made of. */
interface Situation {
  renewal: RenewalState;
  presence: Presence;
  candidates: number | null;
}

export const SITUATIONS: Record<VerdictCode, Situation> = {
  Ghost: { renewal: 'renewing', presence: 'gone', candidates: null },
  Frozen: { renewal: 'silent', presence: 'alive', candidates: 1 },
  Split: { renewal: 'renewing', presence: 'alive', candidates: null },
  Invalid: { renewal: 'undecided', presence: 'nobody', candidates: 2 },
  Orphaned: { renewal: 'silent', presence: 'gone', candidates: 2 },
  Leaderless: { renewal: 'silent', presence: 'nobody', candidates: 0 },
  Failing: { renewal: 'renewing', presence: 'failing', candidates: null },
  Late: { renewal: 'late', presence: 'alive', candidates: null },
  Flapping: { renewal: 'renewing', presence: 'alive', candidates: null },
  Stranger: { renewal: 'renewing', presence: 'unmatched', candidates: null },
  Silent: { renewal: 'silent', presence: 'unknown', candidates: null },
  Undecided: { renewal: 'undecided', presence: 'alive', candidates: null },
  Yielding: { renewal: 'silent', presence: 'alive', candidates: 1 },
  Abandoned: { renewal: 'silent', presence: 'gone', candidates: 0 },
  Vacant: { renewal: 'undecided', presence: 'nobody', candidates: null },
  Held: { renewal: 'perpetual', presence: 'alive', candidates: null },
  Healthy: { renewal: 'renewing', presence: 'alive', candidates: null },
};

const HOLDER = 'worker-1_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11';

function written(kind: LockKind, verdict: VerdictCode): LockHalf {
  const name = {
    name: 'worker',
    namespace: 'apps',
    metadata: { uid: `uid-${kind}`, resourceVersion: '100' },
  };
  const claim = { ...name, holder: SITUATIONS[verdict].presence === 'nobody' ? '' : HOLDER, transitions: 7 };
  const make = { lease, endpoints: endpointsLock, configmap: configMapLock }[kind];
  const object = make(claim);
  if (verdict === 'Invalid') {
    if (kind === 'lease') object.spec = { holderIdentity: 5 };
    else object.metadata.annotations = { 'control-plane.alpha.kubernetes.io/leader': 'broken' };
  }
  if (verdict === 'Held')
    object.spec = { holderIdentity: HOLDER, acquireTime: '2026-01-01T00:00:00.000000Z' };
  const decoded = decodeObject(object, kind);
  if (decoded.is !== 'lock') throw new Error(`${kind} is no lock`);
  return decoded.half;
}

export type Shape = 'lease' | 'endpoints' | 'configmap' | 'multilock' | 'leftover';

export function lockOf(shape: Shape, verdict: VerdictCode): Lock {
  if (shape === 'multilock') {
    const pairing = verdict === 'Split' ? 'split' : 'multilock';
    return lock(written('endpoints', verdict), { secondary: written('lease', verdict), pairing });
  }
  if (shape === 'leftover') {
    return lock(written('lease', verdict), {
      secondary: written('endpoints', 'Healthy'),
      pairing: 'leftover-half',
    });
  }
  return lock(written(shape, verdict));
}

export function reportOf(
  verdict: VerdictCode,
  shape: Shape = 'lease',
  more: Partial<LockReport> = {},
): LockReport {
  const situation = SITUATIONS[verdict];
  return {
    lock: lockOf(shape, verdict),
    holder: holder(situation.presence, situation.presence === 'nobody' ? { identity: null } : {}),
    renewal: renewal(situation.renewal),
    verdict,
    grade: 'watched',
    unproven: false,
    evidence: [],
    advice: [],
    candidates: situation.candidates,
    heartbeat: null,
    ...more,
  };
}

/** An object that is a lock and nothing else. */
export const PURE: LockObjectFacts = {
  hasSubsets: false,
  service: false,
  hasData: false,
  foreign: [],
  finalizers: [],
};

export function objectsOf(
  { lock: { primary, secondary } }: LockReport,
  facts: Partial<LockObjectFacts> = {},
) {
  const halves = [primary, ...(secondary === null ? [] : [secondary])];
  return new Map(halves.map(({ ref }) => [lockId(ref), { ...PURE, ...facts }]));
}

export function plan(
  report: LockReport,
  options: Partial<ReleaseOptions> = {},
  objects: ReleaseInput['objects'] = objectsOf(report),
) {
  const asked: ReleaseOptions = { strategy: null, force: false, commonCause: false, ...options };
  return planRelease({ report, objects, options: asked, now: SERVER_START });
}

/** A plan as one line: `vacate endpoints, vacate lease`, or `refused: CODE`, with `!` where no force overrides it. */
export function outline(planned: ReturnType<typeof planRelease>): string {
  if (planned.is === 'refusal') return `refused: ${planned.code}${planned.forceable ? '' : '!'}`;
  return planned.steps.map(({ action, ref }) => `${action} ${ref.kind}`).join(', ');
}
