import { describe, expect, it } from 'vitest';
import {
  looksGenerated,
  traceOfName,
  traceOfStaticPod,
  type Workload,
  type WorkloadKind,
  WorkloadNames,
} from '../../src/core/workload-names.ts';

function workload(
  kind: WorkloadKind,
  name: string,
  namespace = 'ops',
  owner: Workload['owner'] = null,
): Workload {
  return { kind, namespace, name, owner };
}

const LONG = 'a-deployment-with-a-name-so-long-that-its-pods-are-cut-off';

const NAMES = new WorkloadNames([
  workload('DaemonSet', 'volume-provisioner'),
  workload('DaemonSet', 'volume'),
  workload('Deployment', 'operator'),
  workload('ReplicaSet', 'operator-7d9f6cb5d4', 'ops', { kind: 'Deployment', name: 'operator' }),
  workload('StatefulSet', 'db'),
  workload('Job', 'backup-28001'),
  workload('Job', 'indexed'),
  workload('Deployment', LONG),
  workload('DaemonSet', 'agent', 'east'),
  workload('DaemonSet', 'agent', 'west'),
  workload('DaemonSet', 'elsewhere', 'east'),
  workload('StatefulSet', 'worker', 'east'),
]);

describe('WorkloadNames', () => {
  const cases: [name: string, pod: string, expected: string | null][] = [
    ["a DaemonSet's pod", 'volume-provisioner-zkb5w', 'DaemonSet/volume-provisioner'],
    ['a suffix with a vowel is nobody’s', 'volume-provisioner-zkb5a', null],
    ['a suffix with a 1 is nobody’s', 'volume-provisioner-zkb51', null],
    ['a suffix of another length is nobody’s', 'volume-provisioner-zkb5', null],
    ["a ReplicaSet's pod", 'operator-7d9f6cb5d4-x2k4d', 'ReplicaSet/operator-7d9f6cb5d4'],
    ['a pod of a ReplicaSet that is gone', 'operator-5c5f-x2k4d', 'Deployment/operator'],
    ["a StatefulSet's pod", 'db-12', 'StatefulSet/db'],
    ['a name that only ends in a number', 'other-12', null],
    ["a Job's pod", 'backup-28001-x2k4d', 'Job/backup-28001'],
    ["an indexed Job's pod", 'indexed-3-x2k4d', 'Job/indexed'],
    ['a name cut to fit', `${LONG}x2k4d`, `Deployment/${LONG}`],
    ['the workload itself', 'operator', null],
  ];
  it.each(cases)('%s', (_, pod, expected) => {
    const found = NAMES.of(pod, 'ops');
    expect(found && `${found.kind}/${found.name}`).toBe(expected);
  });

  it('counts a workload of another namespace only where asked', () => {
    expect(NAMES.of('elsewhere-x2k4d', 'ops')).toBeNull();
    expect(NAMES.anywhere('elsewhere-x2k4d')).toMatchObject({ namespace: 'east' });
  });

  it('does not guess between namespaces', () => {
    expect(NAMES.anywhere('agent-x2k4d')).toBeNull();
  });

  it('takes no number at the end for a StatefulSet of a foreign namespace', () => {
    expect(NAMES.anywhere('worker-1')).toBeNull();
  });
});

describe('traces', () => {
  it('of a name point at the Deployment rather than its ReplicaSet', () => {
    const trace = traceOfName('operator-7d9f6cb5d4-x2k4d', NAMES.of('operator-7d9f6cb5d4-x2k4d', 'ops')!);
    expect(trace.was).toBe('Deployment pod');
    expect(trace.workload).toEqual({ kind: 'deployment', namespace: 'ops', name: 'operator' });
    expect(trace.evidence.from).toBe('deployment ops/operator');
  });

  it('of a static pod need a node that exists', () => {
    const hasNode = (name: string) => name === 'm1';
    expect(traceOfStaticPod('kube-scheduler-m1', ['kube-scheduler'], hasNode)?.was).toBe('static pod');
    expect(traceOfStaticPod('kube-scheduler-m2', ['kube-scheduler'], hasNode)).toBeNull();
    expect(traceOfStaticPod('other-m1', ['kube-scheduler'], hasNode)).toBeNull();
  });
});

it.each([
  ['operator-7d9f6cb5d4-x2k4d', true],
  ['agent-x2k4d', true],
  ['worker-1', false],
  ['laptop', false],
])('%s looks generated: %s', (name, expected) => {
  expect(looksGenerated(name)).toBe(expected);
});
