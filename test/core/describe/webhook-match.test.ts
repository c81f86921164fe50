import { describe, expect, it } from 'vitest';
import { webhooksFor } from '../../../src/core/describe/webhook-match.ts';
import { selectsLabels } from '../../../src/core/label-selector.ts';
import type { LockHalf } from '../../../src/core/lock.ts';
import { validatingWebhook, type WebhookOptions } from '../../support/surroundings.ts';
import { half } from '../cases.ts';

const ENDPOINTS = half({}, { ref: { kind: 'endpoints', namespace: 'apps', name: 'worker' } });

function matching(
  options: Partial<WebhookOptions>,
  of: LockHalf = half(),
  labels: Record<string, string> | null = { team: 'a' },
) {
  const configuration = validatingWebhook({ name: 'policy', ...options });
  return webhooksFor(configuration, 'ValidatingWebhookConfiguration', of, labels);
}

describe('which webhooks are asked about a renewal', () => {
  it.each<[string, Partial<WebhookOptions>, LockHalf, boolean]>([
    ['its resource', {}, half(), true],
    ['another resource', { resources: ['pods'] }, half(), false],
    ['another group', { groups: ['apps'] }, half(), false],
    ['everything', { resources: ['*'], groups: ['*'] }, half(), true],
    ['everything with subresources', { resources: ['*/*'], groups: ['*'] }, half(), true],
    ['the core group for Endpoints', { resources: ['endpoints'], groups: [''] }, ENDPOINTS, true],
    ['leases, of an Endpoints lock', {}, ENDPOINTS, false],
    [
      'creations only',
      {
        more: { rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE'], resources: ['*'] }] },
      },
      half(),
      false,
    ],
    [
      'cluster-scoped objects only',
      {
        more: {
          rules: [
            { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'], scope: 'Cluster' },
          ],
        },
      },
      half(),
      false,
    ],
    [
      'an old version, translated',
      {
        more: {
          rules: [{ apiGroups: ['*'], apiVersions: ['v1beta1'], operations: ['*'], resources: ['leases'] }],
        },
      },
      half(),
      true,
    ],
    [
      'an old version, exactly',
      {
        more: {
          matchPolicy: 'Exact',
          rules: [{ apiGroups: ['*'], apiVersions: ['v1beta1'], operations: ['*'], resources: ['leases'] }],
        },
      },
      half(),
      false,
    ],
    ["the namespace's labels", { more: { namespaceSelector: { matchLabels: { team: 'a' } } } }, half(), true],
    ['other namespaces', { more: { namespaceSelector: { matchLabels: { team: 'b' } } } }, half(), false],
    ["the lock's labels", { more: { objectSelector: { matchLabels: { x: 'y' } } } }, half(), false],
  ])('%s: %s', (_name, options, of, expected) => {
    expect(matching(options, of)).toHaveLength(expected ? 1 : 0);
  });

  it('says how it fails, how long it may take and who is behind it', () => {
    expect(matching({ failurePolicy: 'Ignore', timeoutSeconds: 7 })).toEqual([
      {
        kind: 'ValidatingWebhookConfiguration',
        configuration: 'policy',
        webhook: 'policy.example.com',
        failsClosed: false,
        timeoutMs: 7_000,
        service: { namespace: 'policy', name: 'policy' },
        url: null,
        perhaps: false,
      },
    ]);
  });

  it('is not sure where conditions or unknown labels decide', () => {
    const conditions = { more: { matchConditions: [{ name: 'x', expression: 'true' }] } };
    expect(matching(conditions)[0]?.perhaps).toBe(true);
    const elsewhere = { more: { namespaceSelector: { matchLabels: { team: 'b' } } } };
    expect(matching(elsewhere, half(), null)[0]?.perhaps).toBe(true);
  });
});

describe('a label selector', () => {
  const LABELS = { a: '1', b: '2' };
  const by = (key: string, operator: string, ...values: string[]) => ({
    matchExpressions: [{ key, operator, values }],
  });
  it.each([
    ['nothing', undefined, true],
    ['an empty one', {}, true],
    ['a label', { matchLabels: { a: '1' } }, true],
    ['a label of another value', { matchLabels: { a: '2' } }, false],
    ['In', by('a', 'In', '1', '3'), true],
    ['In, absent', by('c', 'In', '1'), false],
    ['NotIn', by('a', 'NotIn', '1'), false],
    ['NotIn, absent', by('c', 'NotIn', '1'), true],
    ['Exists', by('b', 'Exists'), true],
    ['DoesNotExist', by('b', 'DoesNotExist'), false],
    ['what nobody knows', by('b', 'Near'), false],
    ['a name that every object has', by('toString', 'Exists'), false],
  ])('%s', (_name, selector, expected) => {
    expect(selectsLabels(selector, LABELS)).toBe(expected);
  });
});
