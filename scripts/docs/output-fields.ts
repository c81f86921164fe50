import { listDocument } from '../../src/output/document.ts';
import { SNAPSHOT } from '../../test/output/sample-reports.ts';

/** What every field of `kind: LockList` says, by its path. A field without words here, or words without it, is an error. */
const FIELDS: Readonly<Record<string, string>> = {
  apiVersion:
    'The version of this shape. Fields are added under the same version, never changed or taken away.',
  kind: '`LockList`',
  takenAt: "When it was looked at, by the API server's clock",
  items: 'The locks, in the order of the list',
  'items[].namespace': "Of the lock's object",
  'items[].kind': '`lease`, `endpoints` or `configmap`',
  'items[].name': "Of the lock's object",
  'items[].format': 'How the object carries the record: `lease` or `annotation`',
  'items[].verdict': 'See [verdicts](verdicts.md)',
  'items[].severity': '`bad`, `warn`, `unknown`, `note` or `ok`',
  'items[].grade': '`watched`, or `clock` for a verdict that only watching can prove',
  'items[].unproven': "True where the holder's side could not be looked at",
  'items[].record': 'The election record; null if it cannot be decoded',
  'items[].record.holderIdentity': 'As written; null or empty when nobody holds the lock',
  'items[].record.leaseDurationSeconds': 'How long the holder claims the lock after each renewal',
  'items[].record.acquireTime': 'When this holder acquired it, by its own clock',
  'items[].record.renewTime': 'When it renewed it last, by its own clock',
  'items[].record.transitions': 'How often the holder changed, as the record counts it',
  'items[].record.strategy': 'Coordinated election: how the control plane picks the holder',
  'items[].record.preferredHolder': 'Coordinated election: whom the holder is to yield to',
  'items[].invalid': 'Why no candidate can decode the record; null if they can',
  'items[].holder': 'The Pod or Node behind the identity',
  'items[].holder.presence': '`alive`, `failing`, `gone`, `unmatched`, `unknown` or `nobody`',
  'items[].holder.found': 'The FOUND column',
  'items[].holder.kind': '`pod` or `node`; null if nothing was found',
  'items[].holder.namespace': 'Of the Pod',
  'items[].holder.name': 'Of the Pod or Node',
  'items[].holder.node': 'Where the holder runs',
  'items[].holder.rule': 'How the identity was read: `pod-name_uuid`, `node-name`, ...',
  'items[].holder.alsoFits': 'Other objects that the identity fits: `{kind, namespace, name}`',
  'items[].holder.was': 'What it used to be, when it is gone: `DaemonSet pod`',
  'items[].holder.workload': 'What it belongs, or belonged, to: `{kind, namespace, name}`',
  'items[].renewal': 'Whether the lock is renewed',
  'items[].renewal.state': '`renewing`, `late`, `silent`, `perpetual` or `undecided`',
  'items[].renewal.grade': '`watched` or `clock`',
  'items[].renewal.lastSecondsAgo': 'Since the last renewal, as far as is known',
  'items[].renewal.seen': 'How many renewals were seen while watching',
  'items[].renewal.gapsSeconds': 'The time between those, the oldest first',
  'items[].renewal.watchedSilenceSeconds': 'How long it was watched without a renewal',
  'items[].renewal.holderSkewSeconds': "How far the holder's clock is ahead of the API server's",
  'items[].evidence': 'What decided, the strongest first',
  'items[].evidence[].text': 'In words',
  'items[].evidence[].grade': '`watched`, `clock` or `read`',
  'items[].evidence[].from': 'Where it was seen',
  'items[].advice': 'What to do next, in words',
  'items[].candidates': 'How many processes could take the lock; null where nobody looked for them',
  'items[].heartbeat': 'Set for a Lease that is no lock (only with `--heartbeats`): what it is',
  'items[].uid': "Of the lock's object",
  'items[].resourceVersion': "Of the lock's object",
  'items[].creationTimestamp': "Of the lock's object",
  'items[].pairing': '`single`, `multilock`, `split` or `leftover-half`',
  'items[].halves':
    'Every object of the lock, the primary first, with its own `namespace`, `kind`, `name`, `format`, `uid`, `resourceVersion`, `creationTimestamp`, `record`, `invalid` and `warnings`',
  notes: 'What could not be read or decided',
  'notes[].code': 'A word for programs, that stays the same',
  'notes[].text': 'In words',
  'notes[].hint': 'What can be done about it; null if nothing can',
};

/** Described as a whole. */
const WHOLE = new Set(['items[].halves', 'items[].holder.alsoFits', 'items[].holder.workload']);

function typeOf(value: unknown): string | null {
  if (value === null) return null;
  return Array.isArray(value) ? 'list' : typeof value;
}

/** The types that the values of each path have, in the order in which the paths first come. */
function collect(value: unknown, path: string, found: Map<string, Set<string | null>>): void {
  if (path !== '') found.set(path, (found.get(path) ?? new Set()).add(typeOf(value)));
  if (WHOLE.has(path) || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') collect(item, `${path}[]`, found);
    return;
  }
  for (const [name, item] of Object.entries(value))
    collect(item, path === '' ? name : `${path}.${name}`, found);
}

/** Every field of the list's document, with what it says. Throws where code and words disagree. */
export function outputFields(): { path: string; meaning: string }[] {
  const found = new Map<string, Set<string | null>>();
  const notes = [{ code: 'unreadable', text: 'x', hint: null }] as const;
  collect(listDocument({ ...SNAPSHOT, notes }), '', found);
  const paths = [...found.keys()].filter((path) => !path.endsWith('[]'));
  const wordless = paths.filter((path) => !Object.hasOwn(FIELDS, path));
  const idle = Object.keys(FIELDS).filter((path) => !found.has(path));
  if (wordless.length > 0 || idle.length > 0) {
    throw new Error(
      `output fields without words: ${wordless.join(', ')}; words without field: ${idle.join(', ')}`,
    );
  }
  return paths.map((path) => ({ path, meaning: FIELDS[path] ?? '' }));
}
