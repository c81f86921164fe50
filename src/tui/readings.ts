import { describeLocks } from '../app/describe.ts';
import type { LiveLock } from '../app/live-judge.ts';
import { readLockEvents } from '../app/lock-events.ts';
import { readManifests } from '../app/manifest.ts';
import type { Clock, Cluster } from '../app/ports.ts';
import type { HistoryEntry } from '../core/describe/case-file.ts';
import { asLeaderError } from '../core/errors.ts';
import { lockId } from '../core/lock.ts';
import { formatSecondTime } from '../core/time.ts';
import { toYaml } from '../output/structured.ts';
import type { Reading, Surroundings, TextName } from './state.ts';

async function manifest(cluster: Cluster, { report }: LiveLock, signal: AbortSignal): Promise<Reading> {
  const objects = await readManifests(cluster, report.lock, signal);
  const texts = await Promise.all(objects.map(toYaml));
  return { state: 'read', text: texts.join('---\n').trimEnd() };
}

function entryText({ at, text, count }: HistoryEntry): string {
  const when = at === null ? 'at an unknown time' : formatSecondTime(at);
  return `${when}  ${text}${count > 1 ? ` (${count} times)` : ''}`;
}

function withHint(text: string, hint: string | null): string {
  return hint === null ? text : `${text}${/[.?!]$/.test(text) ? '' : '.'} ${hint}`;
}

async function events(cluster: Cluster, { report }: LiveLock, signal: AbortSignal): Promise<Reading> {
  const { history, notes } = await readLockEvents(cluster, report.lock, signal);
  if (history === null) {
    const unread = notes.map(({ text, hint }) => withHint(text, hint));
    return { state: 'failed', message: unread.join(' ') };
  }
  const { entries, signs } = history;
  const told =
    entries.length === 0
      ? ['No events about it: most clusters keep them for an hour.']
      : entries.map(entryText);
  const betrayed = signs.length === 0 ? [] : ['', ...signs.map(({ text }) => `- ${text}`)];
  return { state: 'read', text: [...told, ...betrayed].join('\n') };
}

function failed(error: unknown): { state: 'failed'; message: string } {
  const { message, hint } = asLeaderError(error);
  return { state: 'failed', message: withHint(message, hint) };
}

const READERS = { manifest, events };

/** The text of a page about a lock. Never rejects with what a user can be told: that is part of the page then. */
export async function readText(
  what: TextName,
  cluster: Cluster,
  lock: LiveLock,
  signal: AbortSignal,
): Promise<Reading> {
  try {
    return await READERS[what](cluster, lock, signal);
  } catch (error) {
    return failed(error);
  }
}

/** The case of a lock, without watching it: the list does. Never rejects with what a user can be told. */
export async function lookAround(
  cluster: Cluster,
  clock: Clock,
  { report }: LiveLock,
  signal: AbortSignal,
): Promise<Surroundings> {
  const options = { namespace: null, observeMs: 0, probe: false };
  try {
    const names = [lockId(report.lock.primary.ref)];
    const [file] = await describeLocks(cluster, clock, names, options, signal);
    return file === undefined ? { state: 'failed', message: 'it is no more' } : { state: 'read', file };
  } catch (error) {
    return failed(error);
  }
}
