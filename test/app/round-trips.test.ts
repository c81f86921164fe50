import { describe, expect, it } from 'vitest';
import { survey } from '../../src/app/survey.ts';
import type { Snapshot } from '../../src/core/report.ts';
import { CSI_NODES, DEPLOYMENTS, EVENTS, PODS } from '../../src/core/resources.ts';
import { deployment, event, lease, node, pod, replicaSet } from '../support/objects.ts';
import { EVERYWHERE, Stage, UUID } from './stage.ts';

/*
 * How many requests one look takes, and how many of them wait for each other: each takes one round trip here, so that time
 * counts them. TCP and TLS come first on a real connection, and a list by quorum has a round trip a page.
 */

const ROUND_TRIP_MS = 100;
const HOUR = 3_600_000;

interface Plan {
  locks: number;
  /** As many locks are in each. */
  namespaces: number;
  /** How many of the locks, evenly spread, are held by Pods that are gone. */
  dead: number;
}

/** As ReplicaSets end the names of their Pods. */
function suffix(index: number): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  return [4, 3, 2, 1, 0].map((place) => letters[Math.floor(index / 27 ** place) % 27]).join('');
}

function spaceOf(index: number, { namespaces, locks }: Plan): string {
  return `ns-${Math.floor((index * namespaces) / locks)}`;
}

function podName(index: number): string {
  return `op-7d9f6c5b4-${suffix(index)}`;
}

function populated(plan: Plan): Stage {
  const { locks, dead } = plan;
  const stage = new Stage();
  for (let index = 2; index <= 20; index += 1) stage.cluster.create(node({ name: `node-${index}` }));
  const now = stage.clock.now();
  for (let index = 0; index < locks; index += 1) {
    const isDead = dead > 0 && (index + 1) % Math.floor(locks / dead) === 0;
    const namespace = spaceOf(index, plan);
    const name = podName(index);
    if (!isDead) stage.cluster.create(pod({ namespace, name, node: `node-${1 + (index % 20)}` }));
    const at = isDead ? now - HOUR : now;
    const times = { renewTime: at, acquireTime: at };
    stage.cluster.create(lease({ namespace, name: `lock-${index}`, holder: `${name}_${UUID}`, ...times }));
  }
  return stage;
}

interface Cost {
  requests: number;
  roundTrips: number;
  verdicts: Record<string, number>;
}

async function look(stage: Stage): Promise<Cost & { snapshot: Snapshot }> {
  const { cluster, clock } = stage;
  cluster.requests.length = 0;
  cluster.latencyMs = ROUND_TRIP_MS;
  const begun = clock.mono();
  const seen = survey(cluster, clock, EVERYWHERE, stage.signal.signal);
  const snapshot = await clock.runUntil(seen, { stepMs: ROUND_TRIP_MS });
  const roundTrips = (clock.mono() - begun) / ROUND_TRIP_MS;
  cluster.latencyMs = 0;
  const verdicts: Record<string, number> = {};
  for (const { verdict } of snapshot.reports) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  return { requests: cluster.requests.length, roundTrips, verdicts, snapshot };
}

describe('requests, and how many of them wait for each other', () => {
  it.each([
    { locks: 10, namespaces: 3, dead: 0, most: { requests: 14, roundTrips: 3 } },
    { locks: 10, namespaces: 3, dead: 1, most: { requests: 30, roundTrips: 7 } },
    { locks: 50, namespaces: 5, dead: 0, most: { requests: 9, roundTrips: 2 } },
    { locks: 300, namespaces: 11, dead: 0, most: { requests: 15, roundTrips: 3 } },
    { locks: 300, namespaces: 15, dead: 0, most: { requests: 6, roundTrips: 2 } },
    { locks: 300, namespaces: 7, dead: 5, most: { requests: 45, roundTrips: 9 } },
    { locks: 300, namespaces: 15, dead: 5, most: { requests: 35, roundTrips: 7 } },
    { locks: 2_000, namespaces: 50, dead: 0, most: { requests: 6, roundTrips: 2 } },
    { locks: 2_000, namespaces: 50, dead: 40, most: { requests: 59, roundTrips: 11 } },
  ])('are few: $locks locks in $namespaces namespaces, $dead of them dead', async ({ most, ...plan }) => {
    const { requests, roundTrips, verdicts } = await look(populated(plan));
    const { locks, dead } = plan;
    expect(verdicts).toEqual({ Healthy: locks - dead, ...(dead > 0 && { Abandoned: dead }) });
    expect({ requests, roundTrips }).toEqual({
      requests: expect.toSatisfy((count: number) => count <= most.requests, `at most ${most.requests}`),
      roundTrips: expect.toSatisfy((count: number) => count <= most.roundTrips, `at most ${most.roundTrips}`),
    });
  });
});

describe('many namespaces, read at once', () => {
  const MANY: Plan = { locks: 60, namespaces: 30, dead: 0 };

  function podRequests({ cluster }: Stage): (string | null)[] {
    return cluster.requests.filter(({ resource }) => resource === 'pods').map(({ namespace }) => namespace);
  }

  it('reads by itself what cannot be told apart, and only that', async () => {
    const stage = populated(MANY);
    // A StatefulSet's name, in a namespace with locks and in one without.
    stage.cluster.create(pod({ namespace: 'ns-3', name: 'db-0' }));
    stage.cluster.create(pod({ namespace: 'elsewhere', name: 'db-0' }));
    const at = stage.clock.now();
    const times = { renewTime: at, acquireTime: at };
    stage.cluster.create(lease({ namespace: 'ns-3', name: 'db', holder: `db-0_${UUID}`, ...times }));
    const { snapshot, verdicts } = await look(stage);
    expect(verdicts).toEqual({ Healthy: 61 });
    expect(podRequests(stage)).toEqual([null, null, 'ns-3']);
    const db = snapshot.reports.find(({ lock }) => lock.primary.ref.name === 'db');
    expect(db?.holder.ref).toMatchObject({ namespace: 'ns-3', name: 'db-0' });
  });

  it('knows a holder in another namespace without another question', async () => {
    const stage = populated(MANY);
    stage.cluster.create(pod({ namespace: 'operators', name: 'far-7d9f6c5b4-bbbbb' }));
    const at = stage.clock.now();
    const times = { renewTime: at, acquireTime: at };
    stage.cluster.create(
      lease({ namespace: 'ns-3', name: 'far', holder: `far-7d9f6c5b4-bbbbb_${UUID}`, ...times }),
    );
    const { snapshot } = await look(stage);
    const far = snapshot.reports.find(({ lock }) => lock.primary.ref.name === 'far');
    expect(far?.holder).toMatchObject({ presence: 'alive', ref: { namespace: 'operators' } });
    expect(podRequests(stage)).toEqual([null, null]);
  });

  it('goes from namespace to namespace where not all may be read, and is silent about what it did not need', async () => {
    const stage = populated(MANY);
    stage.cluster.forbid({ resource: PODS, namespace: null });
    const { snapshot, verdicts } = await look(stage);
    expect(verdicts).toEqual({ Healthy: 60 });
    expect(snapshot.notes).toEqual([]);
    expect(new Set(podRequests(stage)).size).toBe(31);
  });

  it('says so where somebody is missing', async () => {
    const stage = populated({ ...MANY, dead: 1 });
    stage.cluster.forbid({ resource: PODS, namespace: null });
    const { snapshot } = await look(stage);
    expect(snapshot.notes.map(({ text }) => text)).toEqual([
      'not allowed to list pods in all namespaces: holders that are pods there cannot be told from missing ones',
    ]);
    const bad = snapshot.reports.filter(({ verdict }) => verdict !== 'Healthy');
    expect(bad).toMatchObject([{ verdict: 'Silent', holder: { presence: 'unknown' } }]);
  });
});

describe('what became of holders in many namespaces, asked at once', () => {
  const PLAN: Plan = { locks: 60, namespaces: 30, dead: 20 };

  function explained(): Stage {
    const stage = populated(PLAN);
    for (let space = 0; space < PLAN.namespaces; space += 1) {
      const namespace = `ns-${space}`;
      stage.cluster.create(deployment({ namespace, name: 'op' }));
      stage.cluster.create(
        replicaSet({ namespace, name: 'op-7d9f6c5b4', owner: { kind: 'Deployment', name: 'op' } }),
      );
    }
    return stage;
  }

  it('takes one question a kind', async () => {
    const stage = explained();
    const { verdicts } = await look(stage);
    expect(verdicts).toEqual({ Healthy: 40, Orphaned: 20 });
    const asked = stage.cluster.requests
      .map(({ resource }) => resource)
      .filter((one) => one.includes('.apps'));
    expect(asked.toSorted()).toEqual([
      'daemonsets.apps',
      'deployments.apps',
      'replicasets.apps',
      'statefulsets.apps',
    ]);
  });

  it('goes from namespace to namespace for a kind that may not be read in all', async () => {
    const stage = explained();
    stage.cluster.forbid({ resource: DEPLOYMENTS, namespace: null });
    const { verdicts, snapshot } = await look(stage);
    expect(verdicts).toEqual({ Healthy: 40, Orphaned: 20 });
    expect(snapshot.notes).toEqual([]);
    const spaces = stage.cluster.requests.filter(({ resource }) => resource === 'replicasets.apps');
    expect(spaces.map(({ namespace }) => namespace)).toEqual([null]);
  });

  it('does the same with events about Pods', async () => {
    const stage = populated(PLAN);
    for (let index = 0; index < PLAN.locks; index += 1) {
      stage.cluster.create(
        event({
          namespace: spaceOf(index, PLAN),
          about: { kind: 'Pod', name: podName(index) },
          reason: 'Killing',
        }),
      );
    }
    stage.cluster.forbid({ resource: EVENTS, namespace: null });
    const { verdicts, snapshot } = await look(stage);
    const gone = snapshot.reports.filter(({ holder }) => holder.presence === 'gone');
    expect(gone).toHaveLength(20);
    expect(verdicts['Healthy']).toBe(40);
    expect(snapshot.notes).toEqual([]);
  });

  it('asks for names where what is left of Nodes may be got and not listed', async () => {
    const stage = populated({ ...PLAN, dead: 5 });
    stage.cluster.forbid({ resource: CSI_NODES, verb: 'list' });
    const { snapshot } = await look(stage);
    expect(snapshot.notes).toEqual([]);
    const asked = stage.cluster.requests.filter(({ resource }) => resource === 'csinodes.storage.k8s.io');
    expect(asked.map(({ verb }) => verb)).toEqual(['list', 'get', 'get', 'get', 'get', 'get']);
  });

  it('and with the events that tell who led a vacant lock last', async () => {
    const stage = populated({ ...PLAN, dead: 0 });
    for (let space = 0; space < 10; space += 1) {
      const namespace = `ns-${space}`;
      stage.cluster.create(lease({ namespace, name: 'vacant', holder: '', renewTime: 0, acquireTime: 0 }));
    }
    await look(stage);
    const asked = stage.cluster.requests.filter(({ resource }) => resource === 'events');
    expect(asked.map(({ namespace }) => namespace)).toEqual([null]);
  });
});

it.each([0, 1, 2, 3, 5, 7, 9])(
  'an interruption after %d round trips ends it at once, and nothing is left behind',
  async (after) => {
    const { cluster, clock, signal } = populated({ locks: 60, namespaces: 30, dead: 10 });
    cluster.latencyMs = ROUND_TRIP_MS;
    const seen = survey(cluster, clock, EVERYWHERE, signal.signal);
    const outcome = seen.catch((error: unknown) => error);
    await clock.advance(after * ROUND_TRIP_MS);
    const at = clock.mono();
    signal.abort();
    // A rejection that nobody handles fails the whole run.
    expect(await clock.runUntil(outcome)).toMatchObject({ code: 'interrupted' });
    await clock.advance(ROUND_TRIP_MS);
    expect(clock.mono() - at).toBe(ROUND_TRIP_MS);
  },
);
