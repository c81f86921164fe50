/**
 * What a holder identity may mean. Identities are free text, but nearly all of them wrap a host name: the name of a
 * Pod, or of the Node when the process uses the host's network. Two tables say how it is wrapped and what it names;
 * every combination that fits is a reading, in order of trust.
 */
import { isDeposer } from './depose-identity.ts';
import { canonicalAddress, isDnsName, isIpV4 } from './host-name.ts';
import { holderOf, type LockHalf, type LockRef } from './lock.ts';

/** What to look for in the cluster. */
export type Look =
  | { for: 'pod-name'; name: string; namespace: string | null }
  /** A Pod that calls itself so: `spec.hostname`, or its name cut to 63 characters. */
  | { for: 'pod-hostname'; name: string }
  /** A Pod of the lock's namespace named `<component>-<node>`, as a kubelet names its static Pods. */
  | { for: 'static-pod'; components: readonly string[]; host: string }
  /** A Pod of the lock's namespace, on the network of the Node called so, whose name starts with the component's. */
  | { for: 'host-network-pod'; components: readonly string[]; host: string }
  | { for: 'node-name'; name: string }
  /** A Node's hostname label or address, or the first label of its name. */
  | { for: 'node-hostname'; name: string }
  /** A name in which everything but letters, digits and dashes became a dash. */
  | { for: 'sanitised-name'; name: string }
  | { for: 'address'; address: string }
  /** Nothing can be looked up: the text names no host, or none of this cluster. */
  | { for: 'nothing'; why: 'opaque' | 'deposer' | 'outside' | 'another-cluster' };

export interface Reading {
  /** Stable word for programs: `pod-name_uuid`, `node-name`. */
  rule: string;
  /** For people: what the rule takes the identity for. */
  says: string;
  look: Look;
}

const UUID = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}';
const BARE_UUID = new RegExp(`^${UUID}$`);
const HOST_UUID = new RegExp(`^([\\s\\S]*)_${UUID}$`);
const API_SERVER = new RegExp(`^apiserver-[a-z0-9]{26}_${UUID}$`);
const CERT_MANAGER = '-external-cert-manager-controller';
const URL_HOST = /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/(?:[^@/]*@)?(\[[^\]/]*\]|[^:/@[\]]*)(?::\d*)?(?:\/[\s\S]*)?$/;
const HOST_PORT = /^(\[[^\]/]*\]|[^:/@[\]]+):\d{1,5}$/;
const USER_AT_HOST = /^[^@/\s]+@([^@/:\s]+)(?::\d{1,5})?(?:\/[\s\S]*)?$/;
const NAMESPACE_POD = /^([a-z0-9][-a-z0-9]*)\/([^/]+)$/;

/** No host name with a UUID is nearly as long. */
const LONGEST_IDENTITY = 1024;

interface Wrapping {
  id: string;
  says: string;
  /** What it takes away is new each time the same process starts, or nothing. */
  renewedAtStart?: true;
  unwrap(identity: string, lock: LockRef): { host: string; namespace: string | null } | null;
}

function host(name: string | undefined, namespace: string | null = null) {
  return name === undefined || name === '' ? null : { host: name, namespace };
}

/** How a host name is wrapped, most telling first. */
const WRAPPINGS: readonly Wrapping[] = [
  {
    id: '_uuid',
    says: 'the part before the UUID',
    renewedAtStart: true,
    unwrap: (identity) => host(HOST_UUID.exec(identity)?.[1]),
  },
  {
    id: '-cert-manager',
    says: "the part before cert-manager's suffix",
    unwrap: (identity) =>
      identity.endsWith(CERT_MANAGER) ? host(identity.slice(0, -CERT_MANAGER.length)) : null,
  },
  {
    id: '-cilium',
    says: "the part before the Cilium operator's ten letters",
    renewedAtStart: true,
    unwrap: (identity, lock) =>
      lock.name.startsWith('cilium-operator') ? host(/^([\s\S]+)-[a-zA-Z]{10}$/.exec(identity)?.[1]) : null,
  },
  { id: '', says: 'the identity', renewedAtStart: true, unwrap: (identity) => host(identity) },
  { id: '-url', says: 'the host of the URL', unwrap: (identity) => host(URL_HOST.exec(identity)?.[1]) },
  {
    id: ':port',
    says: 'the part before the port',
    unwrap: (identity) => host(HOST_PORT.exec(identity)?.[1]),
  },
  { id: '@host', says: 'the part after the @', unwrap: (identity) => host(USER_AT_HOST.exec(identity)?.[1]) },
  {
    id: '-namespaced',
    says: 'the part after the namespace',
    unwrap: (identity) => {
      const parts = NAMESPACE_POD.exec(identity);
      return host(parts?.[2], parts?.[1] ?? null);
    },
  },
  {
    id: '_suffix',
    says: 'the part before the last underscore',
    unwrap: (identity) => {
      const at = identity.lastIndexOf('_');
      return at < 0 || HOST_UUID.test(identity) ? null : host(identity.slice(0, at));
    },
  },
];

interface Place {
  id: string;
  says: string;
  look(stem: { host: string; namespace: string | null }, wrapping: string, lock: LockRef): Look | null;
}

/** What a host name may name, most telling first. */
const PLACES: readonly Place[] = [
  {
    id: 'pod-name',
    says: "a Pod's name",
    look: ({ host: name, namespace }) =>
      isDnsName(name) && !isIpV4(name) ? { for: 'pod-name', name, namespace } : null,
  },
  {
    id: 'pod-fqdn',
    says: "a Pod's fully qualified name",
    look: ({ host: fqdn }) => {
      const [name, , namespace, svc] = fqdn.split('.');
      const whole = isDnsName(fqdn) && name !== undefined && namespace !== undefined && svc === 'svc';
      return whole ? { for: 'pod-name', name, namespace } : null;
    },
  },
  {
    id: 'pod-hostname',
    says: "a Pod's host name",
    look: ({ host: name }) => (isDnsName(name) && !isIpV4(name) ? { for: 'pod-hostname', name } : null),
  },
  {
    id: 'static-pod',
    says: 'the node of a static Pod',
    look: ({ host: name }, _, lock) =>
      isDnsName(name.toLowerCase())
        ? { for: 'static-pod', components: componentsOf(lock), host: name.toLowerCase() }
        : null,
  },
  {
    id: 'host-network-pod',
    says: "the node of a Pod on the host's network",
    look: ({ host: name }, _, lock) =>
      isDnsName(name.toLowerCase())
        ? { for: 'host-network-pod', components: componentsOf(lock), host: name.toLowerCase() }
        : null,
  },
  {
    id: 'node-name',
    says: "a Node's name",
    look: ({ host: name }) => (isDnsName(name.toLowerCase()) ? { for: 'node-name', name } : null),
  },
  {
    id: 'node-hostname',
    says: "a Node's host name",
    look: ({ host: name }) =>
      isDnsName(name.toLowerCase()) && !isIpV4(name) ? { for: 'node-hostname', name } : null,
  },
  {
    id: 'address',
    says: 'an IP address',
    look: ({ host: name }) => {
      const address = canonicalAddress(name);
      return address === null ? null : { for: 'address', address };
    },
  },
  {
    id: 'sanitised-name',
    says: 'a name with its dots turned into dashes, as CSI sidecars write it',
    look: ({ host: name }, wrapping) =>
      wrapping === '' && /^[A-Za-z0-9-]+$/.test(name) ? { for: 'sanitised-name', name } : null,
  },
];

interface Unsearchable {
  rule: string;
  says: string;
  /** `only`: no other reading makes sense. `last`: what remains when none of the others fits. */
  when: 'only' | 'last';
  why: 'opaque' | 'deposer' | 'outside' | 'another-cluster';
  fits(identity: string): boolean;
}

const UNSEARCHABLE: readonly Unsearchable[] = [
  {
    rule: 'multilock-unknown',
    says: 'what client-go reads when the halves of a multilock disagree, not a holder',
    when: 'only',
    why: 'opaque',
    fits: (identity) => identity === 'leaderelection.k8s.io/unknown',
  },
  {
    rule: 'deposer',
    says: "this tool's own: somebody deposes whoever led, and gives the lock away then",
    when: 'only',
    why: 'deposer',
    fits: (identity) => identity.length <= LONGEST_IDENTITY && isDeposer(identity),
  },
  {
    rule: 'opaque-uuid',
    says: 'a bare UUID, which names no Pod and no Node',
    when: 'only',
    why: 'opaque',
    fits: (identity) => BARE_UUID.test(identity),
  },
  {
    rule: 'apiserver-identity',
    says: "an API server's hashed identity, which names no Pod and no Node",
    when: 'only',
    why: 'opaque',
    fits: (identity) => API_SERVER.test(identity),
  },
  {
    rule: 'csi-provisioner-identity',
    says: "a CSI provisioner's start time and random number, which name no Pod and no Node",
    when: 'only',
    why: 'opaque',
    fits: (identity) => /^\d{13}-\d{1,4}-/.test(identity),
  },
  {
    rule: 'too-long',
    says: 'a text too long to name a host',
    when: 'only',
    why: 'opaque',
    fits: (identity) => identity.length > LONGEST_IDENTITY,
  },
  {
    rule: 'user@host',
    says: "a user's process on a machine of its own",
    when: 'last',
    why: 'outside',
    fits: (identity) => USER_AT_HOST.test(identity),
  },
  {
    rule: 'cluster-prefix',
    says: 'prefixed, as tools that span clusters write it: the process may run in another cluster',
    when: 'last',
    why: 'another-cluster',
    fits: (identity) => /^[^/:@\s]+\/[\s\S]/.test(identity),
  },
];

/** The names under which a lock's component may run: the lock's own, and without the words that say it is a lock. */
export function componentsOf(lock: LockRef): string[] {
  const bare = lock.name.replace(/-(?:leader-election|leader|resource-lock|lock)$/, '');
  return bare === lock.name || bare === '' ? [lock.name] : [lock.name, bare];
}

/** All ways to read an identity, most telling first. Never empty, never throws. */
export function readIdentity(identity: string, lock: LockRef): Reading[] {
  const nothing = UNSEARCHABLE.filter((entry) => entry.fits(identity)).map((entry) => ({
    when: entry.when,
    reading: { rule: entry.rule, says: entry.says, look: { for: 'nothing' as const, why: entry.why } },
  }));
  const only = nothing.find((entry) => entry.when === 'only');
  if (only !== undefined) return [only.reading];

  const readings: Reading[] = [];
  for (const wrapping of WRAPPINGS) {
    const stem = wrapping.unwrap(identity, lock);
    if (stem === null) continue;
    for (const place of PLACES) {
      const look = place.look(stem, wrapping.id, lock);
      if (look !== null) {
        readings.push({ rule: `${place.id}${wrapping.id}`, says: `${wrapping.says} is ${place.says}`, look });
      }
    }
  }
  readings.push(...nothing.map((entry) => entry.reading));
  if (readings.length > 0) return readings;
  return [
    { rule: 'no-name', says: 'no text that could name a host', look: { for: 'nothing', why: 'opaque' } },
  ];
}

/** Whether nothing in the holder's identity could be looked up, with any rights. */
export function isOpaque(half: LockHalf): boolean {
  const identity = holderOf(half);
  return identity !== null && readIdentity(identity, half.ref).every(({ look }) => look.for === 'nothing');
}

/** The identity, and what is left of it without a part that is new each time its process starts. */
export function lastingParts(identity: string, lock: LockRef): string[] {
  return WRAPPINGS.flatMap(({ renewedAtStart, unwrap }) =>
    renewedAtStart === true ? (unwrap(identity, lock)?.host ?? []) : [],
  );
}

/** The names of Pods that the readings ask for, each once. */
export function podNamesIn(readings: readonly Reading[]): string[] {
  return [...new Set(readings.flatMap(({ look }) => (look.for === 'pod-name' ? [look.name] : [])))];
}

/** The names of Nodes that the readings ask for, each once. */
export function nodeNamesIn(readings: readonly Reading[]): string[] {
  return [...new Set(readings.flatMap(({ look }) => (look.for === 'node-name' ? [look.name] : [])))];
}
