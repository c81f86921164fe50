import { isLeaderError, LeaderError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import { confirmed } from './confirm.ts';
import { EXITS } from './errors.ts';
import type { Host } from './host.ts';
import { Teller } from './teller.ts';
import type { WriteRequest } from './write-request.ts';

/** What a command that writes was asked for. An answer in text is for people: a dry run's is the plan. */
type Order = WriteRequest & { output: string };

/** What is about to be done. */
export interface Intent {
  /** The plan, for so many columns. */
  text(width: number | null): string;
  /** Of the lock, to be typed. */
  name: string;
  /** Completes "Type NAME to ...". */
  toDo: string;
  /** The kubeconfig's context that it is done in; null where there is none. */
  context: string | null;
  /** Whether the plan overrides a refusal. */
  forced?: boolean;
}

/**
 * Runs a command that writes, with somebody to tell how it goes. Rejects with `refused` where it would have to ask, and
 * nobody could answer.
 */
export async function writing(
  host: Host,
  { dryRun, yes, output, sameCluster }: Order,
  verb: string,
  run: (teller: Teller) => Promise<number>,
): Promise<number> {
  if (dryRun === 'none' && !yes && host.ask === null) {
    throw new LeaderError('refused', `${verb} asks before it writes, and nobody could answer here`, {
      hint: `Add --yes to ${verb} without being asked, or --dry-run=client to see the plan.`,
    });
  }
  const teller = new Teller(host, output === 'text', sameCluster);
  try {
    return await run(teller);
  } catch (error) {
    teller.progress(null);
    if (isLeaderError(error, 'interrupted')) teller.aside('Interrupted: nothing was written.\n');
    throw error;
  }
}

/**
 * Shows the plan where it can be read before it is answered to. Null if it may be carried out, else the exit code.
 * Rejects with `interrupted` if the user left at the question.
 */
export async function mayGoOn(
  host: Host,
  { yes, dryRun, output }: Order,
  { text, name, toDo, context, forced }: Intent,
  teller: Teller,
): Promise<number | null> {
  const forPeople = output === 'text';
  if (dryRun !== 'none') {
    if (forPeople) host.stdout.write(text(host.stdout.columns));
    return dryRun === 'server' ? null : EXITS.ok;
  }
  if (yes || host.ask === null) {
    // What was overridden is told even to a program's user.
    if (forPeople || forced === true) teller.aside(text(host.stderr.columns));
    return null;
  }
  teller.aside(text(host.stderr.columns));
  const where = context === null ? '' : ` in context ${printable(context)}`;
  if (await confirmed(host.ask, { name: printable(name), toDo: `${toDo}${where}` }, host.signal)) return null;
  if (host.signal.aborted) throw new LeaderError('interrupted', 'interrupted before anything was written');
  teller.aside('Not confirmed: nothing was written.\n');
  return EXITS.refused;
}
