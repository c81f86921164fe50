import type { Cluster } from '../app/ports.ts';
import type { Candidate } from '../core/lock-completion.ts';
import { lockCandidates } from '../core/lock-completion.ts';
import { printable } from '../core/text.ts';
import { COMMANDS, HELP } from './commands.ts';
import { type Question, readQuestion } from './completion-question.ts';
import { EXITS, errorText, verbosityOf } from './errors.ts';
import { connectionFlags, shownFlags } from './flags.ts';
import type { Host } from './host.ts';

/** What a shell does besides offering the candidates; kubectl's numbers, to be added up. */
const DIRECTIVES = { noSpace: 2, noFiles: 4, folders: 16, keepOrder: 32 } as const;

/** Nobody waits longer for a suggestion, milliseconds. What was found until then is suggested. */
const PATIENCE_MS = 2_000;

/** How long a request that is given up may take to end, milliseconds. */
const GIVING_UP_MS = 250;

interface Answer {
  candidates: readonly Candidate[];
  directive: number;
}

type Value = Extract<Question, { what: 'value' }>;

const NOTHING: Answer = { candidates: [], directive: DIRECTIVES.noFiles };

function plain(texts: Iterable<string>): Candidate[] {
  return [...texts].map((text) => ({ text, about: '' }));
}

function fitting(candidates: readonly Candidate[], word: string): Candidate[] {
  return candidates.filter(({ text }) => text.startsWith(word));
}

function commands(word: string): Answer {
  const all = COMMANDS.map(({ name, summary }) => ({ text: name, about: summary }));
  const help = { text: HELP, about: 'Show the help of a command' };
  return { candidates: fitting([...all, help], word), directive: DIRECTIVES.noFiles + DIRECTIVES.keepOrder };
}

function flagNames({ word, flags, given }: Extract<Question, { what: 'flag' }>): Answer {
  const all = shownFlags(flags)
    .filter(([name]) => !given.has(name))
    .flatMap(([name, { short, help }]) => {
      const letter = short === undefined || word !== '-' ? [] : [{ text: `-${short}`, about: help }];
      return [...letter, { text: `--${name}`, about: help }];
    });
  return { candidates: fitting(all, word), directive: DIRECTIVES.noFiles };
}

function wordsOf(words: readonly string[], { word, several, args }: Value): Answer {
  // Of a list only the last part is being typed.
  const done = several ? word.slice(0, word.lastIndexOf(',') + 1) : '';
  const used = new Set(several ? done.split(',') : args);
  const all = plain(words.filter((each) => !used.has(each)).map((each) => `${done}${each}`));
  const directive = DIRECTIVES.noFiles + (several ? DIRECTIVES.noSpace : 0);
  return { candidates: fitting(all, word), directive };
}

async function locks(host: Host, cluster: Cluster, { word, given, args }: Value, signal: AbortSignal) {
  const { listLocks } = await import('../app/list-names.ts');
  const namespace = given.namespace || null;
  const found = await listLocks(cluster, host.clock, namespace, signal);
  return lockCandidates(found, word, namespace !== null).filter(({ text }) => !args.includes(text));
}

async function lookUp(host: Host, question: Value, signal: AbortSignal): Promise<Candidate[]> {
  const { of, given, word } = question;
  switch (of) {
    case 'contexts':
    case 'clusters':
    case 'users': {
      const names = await host.kubeconfigNames(connectionFlags(given));
      return fitting(plain(names[of].toSorted()), word);
    }
    case 'namespaces': {
      const { listNamespaces } = await import('../app/list-names.ts');
      const cluster = await host.connect(connectionFlags(given));
      return fitting(plain(await listNamespaces(cluster, signal)), word);
    }
    case 'locks':
      return locks(host, await host.connect(connectionFlags(given)), question, signal);
    default:
      return [];
  }
}

/** What could be looked up in time. */
async function lookUpSoon(host: Host, question: Value): Promise<Candidate[]> {
  const [late, done] = [new AbortController(), new AbortController()];
  const giveUp = async (): Promise<Candidate[]> => {
    await host.clock.sleep(PATIENCE_MS, done.signal);
    late.abort();
    await host.clock.sleep(GIVING_UP_MS, done.signal);
    return [];
  };
  const signal = AbortSignal.any([late.signal, host.signal]);
  try {
    return await Promise.race([lookUp(host, question, signal), giveUp()]);
  } finally {
    done.abort();
  }
}

async function answer(host: Host, question: Question): Promise<Answer> {
  switch (question.what) {
    case 'command':
      return commands(question.word);
    case 'flag':
      return flagNames(question);
    case 'nothing':
      return NOTHING;
    case 'value':
      if (typeof question.of !== 'string') return wordsOf(question.of, question);
      if (question.of === 'files') return { candidates: [], directive: 0 };
      if (question.of === 'folders') return { candidates: [], directive: DIRECTIVES.folders };
      return { candidates: await lookUpSoon(host, question), directive: DIRECTIVES.noFiles };
  }
}

function line({ text, about }: Candidate, isDescribed: boolean): string {
  return `${printable(text)}${isDescribed && about !== '' ? `\t${printable(about)}` : ''}\n`;
}

/**
 * Answers a shell that asks how its user's last word can go on, in the protocol that kubectl's own completion speaks:
 * one candidate a line, a tab and a description behind it, and `:` with a number at the end. A cluster that does not
 * answer leaves the list empty: it never fails, and what is wrong stands on stderr, which shells do not show.
 */
export async function complete(host: Host, words: readonly string[], isDescribed: boolean): Promise<number> {
  let found = NOTHING;
  try {
    found = await answer(host, readQuestion(words));
  } catch (error) {
    host.stderr.write(errorText(error, { usageHint: '', verbosity: verbosityOf(words) }));
  }
  const lines = found.candidates.map((candidate) => line(candidate, isDescribed));
  host.stdout.write(`${lines.join('')}:${found.directive}\n`);
  return EXITS.ok;
}
