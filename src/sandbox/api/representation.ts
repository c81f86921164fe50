import type { ClusterObject } from '../../core/cluster-object.ts';
import { LeaderError } from '../../core/errors.ts';
import { NODES, PODS, type Resource } from '../../core/resources.ts';
import type { Instant } from '../../core/time.ts';
import { apiVersionOf } from '../kinds.ts';
import { printedRow } from '../printed-rows.ts';
import { columnsOf } from './columns.ts';

/** In which form a client wants what it asked for. */
export type Form = 'full' | 'metadata' | 'table';

const META = 'meta.k8s.io/v1';

/** The cells of these that `kubectl get -o wide` shows. */
const WIDE_ROWS = new Map<Resource, readonly string[]>([
  [PODS, ['IP', 'Node', 'Nominated Node', 'Readiness Gates']],
  [NODES, ['Internal-IP', 'External-IP', 'OS-Image', 'Kernel-Version', 'Container-Runtime']],
]);

/** The first form in an `Accept` header that there is. Throws `not-served` where there is none. */
export function formIn(accept: string): Form {
  for (const wish of accept === '' ? ['*/*'] : accept.split(',')) {
    const [type = '', ...parameters] = wish.split(';').map((part) => part.trim());
    if (!['application/json', 'application/*', '*/*'].includes(type)) continue;
    const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice(3);
    const isV1 = !parameters.includes('v=v1beta1');
    if (as === undefined) return 'full';
    if (as.startsWith('PartialObjectMetadata') && isV1) return 'metadata';
    if (as === 'Table' && isV1) return 'table';
  }
  throw new LeaderError('not-served', 'only the following media types are accepted: application/json');
}

/** The object, saying what it is, whole or its metadata alone. */
export function shown(
  resource: Resource,
  object: ClusterObject,
  form: Exclude<Form, 'table'>,
): ClusterObject {
  return form === 'metadata'
    ? { kind: 'PartialObjectMetadata', apiVersion: META, metadata: object.metadata }
    : { ...object, kind: resource.kind, apiVersion: apiVersionOf(resource) };
}

interface Cells {
  columns: { name: string; wide: boolean }[];
  cells: (object: ClusterObject) => unknown[];
}

function cellsOf(resource: Resource, now: Instant): Cells {
  const wideNames = WIDE_ROWS.get(resource);
  if (wideNames !== undefined) {
    const names = Object.keys(printedRow(resource, { metadata: {} }, now));
    return {
      columns: names.map((name) => ({ name, wide: wideNames.includes(name) })),
      cells: (object) => Object.values(printedRow(resource, object, now)),
    };
  }
  const columns = columnsOf(resource);
  return {
    columns: columns.map(({ name, wide = false }) => ({ name, wide })),
    cells: (object) => columns.map(({ cell }) => cell(object, now)),
  };
}

export interface TableOptions {
  resource: Resource;
  now: Instant;
  /** `includeObject`: what of each object goes with its row. */
  include: string | null;
  metadata: object;
  /** The columns are described in the first answer of a watch only. */
  headers: boolean;
}

/** Objects as rows, as the API server prints them for `kubectl get`. */
export function table(objects: readonly ClusterObject[], options: TableOptions): object {
  const { resource, now, include, metadata, headers } = options;
  const { columns, cells } = cellsOf(resource, now);
  const definitions = columns.map(({ name, wide }) => ({
    name,
    type: 'string',
    format: name === 'Name' ? 'name' : '',
    description: '',
    priority: wide ? 1 : 0,
  }));
  return {
    kind: 'Table',
    apiVersion: META,
    metadata,
    columnDefinitions: headers ? definitions : null,
    rows: objects.map((object) => ({
      cells: cells(object),
      ...(include !== 'None' && {
        object: shown(resource, object, include === 'Object' ? 'full' : 'metadata'),
      }),
    })),
  };
}

/** A list of objects; those of one kind do not say each for itself what they are. */
export function list(
  resource: Resource,
  objects: readonly ClusterObject[],
  form: Exclude<Form, 'table'>,
  metadata: object,
): object {
  if (form === 'metadata') {
    const items = objects.map((object) => shown(resource, object, 'metadata'));
    return { kind: 'PartialObjectMetadataList', apiVersion: META, metadata, items };
  }
  const items = objects.map(({ kind: _kind, apiVersion: _version, ...rest }) => rest);
  return { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata, items };
}
