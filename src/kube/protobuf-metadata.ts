import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../core/cluster-object.ts';
import { eachField, varint } from '../core/protobuf-fields.ts';
import type { JsonObject } from './wire-objects.ts';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** Asks for the metadata of a list in it; goes before what is to be sent by a server that cannot. */
export const ACCEPT_METADATA_LIST = `${PROTOBUF};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`;

/** Every message of the API server begins so. */
export const MAGIC = Buffer.from('k8s\0');

/** Takes one field of a message into what is made of it. */
type Take<Made> = (made: Made, bytes: Buffer, from: number, to: number) => void;

/** Reads a message by a table of its fields' numbers (k8s.io/apimachinery, generated.proto); others are passed over. */
export function readMessage<Made>(
  takes: Readonly<Record<number, Take<Made>>>,
  made: Made,
  bytes: Buffer,
  from: number,
  to: number,
): Made {
  eachField(bytes, from, to, (field, start, end) => takes[field]?.(made, bytes, start, end));
  return made;
}

/** An empty text is written, where JSON has nothing. */
function text<Made>(set: (made: Made, value: string) => void): Take<Made> {
  return (made, bytes, from, to) => {
    if (to > from) set(made, bytes.toString('utf8', from, to));
  };
}

/** A time of whole seconds, as JSON has it. */
function time<Made>(set: (made: Made, value: string) => void): Take<Made> {
  return (made, bytes, from, to) => {
    let seconds = 0;
    eachField(bytes, from, to, (field, start, end) => {
      if (field === 1) seconds = varint(bytes, start, end);
    });
    // What has no time has one before all others.
    if (seconds > 0) set(made, new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'));
  };
}

function entry<Made>(mapOf: (made: Made) => Record<string, string>): Take<Made> {
  return (made, bytes, from, to) => {
    const texts = readMessage(
      {
        1: text<{ key: string; value: string }>((pair, value) => {
          pair.key = value;
        }),
        2: text((pair, value) => {
          pair.value = value;
        }),
      },
      { key: '', value: '' },
      bytes,
      from,
      to,
    );
    mapOf(made)[texts.key] = texts.value;
  };
}

const OWNER_FIELDS: Readonly<Record<number, Take<OwnerReference>>> = {
  1: text((owner, value) => {
    owner.kind = value;
  }),
  3: text((owner, value) => {
    owner.name = value;
  }),
  4: text((owner, value) => {
    owner.uid = value;
  }),
  5: text((owner, value) => {
    owner.apiVersion = value;
  }),
  6: (owner, bytes, from, to) => {
    owner.controller = varint(bytes, from, to) !== 0;
  },
};

function jsonIn(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}

const MANAGED_FIELDS: Readonly<Record<number, Take<ManagedFieldsEntry>>> = {
  1: text((managed, value) => {
    managed.manager = value;
  }),
  2: text((managed, value) => {
    managed.operation = value;
  }),
  4: time((managed, value) => {
    managed.time = value;
  }),
  7: (managed, bytes, from, to) => {
    const take = text<ManagedFieldsEntry>((into, raw) => {
      into.fieldsV1 = jsonIn(raw);
    });
    readMessage({ 1: take }, managed, bytes, from, to);
  },
};

const NAME_FIELDS: Readonly<Record<number, Take<ObjectMeta>>> = {
  1: text((metadata, value) => {
    metadata.name = value;
  }),
  3: text((metadata, value) => {
    metadata.namespace = value;
  }),
};

const METADATA_FIELDS: Readonly<Record<number, Take<ObjectMeta>>> = {
  ...NAME_FIELDS,
  5: text((metadata, value) => {
    metadata.uid = value;
  }),
  6: text((metadata, value) => {
    metadata.resourceVersion = value;
  }),
  8: time((metadata, value) => {
    metadata.creationTimestamp = value;
  }),
  9: time((metadata, value) => {
    metadata.deletionTimestamp = value;
  }),
  11: entry((metadata) => {
    metadata.labels ??= {};
    return metadata.labels;
  }),
  12: entry((metadata) => {
    metadata.annotations ??= {};
    return metadata.annotations;
  }),
  13: (metadata, bytes, from, to) => {
    metadata.ownerReferences ??= [];
    metadata.ownerReferences.push(readMessage<OwnerReference>(OWNER_FIELDS, {}, bytes, from, to));
  },
  17: (metadata, bytes, from, to) => {
    metadata.managedFields ??= [];
    metadata.managedFields.push(readMessage<ManagedFieldsEntry>(MANAGED_FIELDS, {}, bytes, from, to));
  },
};

/** Where in the bytes the first of some texts is, from one place on. Asked with growing places. */
function firstOf(bytes: Buffer, texts: readonly string[]): (from: number) => number {
  const next = texts.map((one) => ({ one, at: -1 }));
  return (from) =>
    next.reduce((first, search) => {
      if (search.at < from) {
        const at = bytes.indexOf(search.one, from, 'utf8');
        search.at = at === -1 ? Number.POSITIVE_INFINITY : at;
      }
      return Math.min(first, search.at);
    }, Number.POSITIVE_INFINITY);
}

export interface Listed {
  metadata: { resourceVersion?: string; continue?: string };
  items: { metadata: ObjectMeta }[];
}

export const LIST_METADATA_FIELDS: Readonly<Record<number, Take<Listed['metadata']>>> = {
  2: text((into, value) => {
    into.resourceVersion = value;
  }),
  3: text((into, value) => {
    into.continue = value;
  }),
};

function itemFields(
  fields: Readonly<Record<number, Take<ObjectMeta>>>,
): Readonly<Record<number, Take<Listed['items'][number]>>> {
  return { 1: (item, bytes, from, to) => readMessage(fields, item.metadata, bytes, from, to) };
}

const ITEM_FIELDS = itemFields(METADATA_FIELDS);
export const ITEM_NAME_FIELDS = itemFields(NAME_FIELDS);

/**
 * A PartialObjectMetadataList of the API server, as JSON would have it, with those items that bear one of the
 * annotations: among thousands of objects few do, and nothing is made of the others. Throws a RangeError for bytes that
 * are no such list.
 */
export function metadataListOf(bytes: Buffer, annotations: readonly string[]): JsonObject {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new RangeError('the message has no beginning');
  const listed: Listed = { metadata: {}, items: [] };
  const mentioned = firstOf(bytes, annotations);
  const takeListMetadata: Take<Listed> = ({ metadata }, _bytes, from, to) => {
    readMessage(LIST_METADATA_FIELDS, metadata, bytes, from, to);
  };
  const takeItem: Take<Listed> = ({ items }, _bytes, from, to) => {
    if (mentioned(from) < to) items.push(readMessage(ITEM_FIELDS, { metadata: {} }, bytes, from, to));
  };
  // The message is wrapped in another one, which says of what type it is.
  const takeRaw: Take<Listed> = (made, _bytes, from, to) => {
    readMessage({ 1: takeListMetadata, 2: takeItem }, made, bytes, from, to);
  };
  readMessage({ 2: takeRaw }, listed, bytes, MAGIC.length, bytes.length);
  return { kind: 'PartialObjectMetadataList', ...listed };
}
