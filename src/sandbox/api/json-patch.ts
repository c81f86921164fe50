import { isDeepStrictEqual } from 'node:util';
import { LeaderError } from '../../core/errors.ts';

type Fields = Record<string, unknown>;

interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

function failed(why: string): LeaderError {
  return new LeaderError('invalid', `the server rejected our request due to an error in our request: ${why}`);
}

function keysOf(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw failed(`"${pointer}" is no JSON pointer`);
  return pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The object or list that the last key of a pointer is in, and that key. */
function parentOf(root: { document: unknown }, pointer: string): { parent: unknown; key: string } {
  const keys = ['document', ...keysOf(pointer)];
  const key = keys.pop() ?? '';
  let parent: unknown = root;
  for (const step of keys) {
    const isInside = typeof parent === 'object' && parent !== null && Object.hasOwn(parent, step);
    parent = isInside ? (parent as Fields)[step] : undefined;
  }
  if (typeof parent !== 'object' || parent === null || key === '__proto__') {
    throw failed(`nothing is at "${pointer}"`);
  }
  return { parent, key };
}

function valueAt(root: { document: unknown }, pointer: string): unknown {
  const { parent, key } = parentOf(root, pointer);
  if (!Object.hasOwn(parent as object, key)) throw failed(`nothing is at "${pointer}"`);
  return (parent as Fields)[key];
}

function add(root: { document: unknown }, pointer: string, value: unknown): void {
  const { parent, key } = parentOf(root, pointer);
  if (Array.isArray(parent)) parent.splice(key === '-' ? parent.length : Number(key), 0, value);
  else (parent as Fields)[key] = value;
}

function remove(root: { document: unknown }, pointer: string): void {
  valueAt(root, pointer);
  const { parent, key } = parentOf(root, pointer);
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete (parent as Fields)[key];
}

function test(root: { document: unknown }, pointer: string, value: unknown): void {
  if (!isDeepStrictEqual(valueAt(root, pointer), value)) throw failed(`the test of "${pointer}" failed`);
}

function move(root: { document: unknown }, from: string, to: string): void {
  const moved = valueAt(root, from);
  remove(root, from);
  add(root, to, moved);
}

type Act = (root: { document: unknown }, operation: Operation) => void;

const ACTS: Readonly<Record<string, Act>> = {
  add: (root, { path, value }) => add(root, path, structuredClone(value)),
  remove: (root, { path }) => remove(root, path),
  replace: (root, { path, value }) => {
    remove(root, path);
    add(root, path, structuredClone(value));
  },
  copy: (root, { path, from = '' }) => add(root, path, structuredClone(valueAt(root, from))),
  move: (root, { path, from = '' }) => move(root, from, path),
  test: (root, { path, value }) => test(root, path, value),
};

/** A JSON patch (RFC 6902) applied to a copy. Throws `invalid` where an operation does not fit. */
export function jsonPatched(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw failed('a JSON patch is a list');
  const root = { document: structuredClone(document) };
  for (const operation of patch as Operation[]) {
    const act = Object.hasOwn(ACTS, operation.op) ? ACTS[operation.op] : undefined;
    if (act === undefined) throw failed(`unknown operation "${operation.op}"`);
    act(root, operation);
  }
  return root.document;
}
