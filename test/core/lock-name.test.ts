import { describe, expect, it } from 'vitest';
import { isLeaderError } from '../../src/core/errors.ts';
import { fitsLockName, lockNameText, nearNames, parseLockName } from '../../src/core/lock-name.ts';

describe('a lock as users name it', () => {
  it.each([
    ['worker', null, { kind: null, namespace: null, name: 'worker' }],
    ['worker', 'apps', { kind: null, namespace: 'apps', name: 'worker' }],
    ['apps/worker', null, { kind: null, namespace: 'apps', name: 'worker' }],
    ['lease/worker', null, { kind: 'lease', namespace: null, name: 'worker' }],
    ['lease/worker', 'apps', { kind: 'lease', namespace: 'apps', name: 'worker' }],
    ['leases/worker', null, { kind: 'lease', namespace: null, name: 'worker' }],
    ['Lease/worker', null, { kind: 'lease', namespace: null, name: 'worker' }],
    ['lease.coordination.k8s.io/worker', null, { kind: 'lease', namespace: null, name: 'worker' }],
    ['leases.v1.coordination.k8s.io/worker', null, { kind: 'lease', namespace: null, name: 'worker' }],
    ['ep/worker', null, { kind: 'endpoints', namespace: null, name: 'worker' }],
    ['apps/endpoints/worker', null, { kind: 'endpoints', namespace: 'apps', name: 'worker' }],
    ['apps/cm/worker', 'apps', { kind: 'configmap', namespace: 'apps', name: 'worker' }],
    ['configmaps/worker', null, { kind: 'configmap', namespace: null, name: 'worker' }],
    // A namespace that is called like a kind can still be named in full.
    ['lease/lease/worker', null, { kind: 'lease', namespace: 'lease', name: 'worker' }],
    ['db9c8771.cnpg.io', null, { kind: null, namespace: null, name: 'db9c8771.cnpg.io' }],
  ] as const)('%s with -n %s', (text, namespace, expected) => {
    expect(parseLockName(text, namespace)).toEqual(expected);
  });

  it.each([
    ['', null, /does not name a lock/],
    ['apps/', null, /does not name a lock/],
    ['/worker', null, /does not name a lock/],
    ['a/b/c/d', null, /does not name a lock/],
    ['apps/Worker', null, /does not name a lock/],
    ['worker,metadata.namespace!=x', null, /does not name a lock/],
    ['a\u001b[2Jb', null, /"a\^\[\[2Jb" does not name a lock/],
    ['apps/pods/worker', null, /"pods" in "apps\/pods\/worker" is no kind/],
    ['apps/worker', 'other', /in another namespace than --namespace other/],
  ] as const)('%j with -n %s is refused', (text, namespace, message) => {
    let thrown: unknown;
    try {
      parseLockName(text, namespace);
    } catch (error) {
      thrown = error;
    }
    expect(isLeaderError(thrown, 'usage')).toBe(true);
    expect((thrown as Error).message).toMatch(message);
  });

  it('is said as it was understood', () => {
    expect(lockNameText(parseLockName('apps/lease/worker'))).toBe('lease/worker in namespace apps');
    expect(lockNameText(parseLockName('worker'))).toBe('worker');
  });

  it.each([
    ['worker', true],
    ['apps/worker', true],
    ['lease/worker', true],
    ['apps/ep/worker', false],
    ['other/worker', false],
    ['apps/worker-2', false],
  ])('%s fits lease/worker in apps: %s', (text, fits) => {
    const ref = { kind: 'lease', namespace: 'apps', name: 'worker' } as const;
    expect(fitsLockName(parseLockName(text), ref)).toBe(fits);
  });
});

describe('names that may have been meant', () => {
  const existing = ['kube-scheduler', 'kube-controller-manager', 'cert-manager-controller', 'a'];
  it.each([
    ['kube-schduler', ['kube-scheduler']],
    ['scheduler', ['kube-scheduler']],
    ['cert-manager', ['cert-manager-controller']],
    ['kube-controller-manager', []],
    ['volume-provisioner', []],
    ['b', ['a']],
  ])('%s: %j', (name, expected) => {
    expect(nearNames(name, existing)).toEqual(expected);
  });
});
