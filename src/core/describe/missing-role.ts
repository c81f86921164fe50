import type { LockRef } from '../lock.ts';
import { LOCK_RESOURCES } from '../lock-resources.ts';

/** What every elector does to its lock. */
export const NEEDED_VERBS = ['get', 'update'] as const;

interface Account {
  namespace: string;
  name: string;
}

/** A YAML text that is safe whatever is in it. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function ruleFor({ kind, name }: LockRef): string[] {
  const { group, plural } = LOCK_RESOURCES[kind];
  const resource = [`- apiGroups: [${quoted(group)}]`, `  resources: [${quoted(plural)}]`];
  return [
    ...resource,
    `  resourceNames: [${quoted(name)}]`,
    '  verbs: ["get", "update"]',
    // A name cannot be checked before there is an object.
    ...resource,
    '  verbs: ["create"]',
  ];
}

/** A Role for the lock's objects and its binding to these ServiceAccounts, ready for `kubectl apply -f -`. */
export function missingRole(refs: readonly LockRef[], accounts: readonly Account[]): string | null {
  const [first] = refs;
  if (first === undefined || accounts.length === 0) return null;
  const name = quoted(`${first.name}-leader-election`);
  const metadata = ['metadata:', `  name: ${name}`, `  namespace: ${quoted(first.namespace)}`];
  const api = 'rbac.authorization.k8s.io';
  return [
    `apiVersion: ${api}/v1`,
    'kind: Role',
    ...metadata,
    'rules:',
    ...refs.flatMap(ruleFor),
    '---',
    `apiVersion: ${api}/v1`,
    'kind: RoleBinding',
    ...metadata,
    'roleRef:',
    `  apiGroup: ${api}`,
    '  kind: Role',
    `  name: ${name}`,
    'subjects:',
    ...accounts.flatMap((account) => [
      '- kind: ServiceAccount',
      `  name: ${quoted(account.name)}`,
      `  namespace: ${quoted(account.namespace)}`,
    ]),
    '',
  ].join('\n');
}
