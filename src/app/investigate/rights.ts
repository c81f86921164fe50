/** Whether ServiceAccounts may do what an elector does, asked of the API server itself. */
import type { ClusterObject } from '../../core/cluster-object.ts';
import type { Denied, ServiceAccountRights } from '../../core/describe/case-file.ts';
import { NEEDED_VERBS } from '../../core/describe/missing-role.ts';
import { booleanAt, objectAt } from '../../core/fields.ts';
import type { LockHalf, LockRef } from '../../core/lock.ts';
import { LOCK_RESOURCES } from '../../core/lock-resources.ts';
import { resourceName, SUBJECT_ACCESS_REVIEWS } from '../../core/resources.ts';
import type { Means } from '../traces.ts';

export interface Account {
  namespace: string;
  name: string;
}

/** So many ServiceAccounts at most are asked about. */
const MOST_ACCOUNTS = 4;

function review(
  { namespace, name }: Account,
  verb: string,
  { kind, namespace: where, name: lock }: LockRef,
): ClusterObject {
  const { group, plural } = LOCK_RESOURCES[kind];
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: {},
    spec: {
      user: `system:serviceaccount:${namespace}:${name}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
      resourceAttributes: { namespace: where, verb, group, resource: plural, name: lock },
    },
  };
}

/** Null when it may not be asked. */
async function isAllowed(
  account: Account,
  verb: string,
  ref: LockRef,
  { cluster, reads, signal }: Means,
): Promise<boolean | null> {
  // Named like a write, but nothing is stored: the API takes this question as an object.
  const ask = () =>
    cluster.post(SUBJECT_ACCESS_REVIEWS, null, review(account, verb, ref), { dryRun: false }, signal);
  const { value } = await reads.attempt('create', SUBJECT_ACCESS_REVIEWS, null, ask);
  return booleanAt(value === null ? null : objectAt(value.object, 'status'), 'allowed');
}

async function deniedTo(account: Account, halves: readonly LockHalf[], means: Means): Promise<Denied> {
  const questions = halves.flatMap(({ ref }) => NEEDED_VERBS.map((verb) => ({ verb, ref })));
  const answers = await Promise.all(
    questions.map(async ({ verb, ref }) => ({
      allowed: await isAllowed(account, verb, ref, means),
      denied: { verb, object: `${resourceName(LOCK_RESOURCES[ref.kind])}/${ref.name}` },
    })),
  );
  if (answers.some(({ allowed }) => allowed === null)) return null;
  return answers.flatMap(({ allowed, denied }) => (allowed === true ? [] : [denied]));
}

/** What each of the accounts may not do to the lock. Rejects only with `interrupted`. */
export async function rightsOf(
  accounts: readonly Account[],
  halves: readonly LockHalf[],
  means: Means,
): Promise<ServiceAccountRights[]> {
  const distinct = [...new Map(accounts.map((one) => [`${one.namespace}/${one.name}`, one])).values()].slice(
    0,
    MOST_ACCOUNTS,
  );
  return Promise.all(
    distinct.map(async ({ namespace, name }) => ({
      ...{ namespace, name },
      denied: await deniedTo({ namespace, name }, halves, means),
    })),
  );
}
