import type { ClusterObject } from '../core/cluster-object.ts';
import { LeaderError } from '../core/errors.ts';
import { type Resource, SELF_SUBJECT_ACCESS_REVIEWS, SUBJECT_ACCESS_REVIEWS } from '../core/resources.ts';

/** What an access review asks. Absent fields are '' as in the API: every namespace, every name. */
export interface AccessQuestion {
  /** Null for whoever asks (SelfSubjectAccessReview). */
  user: string | null;
  verb: string;
  group: string;
  resource: string;
  namespace: string;
  name: string;
}

/** The answer: a boolean, or the review's whole status. */
export type AccessRule = (
  question: AccessQuestion,
) => boolean | { allowed: boolean; denied?: boolean; reason?: string; evaluationError?: string };

export function isReview(resource: Resource): boolean {
  return resource === SELF_SUBJECT_ACCESS_REVIEWS || resource === SUBJECT_ACCESS_REVIEWS;
}

/** The review as the API server gives it back: with its status, and stored nowhere. */
export function reviewed(review: ClusterObject, rule: AccessRule): ClusterObject {
  const spec = (review.spec ?? {}) as Record<string, unknown>;
  const attributes = spec['resourceAttributes'] as Record<string, unknown> | undefined;
  if (attributes === undefined) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    throw new LeaderError(
      'invalid',
      `${review.kind} "" is invalid: spec.resourceAttributes: Invalid value: "null": ${why}`,
    );
  }
  const text = (field: string): string => String(attributes[field] ?? '');
  const answer = rule({
    user: typeof spec['user'] === 'string' ? spec['user'] : null,
    verb: text('verb'),
    group: text('group'),
    resource: text('resource'),
    namespace: text('namespace'),
    name: text('name'),
  });
  const status = typeof answer === 'boolean' ? { allowed: answer } : answer;
  return { ...structuredClone(review), metadata: {}, status };
}
