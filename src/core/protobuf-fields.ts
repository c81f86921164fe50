/** The wire format of protocol buffers, as far as reading needs it. All of it throws a RangeError for bytes that break off. */

function checked(end: number, limit: number): number {
  if (end > limit) throw new RangeError('the message breaks off');
  return end;
}

/** The end of the number at this place; beyond the limit when it has not come whole. */
function varintEnd(bytes: Uint8Array, from: number, limit: number): number {
  let at = from;
  while (at < limit && (bytes[at] ?? 0) >= 0x80) at += 1;
  return at + 1;
}

function endOfVarint(bytes: Uint8Array, from: number, limit: number): number {
  return checked(varintEnd(bytes, from, limit), limit);
}

/** The number in these bytes; a negative one takes all ten of them. */
export function varint(bytes: Uint8Array, from: number, to: number): number {
  let value = 0n;
  for (let at = to - 1; at >= from; at -= 1) value = (value << 7n) | BigInt((bytes[at] ?? 0) & 0x7f);
  return Number(BigInt.asIntN(64, value));
}

/** Short ones are by far the most, and need no big numbers. */
function smallVarint(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = to - 1; at >= from; at -= 1) value = value * 128 + ((bytes[at] ?? 0) & 0x7f);
  return value;
}

/** Visits the fields of the message between `from` and `to`: their numbers, and where their values are. */
export function eachField(
  bytes: Uint8Array,
  from: number,
  to: number,
  visit: (field: number, from: number, to: number) => void,
): void {
  let at = from;
  while (at < to) {
    const tagEnd = endOfVarint(bytes, at, to);
    const tag = smallVarint(bytes, at, tagEnd);
    let start = tagEnd;
    let end: number;
    switch (tag % 8) {
      case 0:
        end = endOfVarint(bytes, start, to);
        break;
      case 1:
        end = checked(start + 8, to);
        break;
      case 2:
        start = endOfVarint(bytes, tagEnd, to);
        end = checked(start + smallVarint(bytes, tagEnd, start), to);
        break;
      case 5:
        end = checked(start + 4, to);
        break;
      default:
        throw new RangeError('the message has a field of no known form');
    }
    visit(Math.floor(tag / 8), start, end);
    at = end;
  }
}

/**
 * The field at this place of a message that is still coming, which has to be one that says how long it is: its number, and
 * where its value is or will be. Null when not even that has come.
 */
export function delimitedAt(
  bytes: Uint8Array,
  at: number,
): { field: number; from: number; to: number } | null {
  const tagEnd = varintEnd(bytes, at, bytes.length);
  if (tagEnd > bytes.length) return null;
  const tag = smallVarint(bytes, at, tagEnd);
  if (tag % 8 !== 2) throw new RangeError('the message has a field of no known form');
  const from = varintEnd(bytes, tagEnd, bytes.length);
  if (from > bytes.length) return null;
  return { field: Math.floor(tag / 8), from, to: from + smallVarint(bytes, tagEnd, from) };
}
