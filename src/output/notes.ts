import type { Note } from '../core/evidence.ts';
import { compareGaps, type Gap } from '../core/gap.ts';

/** What a person is told: one line, and one more where something can be done about it. */
export type Told = Pick<Note, 'text' | 'hint'>;

type GapNote = Note & { gap: Gap };

/** So many resources are named in a line; the rest is counted. */
const NAMED = 4;

const SEVERAL_CONSEQUENCES = 'some holders cannot be told from missing ones';

function hasGap(note: Note): note is GapNote {
  return note.gap !== undefined;
}

/** Notes with the same key have one cause: the same right is missing, or the same failure hit all of them. */
function causeOf({ code, gap }: GapNote): string {
  const { about, verb, where, clusterWide } = gap;
  const place = clusterWide ? 'everywhere' : where;
  return gap.code === 'forbidden' ? `${about} ${code} ${verb} ${place}` : `${about} ${gap.code}`;
}

function only(texts: readonly string[]): string | null {
  const [first = null, ...others] = new Set(texts);
  return others.length === 0 ? first : null;
}

function namesOf(gaps: readonly Gap[]): string {
  const names = [...new Set(gaps.map(({ resource }) => resource))];
  const rest = names.length - NAMED;
  return `${names.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function whereOf(gaps: readonly Gap[]): string {
  return (
    only(gaps.map(({ where }) => where)) ?? (gaps.every((gap) => gap.clusterWide) ? ' cluster-wide' : '')
  );
}

function join(notes: readonly GapNote[]): Told {
  const gaps = notes.map(({ gap }) => gap).toSorted(compareGaps);
  const [first] = gaps;
  const names = namesOf(gaps);
  const consequence = only(gaps.map((gap) => gap.consequence)) ?? SEVERAL_CONSEQUENCES;
  if (first?.code !== 'forbidden') {
    const verb = only(gaps.map((gap) => gap.verb)) ?? 'read';
    const hint = notes.find(({ gap }) => gap === first)?.hint ?? null;
    return {
      text: `could not ${verb} ${names}${whereOf(gaps)}: ${first?.why}`,
      hint: hint === null ? consequence : `${consequence}: ${hint}`,
    };
  }
  const role = first.clusterWide ? 'ClusterRole' : 'Role';
  const ask = `ask for a ${role} with the verb "${first.verb}" on them`;
  const text = `not allowed to ${first.verb} ${names}${whereOf(gaps)}: ${consequence}`;
  return {
    text,
    hint: notes.some(({ code }) => code === 'narrowed')
      ? `-n NAMESPACE shows those of another namespace; for all of them ${ask}`
      : `${ask}; -o json names each rule`,
  };
}

/** The notes as a person wants them: what has one cause is told once, the most important first. */
export function joinNotes(notes: readonly Note[]): Told[] {
  const gaps = notes.filter(hasGap).toSorted((a, b) => compareGaps(a.gap, b.gap));
  const byCause = Map.groupBy(gaps, causeOf);
  const joined = [...byCause.values()].flatMap((group): Told[] => {
    const [first, ...others] = group;
    // A lock's own note repeats the API server's whole sentence.
    const isPlain = first?.gap.about === 'holders' || first?.gap.code !== 'forbidden';
    return others.length === 0 && first !== undefined && isPlain ? [first] : [join(group)];
  });
  return [...notes.filter((note) => !hasGap(note)), ...joined];
}
