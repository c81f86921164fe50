import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Look, readIdentity } from '../../src/core/identity.ts';
import type { LockRef } from '../../src/core/lock.ts';

const UUID = '5e3c9a1e-7f0b-4f6e-9a52-0b6a1f3d2c11';
const LOCK: LockRef = { kind: 'lease', namespace: 'ops', name: 'operator-lock' };

function lock(name: string): LockRef {
  return { ...LOCK, name };
}

/** What one rule looks for, as text; `-` when the rule does not apply. */
function lookOf(identity: string, rule: string, ref = LOCK): string {
  const look = readIdentity(identity, ref).find((reading) => reading.rule === rule)?.look;
  return look === undefined ? '-' : spell(look);
}

function spell(look: Look): string {
  switch (look.for) {
    case 'pod-name':
      return look.namespace === null ? look.name : `${look.namespace}/${look.name}`;
    case 'static-pod':
    case 'host-network-pod':
      return `${look.components.join('|')} on ${look.host}`;
    case 'address':
      return look.address;
    case 'nothing':
      return look.why;
    default:
      return look.name;
  }
}

describe('readIdentity', () => {
  const cases: [name: string, identity: string, rule: string, expected: string, ref?: LockRef][] = [
    ['a pod name and a UUID', `op-7d9f6c-x2k4d_${UUID}`, 'pod-name_uuid', 'op-7d9f6c-x2k4d'],
    ['only the last underscore counts', `a_op-0_${UUID}`, 'pod-name_uuid', '-'],
    ['a node name and a UUID', `master-2_${UUID}`, 'node-name_uuid', 'master-2'],
    ['an upper-case UUID', `op-0_${UUID.toUpperCase()}`, 'pod-name_uuid', 'op-0'],
    ['a pod name alone', 'istiod-5d8f9-qwxzt', 'pod-name', 'istiod-5d8f9-qwxzt'],
    ['a node name alone', 'worker-1', 'node-name', 'worker-1'],
    ['a host name in capitals', `WORKER-1_${UUID}`, 'node-name_uuid', 'WORKER-1'],
    ['capitals are no pod', `WORKER-1_${UUID}`, 'pod-name_uuid', '-'],
    ['another suffix after an underscore', 'op-0_1733', 'pod-name_suffix', 'op-0'],
    [
      'cert-manager',
      'cert-manager-6d-abcde-external-cert-manager-controller',
      'pod-name-cert-manager',
      'cert-manager-6d-abcde',
    ],
    [
      'cilium, for its own lock',
      'node-1-AbcDefGhij',
      'node-name-cilium',
      'node-1',
      lock('cilium-operator-resource-lock'),
    ],
    ['ten letters for another lock', 'node-1-AbcDefGhij', 'node-name-cilium', '-'],
    ['a sanitised node name', 'ip-10-0-0-1-ec2-internal', 'sanitised-name', 'ip-10-0-0-1-ec2-internal'],
    ['a sanitised name that ended in a dash', 'host-X', 'sanitised-name', 'host-X'],
    ['sanitised names carry no UUID', `ip-10-0-0-1_${UUID}`, 'sanitised-name_uuid', '-'],
    ['a pod by its qualified name', `db-0.db.data.svc.cluster.local_${UUID}`, 'pod-fqdn_uuid', 'data/db-0'],
    ['a qualified name of something else', 'm1.example.com', 'pod-fqdn', '-'],
    ['a qualified node name', `m1.example.com_${UUID}`, 'node-name_uuid', 'm1.example.com'],
    ['an IPv4 address', '10.1.2.3', 'address', '10.1.2.3'],
    ['an address is no pod name', '10.1.2.3', 'pod-name', '-'],
    ['an address may be a node name', '10.1.2.3', 'node-name', '10.1.2.3'],
    ['five numbers are no address', '10.1.2.3.4', 'address', '-'],
    ['an IPv6 address in another spelling', '2001:DB8:0:0::1', 'address', '2001:db8::1'],
    ['a host and a port', '10.1.2.3:8080', 'address:port', '10.1.2.3'],
    ['a name and a port', 'op-0:8080', 'pod-name:port', 'op-0'],
    ['an IPv6 address and a port', '[2001:db8::1]:443', 'address:port', '2001:db8::1'],
    ['a URL', 'https://10.1.2.3:2379/x', 'address-url', '10.1.2.3'],
    ['a URL with a name', 'http://op-0.op.ops.svc:80', 'pod-fqdn-url', 'ops/op-0'],
    ['an actor system', 'akka://shop@10.1.2.3:2552', 'address-url', '10.1.2.3'],
    ['a user at a pod', 'root@kopf-7d9f6c-x2k4d/20240102/abc', 'pod-name@host', 'kopf-7d9f6c-x2k4d'],
    ['a user at a laptop', 'jane@laptop.home', 'user@host', 'outside'],
    ['a namespace and a pod', 'ops/op-0', 'pod-name-namespaced', 'ops/op-0'],
    ['a prefix of another cluster', 'east/op-0', 'cluster-prefix', 'another-cluster'],
    ['a prefix and spaces', 'Cluster East / 7', 'cluster-prefix', '-'],
    ['a node of a static pod', `m1_${UUID}`, 'static-pod_uuid', 'operator-lock|operator on m1'],
    [
      'a component named like its lock',
      `m1_${UUID}`,
      'static-pod_uuid',
      'kube-scheduler on m1',
      lock('kube-scheduler'),
    ],
    ['a multilock that disagrees', 'leaderelection.k8s.io/unknown', 'multilock-unknown', 'opaque'],
    ['a bare UUID', UUID, 'opaque-uuid', 'opaque'],
    ['an API server', `apiserver-abcdefghijklmnopqrstuvwxyz_${UUID}`, 'apiserver-identity', 'opaque'],
    ['a CSI provisioner', '1700000000000-8081-csi.example.com', 'csi-provisioner-identity', 'opaque'],
    ['a text without a name', '???', 'no-name', 'opaque'],
    ['an endless text', 'a'.repeat(5000), 'too-long', 'opaque'],
  ];
  it.each(cases)('%s', (_, identity, rule, expected, ref) => {
    expect(lookOf(identity, rule, ref)).toBe(expected);
  });

  it('reads what names no host in no other way', () => {
    expect(readIdentity(UUID, LOCK)).toHaveLength(1);
    expect(readIdentity('leaderelection.k8s.io/unknown', LOCK)).toHaveLength(1);
  });

  it('takes any text, and always has something to say', () => {
    const parts = fc.constantFrom(
      '_',
      '/',
      '@',
      ':',
      '.',
      '-',
      '[',
      '://',
      UUID,
      'a',
      'svc',
      '1.2.3.4',
      '\u001b[2J',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(parts).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, text, (identity, name) => {
        const readings = readIdentity(identity, lock(name));
        expect(readings.length).toBeGreaterThan(0);
        for (const { look } of readings) {
          if (look.for === 'pod-name') expect(look.name).toMatch(/^[a-z0-9][-a-z0-9.]*$/);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
