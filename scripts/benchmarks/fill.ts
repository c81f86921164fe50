import type { ClusterObject } from '../../src/core/cluster-object.ts';
import type { ApiAccess } from '../../test/e2e/support/api-access.ts';
import { namespaces, objectsBeyond } from './objects.ts';
import type { Size } from './sizes.ts';

const IN_PARALLEL = 32;

function collectionOf({ apiVersion = 'v1', kind = '', metadata }: ClusterObject): string {
  const plural = kind === 'Endpoints' ? 'endpoints' : `${kind.toLowerCase()}s`;
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  return `${root}${metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`}/${plural}`;
}

async function create(api: ApiAccess, object: ClusterObject): Promise<void> {
  const collection = collectionOf(object);
  await api.must('POST', collection, object);
  // A Pod's status is dropped when it is created; a Node keeps it.
  if (object.kind !== 'Pod') return;
  await api.must('PATCH', `${collection}/${object.metadata.name}/status`, { status: object['status'] });
}

async function createAll(api: ApiAccess, objects: Iterator<ClusterObject>): Promise<number> {
  let count = 0;
  const work = async (): Promise<void> => {
    for (let next = objects.next(); next.done !== true; next = objects.next()) {
      await create(api, next.value);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_PARALLEL }, work));
  return count;
}

/** Fills the control plane through its API from one size up to the next. */
export async function grow(api: ApiAccess, size: Size, from: Size | null): Promise<void> {
  const begun = performance.now();
  const known = from === null ? 0 : namespaces(from).length;
  await createAll(api, namespaces(size).slice(known).values());
  const count = await createAll(api, objectsBeyond(size, from));
  const seconds = (performance.now() - begun) / 1000;
  console.error(`created ${count} objects in ${seconds.toFixed(0)} s (${Math.round(count / seconds)}/s)`);
}
