/*
 * Edits the text of a JSON object in place. Decoding and encoding it again would respell what other clients wrote:
 * whole numbers beyond 2^53 would change, `15.000000000` would become `15`, keys that look like numbers would move.
 */

/** A member of the object, and where the text of its value stands. */
interface Member {
  key: string;
  from: number;
  to: number;
}

const TOKEN = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

function depthChange(token: string): number {
  if (token === '{' || token === '[') return 1;
  return token === '}' || token === ']' ? -1 : 0;
}

function membersOf(text: string): Member[] {
  const members: Member[] = [];
  let depth = 0;
  let key: string | null = null;
  let from: number | null = null;
  let to = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (depth === 1 && (token === ',' || token === '}')) {
      if (key !== null && from !== null) members.push({ key, from, to });
      [key, from] = [null, null];
    } else if (depth === 1 && key === null) {
      key = JSON.parse(token);
    } else if (depth > 1 || (depth === 1 && token !== ':')) {
      from ??= index;
      to = index + token.length;
    }
    depth += depthChange(token);
  }
  return members;
}

/** The text of each member's value as it is spelled, by key; of a key given twice the last, which is the one that counts. */
export function memberTexts(text: string): Map<string, string> {
  return new Map(membersOf(text).map(({ key, from, to }) => [key, text.slice(from, to)]));
}

function appended(text: string, member: string): string {
  const end = text.lastIndexOf('}');
  const isEmpty = text.slice(0, end).trimEnd().endsWith('{');
  return `${text.slice(0, end)}${isEmpty ? '' : ','}${member}${text.slice(end)}`;
}

/**
 * The object's text with the values of these keys replaced by other JSON texts; keys it lacks are added at the end.
 * `text` has to be the JSON text of an object.
 */
export function withMembers(text: string, values: ReadonlyMap<string, string>): string {
  const members = membersOf(text);
  const edited = members.reduceRight((before, { key, from, to }) => {
    const value = values.get(key);
    return value === undefined ? before : before.slice(0, from) + value + before.slice(to);
  }, text);
  const present = new Set(members.map(({ key }) => key));
  return [...values]
    .filter(([key]) => !present.has(key))
    .reduce((before, [key, value]) => appended(before, `${JSON.stringify(key)}:${value}`), edited);
}
