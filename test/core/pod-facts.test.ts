import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { greatestAgeMs, podFromObject, podFromRow } from '../../src/core/pod-facts.ts';
import { parseRfc3339 } from '../../src/core/time.ts';
import { pod } from '../support/objects.ts';

const STARTED = '2026-01-15T11:00:00Z';
const running = { running: { startedAt: STARTED } };

interface Shape {
  phase?: string;
  reason?: string;
  containers?: object[];
  inits?: object[];
  initSpecs?: object[];
  conditions?: object[];
  deleted?: boolean;
}

function shaped({
  phase = 'Running',
  reason,
  containers = [],
  inits,
  initSpecs,
  conditions,
  deleted,
}: Shape) {
  const named = containers.map((one, index) => ({
    name: `c${index}`,
    ready: false,
    restartCount: 0,
    ...one,
  }));
  return podFromObject({
    metadata: {
      name: 'op-0',
      namespace: 'ops',
      ...(deleted && { deletionTimestamp: STARTED }),
    },
    spec: {
      containers: named.map(({ name }) => ({ name })),
      ...(initSpecs && { initContainers: initSpecs }),
    },
    status: {
      phase,
      ...(reason && { reason }),
      containerStatuses: named,
      ...(inits && { initContainerStatuses: inits }),
      ...(conditions && { conditions }),
    },
  })!;
}

const up = { ready: true, state: running };
const done = { state: { terminated: { exitCode: 0, reason: 'Completed' } } };
const READY = [{ type: 'Ready', status: 'True' }];

describe('podFromObject', () => {
  const words: [name: string, shape: Shape, status: string, ready: boolean][] = [
    ['running and ready', { containers: [up] }, 'Running', true],
    ['running, one of two ready', { containers: [up, { state: running }] }, 'Running', false],
    [
      'waiting in a back-off',
      { containers: [{ state: { waiting: { reason: 'CrashLoopBackOff' } } }] },
      'CrashLoopBackOff',
      false,
    ],
    [
      'the first halted container names it',
      {
        containers: [
          { state: { terminated: { exitCode: 3 } } },
          { state: { waiting: { reason: 'ErrImagePull' } } },
        ],
      },
      'ExitCode:3',
      false,
    ],
    [
      'ended by a signal',
      { containers: [{ state: { terminated: { exitCode: 137, signal: 9 } } }] },
      'Signal:9',
      false,
    ],
    ['completed', { phase: 'Succeeded', containers: [done] }, 'Completed', false],
    ['completed beside a running one', { containers: [done, up], conditions: READY }, 'Running', false],
    ['completed beside one, not ready', { containers: [done, up] }, 'NotReady', false],
    ['evicted', { phase: 'Failed', reason: 'Evicted' }, 'Evicted', false],
    ['pending', { phase: 'Pending' }, 'Pending', false],
    [
      'held by a scheduling gate',
      {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
      },
      'SchedulingGated',
      false,
    ],
    ['being deleted', { containers: [up], deleted: true }, 'Terminating', true],
    ['deleted after it ended', { phase: 'Succeeded', containers: [done], deleted: true }, 'Completed', false],
    ['deleted with its node lost', { reason: 'NodeLost', containers: [up], deleted: true }, 'Unknown', true],
    [
      'initialising',
      {
        phase: 'Pending',
        initSpecs: [{ name: 'i' }, { name: 'j' }],
        inits: [
          { name: 'i', ...done },
          { name: 'j', state: running },
        ],
      },
      'Init:1/2',
      false,
    ],
    [
      'an init container that fails',
      {
        phase: 'Pending',
        initSpecs: [{ name: 'i' }],
        inits: [{ name: 'i', state: { terminated: { exitCode: 1, reason: 'Error' } } }],
      },
      'Init:Error',
      false,
    ],
    [
      'an init container in a back-off',
      {
        phase: 'Pending',
        initSpecs: [{ name: 'i' }],
        inits: [{ name: 'i', state: { waiting: { reason: 'CrashLoopBackOff' } } }],
      },
      'Init:CrashLoopBackOff',
      false,
    ],
    [
      'with a sidecar that runs',
      {
        containers: [up],
        initSpecs: [{ name: 's', restartPolicy: 'Always' }],
        inits: [{ name: 's', started: true, ...up }],
      },
      'Running',
      true,
    ],
    [
      'ready containers on a node that is lost',
      { containers: [up], conditions: [{ type: 'Ready', status: 'False' }] },
      'Running',
      false,
    ],
    ['without a status', { phase: '' }, 'Unknown', false],
  ];
  it.each(words)('%s', (_, shape, status, ready) => {
    expect(shaped(shape)).toMatchObject({ status, ready });
  });

  it('tells everything that the object says', () => {
    const facts = podFromObject(
      pod({
        name: 'op-0',
        namespace: 'ops',
        hostname: 'host',
        subdomain: 'op',
        hostNetwork: true,
        node: 'm1',
        ip: '10.0.0.5',
        restarts: 2,
        createdAt: Date.UTC(2026, 0, 1),
        startedAt: Date.UTC(2026, 0, 2),
        owner: { kind: 'StatefulSet', name: 'op' },
      }),
    );
    expect(facts).toEqual({
      namespace: 'ops',
      name: 'op-0',
      status: 'Running',
      ready: true,
      restarts: 2,
      podIPs: ['10.0.0.5'],
      node: 'm1',
      detailed: true,
      hostname: 'host',
      subdomain: 'op',
      hostNetwork: true,
      createdAt: Date.UTC(2026, 0, 1),
      deletedAt: null,
      containersStartedAt: [Date.UTC(2026, 0, 2)],
      owner: { kind: 'StatefulSet', name: 'op' },
    });
  });

  it('takes only running containers for started', () => {
    expect(shaped({ containers: [up, done] }).containersStartedAt).toEqual([parseRfc3339(STARTED)]);
  });

  it('survives any object', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (spec, status) => {
        const object: ClusterObject = { metadata: { name: 'a', namespace: 'b' }, spec, status };
        expect(typeof podFromObject(object)?.status).toBe('string');
      }),
    );
  });
});

describe('podFromRow', () => {
  const row = {
    Name: 'op-0',
    Ready: '1/1',
    Status: 'Running',
    Restarts: '3 (5m ago)',
    Age: '5m3s',
    IP: '10.0.0.5',
    Node: 'm1',
  };

  it('reads the cells as kubectl prints them', () => {
    expect(podFromRow(row, 'ops')).toMatchObject({
      ...{ namespace: 'ops', name: 'op-0', status: 'Running', ready: true, restarts: 3 },
      ...{ podIPs: ['10.0.0.5'], node: 'm1', detailed: false, hostNetwork: null, createdAt: null },
    });
  });

  const cells: [name: string, cells: Record<string, string | number>, expected: object | null][] = [
    ['not ready', { Ready: '0/1' }, { ready: false }],
    ['no containers', { Ready: '0/0' }, { ready: false }],
    ['no such column', { Ready: '' }, { ready: null }],
    ['restarts as a number', { Restarts: 7 }, { restarts: 7 }],
    ['nothing assigned yet', { IP: '<none>', Node: '<none>' }, { podIPs: [], node: null }],
    ['no name', { Name: '' }, null],
  ];
  it.each(cells)('%s', (_, changed, expected) => {
    const facts = podFromRow({ ...row, ...changed }, 'ops');
    if (expected === null) expect(facts).toBeNull();
    else expect(facts).toMatchObject(expected);
  });

  it.each([
    ['5m3s', 304_000],
    ['26d', 27 * 86_400_000],
    ['4h5m', (4 * 60 + 6) * 60_000],
    ['<unknown>', null],
  ])('bounds the age %s from above', (Age, expected) => {
    expect(greatestAgeMs({ Age })).toBe(expected);
  });
});
