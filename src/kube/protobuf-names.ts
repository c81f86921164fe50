import { delimitedAt } from '../core/protobuf-fields.ts';
import {
  ITEM_NAME_FIELDS,
  LIST_METADATA_FIELDS,
  type Listed,
  MAGIC,
  readMessage,
} from './protobuf-metadata.ts';
import type { JsonObject } from './wire-objects.ts';

/** Takes a PartialObjectMetadataList piece by piece: of tens of megabytes nothing is kept but names. */
class NamesReader {
  readonly listed: Listed = { metadata: {}, items: [] };
  /** Bytes of the list that are still to come; null before it has begun. */
  #left: number | null = null;

  get isComplete(): boolean {
    return this.#left === 0;
  }

  /** Takes what is complete of these bytes, and gives how many of them. What is left comes again, with what follows it. */
  take(bytes: Buffer): number {
    let at = 0;
    if (this.#left === null) {
      const list = this.#listIn(bytes);
      if (list === null) return 0;
      this.#left = list.to - list.from;
      at = list.from;
    }
    while (this.#left > 0) {
      const part = delimitedAt(bytes, at);
      if (part === null || part.to > bytes.length) return at;
      this.#left -= part.to - at;
      if (this.#left < 0) throw new RangeError('the message breaks off');
      const { metadata, items } = this.listed;
      if (part.field === 1) readMessage(LIST_METADATA_FIELDS, metadata, bytes, part.from, part.to);
      if (part.field === 2)
        items.push(readMessage(ITEM_NAME_FIELDS, { metadata: {} }, bytes, part.from, part.to));
      at = part.to;
    }
    // What follows the list says how it is encoded: not at all.
    return bytes.length;
  }

  /** Where in the outermost message the list is; null while that has not come. */
  #listIn(bytes: Buffer): { from: number; to: number } | null {
    if (bytes.length < MAGIC.length) return null;
    if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new RangeError('the message has no beginning');
    let part = delimitedAt(bytes, MAGIC.length);
    while (part !== null && part.field !== 2) part = delimitedAt(bytes, part.to);
    return part;
  }
}

/**
 * A PartialObjectMetadataList of the API server, as JSON would have it, with nothing of its items but name and namespace.
 * Rejects with a RangeError for bytes that are no such list, and with what the body rejects with.
 */
export async function namesListIn(body: AsyncIterable<Uint8Array>): Promise<JsonObject> {
  const reader = new NamesReader();
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of body) {
    const bytes = Buffer.concat([rest, chunk]);
    rest = bytes.subarray(reader.take(bytes));
  }
  if (!reader.isComplete) throw new RangeError('the message breaks off');
  return { kind: 'PartialObjectMetadataList', ...reader.listed };
}
