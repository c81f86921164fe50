import type { ClusterObject } from '../cluster-object.ts';
import { arrayAt, type Json, numberAt, objectAt, stringAt } from '../fields.ts';
import { selectsLabels } from '../label-selector.ts';
import type { LockHalf } from '../lock.ts';
import { LOCK_RESOURCES } from '../lock-resources.ts';

/** An admission webhook that the API server asks about every renewal of a lock. */
export interface MatchingWebhook {
  /** Kind of its configuration: ValidatingWebhookConfiguration or MutatingWebhookConfiguration. */
  kind: string;
  configuration: string;
  webhook: string;
  /** Whether a write is refused when it does not answer. */
  failsClosed: boolean;
  /** How long the API server waits for it, milliseconds. */
  timeoutMs: number;
  /** The Service behind it; null for a URL. */
  service: { namespace: string; name: string } | null;
  url: string | null;
  /** It has conditions of its own, or the namespace's labels are not known: then it may leave the lock alone. */
  perhaps: boolean;
}

/** The API server's default, seconds. */
const DEFAULT_TIMEOUT_S = 10;

function includes(list: Json[], ...wanted: readonly string[]): boolean {
  return list.includes('*') || wanted.some((one) => list.includes(one));
}

function ruleMatches(rule: Json, webhook: Json, { ref }: LockHalf): boolean {
  const { group, plural } = LOCK_RESOURCES[ref.kind];
  // Unless it insists on exact versions, the API server translates.
  const anyVersion = stringAt(webhook, 'matchPolicy') !== 'Exact';
  const scope = stringAt(rule, 'scope') ?? '*';
  return (
    includes(arrayAt(rule, 'apiGroups'), group) &&
    (anyVersion || includes(arrayAt(rule, 'apiVersions'), 'v1')) &&
    includes(arrayAt(rule, 'operations'), 'UPDATE') &&
    includes(arrayAt(rule, 'resources'), plural, '*/*') &&
    (scope === '*' || scope === 'Namespaced')
  );
}

function serviceOf(config: Json): MatchingWebhook['service'] {
  const service = objectAt(config, 'service');
  const namespace = stringAt(service, 'namespace');
  const name = stringAt(service, 'name');
  return namespace === null || name === null ? null : { namespace, name };
}

/**
 * The webhooks of one configuration that are asked when the lock is renewed. `namespaceLabels`: of the lock's
 * namespace, null when they could not be read.
 */
export function webhooksFor(
  configuration: ClusterObject,
  kind: string,
  half: LockHalf,
  namespaceLabels: Readonly<Record<string, string>> | null,
): MatchingWebhook[] {
  return arrayAt(configuration, 'webhooks').flatMap((webhook): MatchingWebhook[] => {
    if (!arrayAt(webhook, 'rules').some((rule) => ruleMatches(rule, webhook, half))) return [];
    const namespaceSelector = objectAt(webhook, 'namespaceSelector');
    if (namespaceLabels !== null && !selectsLabels(namespaceSelector, namespaceLabels)) return [];
    if (!selectsLabels(objectAt(webhook, 'objectSelector'), half.labels)) return [];
    const config = objectAt(webhook, 'clientConfig');
    const blind = namespaceLabels === null && Object.keys(namespaceSelector ?? {}).length > 0;
    return [
      {
        kind,
        configuration: configuration.metadata.name ?? '',
        webhook: stringAt(webhook, 'name') ?? '',
        failsClosed: stringAt(webhook, 'failurePolicy') !== 'Ignore',
        timeoutMs: (numberAt(webhook, 'timeoutSeconds') ?? DEFAULT_TIMEOUT_S) * 1000,
        service: serviceOf(config),
        url: stringAt(config, 'url'),
        perhaps: blind || arrayAt(webhook, 'matchConditions').length > 0,
      },
    ];
  });
}
