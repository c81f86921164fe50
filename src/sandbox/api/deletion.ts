import type { ClusterObject } from '../../core/cluster-object.ts';
import { NAMESPACES, PODS } from '../../core/resources.ts';
import { formatSecondTime } from '../../core/time.ts';
import { KNOWN_RESOURCES } from '../kinds.ts';
import { textAt } from '../selectors.ts';
import type { Preconditions, Store } from '../store.ts';
import type { Call } from './call.ts';

interface DeleteOptions {
  preconditions?: Preconditions;
  gracePeriodSeconds?: number;
  propagationPolicy?: string;
  dryRun?: string[];
}

function optionsOf({ query, body }: Call): DeleteOptions {
  const sent: DeleteOptions = typeof body === 'object' && body !== null ? body : {};
  const grace = query.get('gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  return {
    ...sent,
    ...(grace !== null && { gracePeriodSeconds: Number(grace) }),
    ...(policy !== null && { propagationPolicy: policy }),
    ...(query.getAll('dryRun').includes('All') && { dryRun: ['All'] }),
  };
}

/** How long the kubelet has to end a Pod, seconds; 0 for whatever no kubelet runs. */
function graceOf(call: Call, object: ClusterObject, { gracePeriodSeconds }: DeleteOptions): number {
  const isOver = ['Succeeded', 'Failed'].includes(textAt(object, 'status', 'phase'));
  if (call.served.resource !== PODS || textAt(object, 'spec', 'nodeName') === '' || isOver) return 0;
  return gracePeriodSeconds ?? Number(textAt(object, 'spec', 'terminationGracePeriodSeconds') || 30);
}

/** What an object owned stays, and is owned no more. */
function orphan(owner: ClusterObject, store: Store): void {
  for (const resource of KNOWN_RESOURCES) {
    for (const object of store.list(resource)) {
      const { ownerReferences = [], ...metadata } = object.metadata;
      const others = ownerReferences.filter(({ uid }) => uid !== owner.metadata.uid);
      if (others.length === ownerReferences.length) continue;
      store.update({ ...object, metadata: { ...metadata, ownerReferences: others } });
    }
  }
}

function empty(namespace: string, store: Store): void {
  for (const resource of KNOWN_RESOURCES.filter(({ namespaced }) => namespaced)) {
    for (const { metadata } of store.list(resource)) {
      if (metadata.namespace === namespace) store.remove(resource, namespace, metadata.name ?? '');
    }
  }
}

/** Deletes an object, or asks its kubelet to. Gives the object where it stays for a while, else a Status. */
export function deleted(call: Call, store: Store): ClusterObject | object {
  const { served, namespace, name: asked } = call;
  const { resource } = served;
  const name = asked ?? '';
  const options = optionsOf(call);
  const dryRun = options.dryRun?.includes('All') ?? false;
  const object = store.read(resource, namespace, name);
  // Where it may not be deleted nothing is done, not even to what it owns.
  store.remove(resource, namespace, name, options.preconditions, true);
  const grace = graceOf(call, object, options);
  if (grace > 0) {
    if (object.metadata.deletionTimestamp !== undefined) return object;
    const marks = {
      deletionTimestamp: formatSecondTime(store.serverNow() + grace * 1_000),
      deletionGracePeriodSeconds: grace,
    };
    return store.update({ ...object, metadata: { ...object.metadata, ...marks } }, { dryRun });
  }
  if (!dryRun) {
    if (options.propagationPolicy === 'Orphan') orphan(object, store);
    store.remove(resource, namespace, name);
    if (resource === NAMESPACES) empty(name, store);
  }
  const { group, plural } = resource;
  const details = { name, ...(group !== '' && { group }), kind: plural, uid: object.metadata.uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}
