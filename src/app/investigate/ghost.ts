/** Where a holder may live that exists nowhere in the cluster, and how it can still authenticate. */
import type { ClusterObject } from '../../core/cluster-object.ts';
import type { GhostTrail, LegacyToken } from '../../core/describe/case-file.ts';
import { type Clue, ghostPlaces } from '../../core/describe/ghost-places.ts';
import { arrayAt, objectAt, stringAt } from '../../core/fields.ts';
import { nodeNamesIn, podNamesIn, readIdentity } from '../../core/identity.ts';
import { HOSTNAME_LABEL } from '../../core/node-facts.ts';
import type { LockReport } from '../../core/report.ts';
import {
  CSI_NODES,
  EVENTS,
  LEASES,
  NODES,
  PERSISTENT_VOLUMES,
  type Resource,
  SECRETS,
  VOLUME_ATTACHMENTS,
} from '../../core/resources.ts';
import { type Instant, parseRfc3339 } from '../../core/time.ts';
import type { ListScope } from '../ports.ts';
import type { Means } from '../traces.ts';
import type { Account } from './rights.ts';

async function list(
  resource: Resource,
  projection: 'full' | 'metadata',
  { cluster, reads, signal }: Means,
  scope: ListScope = {},
): Promise<ClusterObject[] | null> {
  const ask = () => cluster.list(resource, { ...scope, projection, consistency: 'cached' }, signal);
  return (await reads.attempt('list', resource, scope.namespace ?? null, ask)).value?.items ?? null;
}

function clue(node: string | null, about: 'holder' | 'machine', text: string, from: string): Clue[] {
  return node === null || node === '' ? [] : [{ node, about, evidence: { text, grade: 'read', from } }];
}

/** The scheduler and the kubelet name the node of a Pod in their events. */
function cluesOfEvents(events: readonly ClusterObject[]): Clue[] {
  return events.flatMap((event) => {
    const about = objectAt(event, 'involvedObject');
    if (stringAt(about, 'kind') !== 'Pod') return [];
    const message = stringAt(event, 'message') ?? '';
    const assigned = /^Successfully assigned \S+ to (\S+)$/.exec(message)?.[1] ?? null;
    const node = assigned ?? stringAt(objectAt(event, 'source'), 'host');
    const from = `event ${event.metadata.namespace}/${event.metadata.name}`;
    return clue(
      node,
      'holder',
      `an event ${stringAt(event, 'reason') ?? ''} tells that its pod ran there`,
      from,
    );
  });
}

function cluesOfAttachments(attachments: readonly ClusterObject[]): Clue[] {
  return attachments.flatMap((one) =>
    clue(
      stringAt(objectAt(one, 'spec'), 'nodeName'),
      'machine',
      'a volume is still attached to it',
      `volumeattachment ${one.metadata.name}`,
    ),
  );
}

function hostnamesOf(volume: ClusterObject): string[] {
  const required = objectAt(objectAt(objectAt(volume, 'spec'), 'nodeAffinity'), 'required');
  return arrayAt(required, 'nodeSelectorTerms')
    .flatMap((term) => arrayAt(term, 'matchExpressions'))
    .filter((expression) => stringAt(expression, 'key') === HOSTNAME_LABEL)
    .flatMap((expression) => arrayAt(expression, 'values'))
    .filter((value) => typeof value === 'string');
}

function cluesOfVolumes(volumes: readonly ClusterObject[]): Clue[] {
  return volumes.flatMap((volume) =>
    hostnamesOf(volume).flatMap((node) =>
      clue(node, 'machine', 'a volume lives on it', `persistentvolume ${volume.metadata.name}`),
    ),
  );
}

function cluesOfNames(objects: readonly ClusterObject[], kind: string, text: string): Clue[] {
  return objects.flatMap(({ metadata }) =>
    clue(metadata.name ?? null, 'machine', text, `${kind} ${metadata.name}`),
  );
}

function heartbeatsOf(leases: readonly ClusterObject[]): Map<string, Instant> {
  return new Map(
    leases.flatMap((lease) => {
      const at = parseRfc3339(stringAt(objectAt(lease, 'spec'), 'renewTime'));
      return at === null || lease.metadata.name === undefined ? [] : [[lease.metadata.name, at]];
    }),
  );
}

/** In all namespaces, or in the lock's where no more may be read. */
async function eventsAbout(
  names: readonly string[],
  namespace: string,
  means: Means,
): Promise<ClusterObject[]> {
  const read = await Promise.all(
    names.map(async (name) => {
      const about = { fieldSelector: `involvedObject.name=${name}` };
      return (
        (await list(EVENTS, 'full', means, about)) ?? list(EVENTS, 'full', means, { ...about, namespace })
      );
    }),
  );
  return read.flatMap((events) => events ?? []);
}

/** Tokens that are kept in Secrets work without any Pod. Only metadata is read: what is in them is nobody's business. */
async function legacyTokens(
  namespace: string,
  account: Account | null,
  means: Means,
): Promise<LegacyToken[] | null> {
  const scope = { namespace, fieldSelector: 'type=kubernetes.io/service-account-token' };
  const secrets = await list(SECRETS, 'metadata', means, scope);
  if (secrets === null) return null;
  return secrets.flatMap(({ metadata }) => {
    const serviceAccount = metadata.annotations?.['kubernetes.io/service-account.name'];
    if (serviceAccount === undefined || metadata.name === undefined) return [];
    if (account !== null && account.name !== serviceAccount) return [];
    return [{ namespace, secret: metadata.name, serviceAccount }];
  });
}

/** `account`: under which the ghost's workload runs, null when not known. Rejects only with `interrupted`. */
export async function trackGhost(
  report: LockReport,
  account: Account | null,
  means: Means,
): Promise<GhostTrail> {
  const { ref } = report.lock.primary;
  const readings = readIdentity(report.holder.identity ?? '', ref);
  const pods = podNamesIn(readings);
  const [events, attachments, csiNodes, volumes, heartbeats, nodes, tokens] = await Promise.all([
    eventsAbout(pods, ref.namespace, means),
    list(VOLUME_ATTACHMENTS, 'full', means),
    list(CSI_NODES, 'metadata', means),
    list(PERSISTENT_VOLUMES, 'full', means),
    list(LEASES, 'full', means, { namespace: 'kube-node-lease' }),
    list(NODES, 'metadata', means),
    legacyTokens(account?.namespace ?? ref.namespace, account, means),
  ]);
  const clues = [
    ...cluesOfEvents(events),
    ...cluesOfAttachments(attachments ?? []),
    ...cluesOfNames(csiNodes ?? [], 'csinode', 'its volume drivers are still recorded'),
    ...cluesOfVolumes(volumes ?? []),
    ...cluesOfNames(heartbeats ?? [], 'lease kube-node-lease', 'it has left its heartbeat'),
  ];
  const existing = nodes === null ? null : new Set(nodes.flatMap(({ metadata }) => metadata.name ?? []));
  return {
    places: ghostPlaces(clues, nodeNamesIn(readings), existing, heartbeatsOf(heartbeats ?? [])),
    tokens,
    serviceAccount: account,
  };
}
