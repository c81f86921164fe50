import { describe, expect, it } from 'vitest';
import { EVENTS, LEASES, NODES, PODS } from '../../src/core/resources.ts';
import { selects } from '../../src/sandbox/selectors.ts';
import { event, lease, node, pod } from '../support/objects.ts';

describe('label selectors', () => {
  const labelled = lease({ labels: { app: 'web', tier: 'front' } });
  it.each([
    ['app=web', true],
    ['app==web,tier=front', true],
    ['app=web,tier=back', false],
    ['app!=web', false],
    ['other!=web', true],
    ['app in (api, web)', true],
    ['app in (api)', false],
    ['app notin (api,web)', false],
    ['other notin (api)', true],
    ['app', true],
    ['!app', false],
    ['!other,app in (web),tier', true],
    ['', true],
  ])('%s', (labelSelector, expected) => {
    expect(selects(LEASES, { labelSelector })(labelled)).toBe(expected);
  });
});

describe('field selectors', () => {
  it.each([
    ['a name', LEASES, lease({ name: 'x' }), 'metadata.name=x', true],
    ['another name', LEASES, lease({ name: 'y' }), 'metadata.name=x', false],
    ['not a namespace', LEASES, lease({ namespace: 'a' }), 'metadata.namespace!=kube-node-lease', true],
    [
      'the excluded namespace',
      LEASES,
      lease({ namespace: 'kube-node-lease' }),
      'metadata.namespace!=kube-node-lease',
      false,
    ],
    ['a node', PODS, pod({ node: 'n1' }), 'spec.nodeName=n1,metadata.name=manager-0', true],
    [
      'an involved object',
      EVENTS,
      event({ about: { kind: 'Pod', name: 'p' } }),
      'involvedObject.name=p',
      true,
    ],
    ['an absent field', NODES, node(), 'spec.unschedulable=true', false],
  ] as const)('%s', (_, resource, object, fieldSelector, expected) => {
    expect(selects(resource, { fieldSelector })(object)).toBe(expected);
  });

  it('refuses fields that the API server cannot select by', () => {
    expect(() => selects(LEASES, { fieldSelector: 'spec.holderIdentity=x' })).toThrow(
      'field label not supported: spec.holderIdentity',
    );
  });
});
