import { LeaderError } from './errors.ts';
import { isDnsName } from './host-name.ts';
import type { LockKind, LockRef } from './lock.ts';
import { printable } from './text.ts';

/** A lock as a user names it. What was not said is null. */
export interface LockName {
  kind: LockKind | null;
  namespace: string | null;
  name: string;
}

/** Every spelling that kubectl takes for the kinds that carry locks; case does not matter. */
const SPELLINGS: Readonly<Record<LockKind, RegExp>> = {
  lease: /^leases?(?:\.coordination\.k8s\.io|\.v1\.coordination\.k8s\.io)?$/i,
  endpoints: /^(?:endpoints|ep)(?:\.v1\.?)?$/i,
  configmap: /^(?:configmaps?|cm)(?:\.v1\.?)?$/i,
};

/** The kind that a word means, in any of kubectl's spellings; null for anything else. */
export function kindOf(word: string): LockKind | null {
  const found = Object.entries(SPELLINGS).find(([, spelling]) => spelling.test(word));
  return (found?.[0] as LockKind | undefined) ?? null;
}

const FORMS = 'A lock is NAME, NAMESPACE/NAME, KIND/NAME or NAMESPACE/KIND/NAME.';

function usage(message: string, hint: string = FORMS): LeaderError {
  return new LeaderError('usage', message, { hint });
}

/** The forms in which a lock can be named, by their number of parts. */
function partsOf(text: string): { namespace: string | null; kind: string | null; name: string } {
  const parts = text.split('/');
  const [first = '', second = '', third = ''] = parts;
  switch (parts.length) {
    case 1:
      return { namespace: null, kind: null, name: first };
    case 2:
      return kindOf(first) === null
        ? { namespace: first, kind: null, name: second }
        : { namespace: null, kind: first, name: second };
    case 3:
      return { namespace: first, kind: second, name: third };
    default:
      throw usage(`"${printable(text)}" does not name a lock`);
  }
}

/**
 * Reads `NAME`, `NS/NAME`, `KIND/NAME` or `NS/KIND/NAME`. `flagNamespace` is what `--namespace` says, null when it was
 * not given. Of two parts the first is a kind if it can be one. Throws `usage` errors.
 */
export function parseLockName(text: string, flagNamespace: string | null = null): LockName {
  const { namespace, kind: word, name } = partsOf(text);
  const kind = word === null ? null : kindOf(word);
  if (word !== null && kind === null) {
    throw usage(
      `"${printable(word)}" in "${printable(text)}" is no kind that carries locks`,
      'Kinds are lease, endpoints (ep) and configmap (cm).',
    );
  }
  for (const part of [namespace, name]) {
    if (part !== null && !isDnsName(part)) throw usage(`"${printable(text)}" does not name a lock`);
  }
  if (namespace !== null && flagNamespace !== null && namespace !== flagNamespace) {
    throw usage(
      `"${printable(text)}" is in another namespace than --namespace ${printable(flagNamespace)}`,
      'Name the namespace once.',
    );
  }
  return { kind, namespace: namespace ?? flagNamespace, name };
}

/** The name as it was understood: `lease/NAME in namespace NS`. */
export function lockNameText({ kind, namespace, name }: LockName): string {
  return `${kind === null ? '' : `${kind}/`}${name}${namespace === null ? '' : ` in namespace ${namespace}`}`;
}

/** Whether an object of a lock is what the name asks for. */
export function fitsLockName({ kind, namespace, name }: LockName, ref: LockRef): boolean {
  return (
    ref.name === name &&
    (kind === null || ref.kind === kind) &&
    (namespace === null || ref.namespace === namespace)
  );
}

/** How far two names are apart: insertions, deletions and substitutions. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [at, letter] of [...a].entries()) {
    const next = [at + 1];
    for (const [to, other] of [...b].entries()) {
      const [replaced = 0, removed = 0, added = 0] = [row[to], row[to + 1], next[to]];
      next.push(Math.min(replaced + (letter === other ? 0 : 1), removed + 1, added + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** How many names are suggested. */
const SUGGESTIONS = 3;

/** A shorter part than this is contained in too many names to mean any of them. */
const TELLING_PART = 4;

function contains(whole: string, part: string): boolean {
  return part.length >= TELLING_PART && whole.includes(part);
}

/** Names that a user may have meant, the likeliest first: one contains the other, or few letters differ. */
export function nearNames(name: string, existing: Iterable<string>): string[] {
  const rated = [...new Set(existing)].flatMap((other) => {
    if (other === name) return [];
    if (contains(other, name) || contains(name, other)) return [{ other, far: 0 }];
    const limit = Math.max(1, name.length / 3);
    if (Math.abs(other.length - name.length) > limit) return [];
    const far = editDistance(name, other);
    return far <= limit ? [{ other, far }] : [];
  });
  return rated
    .toSorted((a, b) => a.far - b.far || (a.other < b.other ? -1 : 1))
    .slice(0, SUGGESTIONS)
    .map(({ other }) => other);
}
