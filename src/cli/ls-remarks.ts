import { isProblem } from '../core/assess.ts';
import type { Note } from '../core/evidence.ts';
import { silenceProofMs, TAKEN_WITHIN_MS } from '../core/judge-renewal.ts';
import { holderOf, lockId, recordOf } from '../core/lock.ts';
import { commandLine } from '../core/next-step.ts';
import type { LockReport, Snapshot } from '../core/report.ts';
import { printable } from '../core/text.ts';
import { durationFlag, proseDuration } from '../core/time.ts';
import { isProvisional } from '../output/columns.ts';
import { joinNotes, type Told } from '../output/notes.ts';
import { sortReports } from '../output/order.ts';
import type { LsRequest } from './ls-request.ts';

/** What goes to stderr beside a list: nothing of it belongs into the list itself. */

function remark({ text, hint }: Told): string {
  return `note: ${printable(text)}\n${hint === null ? '' : `      ${printable(hint)}\n`}`;
}

/** What comes and goes: each time that it comes is news, though the words may be the same. */
function isPassing({ code }: Note): boolean {
  return code === 'blind';
}

/** Tells each note once, however often it comes again; one that comes and goes each time that it comes. */
export class Remarks {
  readonly #write: (text: string) => void;
  readonly #told = new Set<string>();
  #passing = new Set<string>();

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Those with one cause as one. */
  tell(notes: readonly Note[]): void {
    const passing = new Set(notes.filter(isPassing).map(remark));
    for (const text of this.#passing.difference(passing)) this.#told.delete(text);
    this.#passing = passing;
    const fresh = notes.filter((note) => !this.#told.has(remark(note)));
    for (const note of fresh) this.#told.add(remark(note));
    for (const text of new Set(joinNotes(fresh).map(remark))) this.#write(text);
  }

  say(told: readonly Told[]): void {
    for (const text of told.map(remark)) this.#write(text);
  }
}

/** How long all these have to be watched until nothing rests on clocks any more, whole 5 s; null if that is never. */
function proofSeconds(reports: readonly LockReport[]): number | null {
  const needed = reports
    // A count of transitions stays a count, however long it is watched.
    .filter(({ verdict }) => verdict !== 'Flapping')
    .map(({ lock: { primary } }) =>
      holderOf(primary) === null ? TAKEN_WITHIN_MS : silenceProofMs(recordOf(primary)),
    );
  const longest = Math.max(0, ...needed.filter(Number.isFinite));
  return longest === 0 ? null : Math.ceil(longest / 5_000) * 5;
}

function provisionalDoubt(reports: readonly LockReport[], observeMs: number | null): Told {
  const seconds = proofSeconds(reports);
  const enough = observeMs !== null && seconds !== null && observeMs >= seconds * 1000;
  const command = seconds === null ? null : `--observe ${durationFlag(seconds)}`;
  if (observeMs === null || command === null) {
    return {
      text: 'verdicts with a "?" rest on clocks alone',
      hint: command === null ? null : `${command} watches the locks and proves it.`,
    };
  }
  return {
    text: `verdicts with a "?" still rest on clocks alone: watching for ${proseDuration(observeMs)} did not prove them`,
    hint: enough ? `Watch again without an interruption: ${command} proves them.` : `${command} proves them.`,
  };
}

/** What the `?` behind verdicts means, where there is one. */
export function doubts({ reports, notes }: Snapshot, { observeMs }: LsRequest): Told[] {
  // Where nothing may be watched, a note has said so: more of it would prove nothing.
  const provable = notes.every(({ code }) => code !== 'provisional');
  const provisional = provable ? reports.filter(isProvisional) : [];
  const unproven = reports.some((report) => report.unproven);
  return [
    ...(provisional.length === 0 ? [] : [provisionalDoubt(provisional, observeMs)]),
    ...(unproven
      ? [
          {
            text: 'where the holder could not be looked for, "?" says that it is not proven to exist',
            hint: null,
          },
        ]
      : []),
  ];
}

/** Where to read on about the worst lock that is listed. */
export function nextStep({ reports }: Snapshot, { sameCluster }: LsRequest, program: string): Told[] {
  const [worst] = sortReports(
    reports.filter((report) => isProblem(report) && report.heartbeat === null),
    null,
  );
  if (worst === undefined) return [];
  const words = [...program.split(' '), 'describe', lockId(worst.lock.primary.ref), ...sameCluster];
  const command = commandLine(...words);
  return [{ text: `why, and what to do: ${command}`, hint: null }];
}

/** Said instead of an empty table, in kubectl's manner. `found` counts the locks of these kinds before filters left any out. */
export function nothingFound(request: LsRequest, notes: readonly Note[], found: number): string {
  const { scope, verdicts, problems, kinds } = request;
  const where = scope.namespace === null ? '' : ` in ${printable(scope.namespace)} namespace`;
  const fullStop = where === '' ? '' : '.';
  const partly = notes.some(({ code }) => code === 'unreadable') ? ' in what could be read' : '';
  const kind = kinds === null ? '' : `${[...kinds].join(' and ')} `;
  const those = `${found} ${kind}${found === 1 ? 'lock' : 'locks'}`;
  if (found > 0 && problems && verdicts === null) return `No problems among ${those}${where}${partly}.\n`;
  if (found > 0) return `None of ${those}${where}${partly} is what was asked for.\n`;
  return `No ${kind}${kinds === null ? 'leader-election ' : ''}locks found${where}${partly === '' ? fullStop : `${partly}.`}\n`;
}
