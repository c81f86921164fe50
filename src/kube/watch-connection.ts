import type { WatchRequest } from '../app/ports.ts';
import type { ClusterObject } from '../core/cluster-object.ts';
import { LeaderError } from '../core/errors.ts';
import type { Mono } from '../core/time.ts';
import { type Asked, inWords } from './asked.ts';
import { errorOf, failureOf, type Link, readText } from './link.ts';
import { selectorQuery } from './list-pages.ts';
import { resourcePath } from './resource-path.ts';
import { badAnswer, statusError } from './status-errors.ts';
import type { HttpAnswer } from './transport.ts';
import { LineSplitter } from './watch-lines.ts';
import { acceptFor, clusterObject, isJsonObject, metadataText, textOf } from './wire-objects.ts';

/** What a connection tells while it lives. `at`: when the bytes arrived. */
interface WatchListener {
  connected(at: Mono): void;
  /** Bytes arrived: the connection lived at that time. */
  heard(at: Mono): void;
  changed(type: 'added' | 'modified' | 'deleted', object: ClusterObject, at: Mono): void;
  /** A watch can be resumed from here. */
  moved(resourceVersion: string): void;
}

const TYPES: Readonly<Record<string, 'added' | 'modified' | 'deleted'>> = {
  ADDED: 'added',
  MODIFIED: 'modified',
  DELETED: 'deleted',
};

/** Time for the headers of the answer, and for a server to end the watch after the time it was given. */
const OPENING_MS = 60_000;
const OVERTIME_MS = 30_000;

/** As much of a wrong answer as is shown, bytes. */
const PAGE_BEGINNING = 512;

export interface WatchConnection {
  link: Link;
  asked: Asked;
  request: WatchRequest;
  /** The server ends the watch after this time, seconds. */
  timeoutSeconds: number;
  listener: WatchListener;
}

function take(line: string, at: Mono, of: WatchConnection, answer: HttpAnswer): void {
  const unfit = (why: string) =>
    badAnswer(of.asked, why, {
      status: answer.status,
      contentType: answer.headers['content-type'] ?? '',
      text: line,
    });
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    throw unfit('the watch brought a line that is not JSON');
  }
  if (!isJsonObject(event) || !isJsonObject(event['object'])) {
    throw unfit('the watch brought a line that is no event');
  }
  const raw = event['object'];
  if (event['type'] === 'ERROR') throw statusError(of.asked, raw);
  const type = TYPES[textOf(event['type'])];
  const object = clusterObject(raw, of.asked.resource, of.request.projection);
  if (type !== undefined && object !== null) of.listener.changed(type, object, at);
  // A bookmark carries nothing but the version; so, for us, does a type of event that is not known.
  const version = metadataText(raw, 'resourceVersion');
  if (version !== '') of.listener.moved(version);
}

async function follow(of: WatchConnection, signal: AbortSignal): Promise<void> {
  const { link, asked, request, listener } = of;
  const answer = await link.transport.send({
    method: 'GET',
    path: resourcePath(asked.resource, asked.namespace, null),
    query: selectorQuery(request, {
      watch: '1',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(of.timeoutSeconds),
      ...(request.resourceVersion === '' ? {} : { resourceVersion: request.resourceVersion }),
    }),
    headers: { Accept: acceptFor(request.projection, 'one') },
    streaming: true,
    signal,
  });
  if (answer.status !== 200) throw await errorOf(answer, asked, link);
  try {
    const contentType = answer.headers['content-type'] ?? 'application/json';
    if (!contentType.includes('json')) {
      const text = await readText(answer, PAGE_BEGINNING);
      throw badAnswer(asked, 'the answer is no watch', { status: answer.status, contentType, text });
    }
    listener.connected(link.clock.mono());
    const splitter = new LineSplitter();
    for await (const chunk of answer.body) {
      const at = link.clock.mono();
      listener.heard(at);
      for (const line of splitter.push(chunk)) take(line, at, of, answer);
    }
    // A last line that was cut off is dropped: it comes again when the watch is resumed.
  } finally {
    answer.discard();
  }
}

/**
 * One watch request from its start to its end. Resolves when the server ended it in good order; rejects with a
 * LeaderError when it broke off, was refused, or stayed open long after the time that it was given (a connection
 * that died without a word), and with `interrupted` when the signal aborts.
 */
export async function runWatchConnection(of: WatchConnection, signal: AbortSignal): Promise<void> {
  const attempt = new AbortController();
  const ending = AbortSignal.any([signal, attempt.signal]);
  let open = false;
  let overdue = false;
  const limit = async (ms: number, spare: () => boolean) => {
    await of.link.clock.sleep(ms, ending);
    if (ending.aborted || spare()) return;
    overdue = true;
    attempt.abort();
  };
  void limit(OPENING_MS, () => open);
  void limit(of.timeoutSeconds * 1000 + OVERTIME_MS, () => false);
  const listener: WatchListener = {
    ...of.listener,
    connected: (at) => {
      open = true;
      of.listener.connected(at);
    },
  };
  try {
    await follow({ ...of, listener }, ending);
  } catch (error) {
    if (!overdue) throw failureOf(error, of.asked, signal);
  } finally {
    attempt.abort();
  }
  if (!overdue) return;
  throw new LeaderError('timeout', `cannot ${inWords(of.asked)}: no sign of life from ${of.asked.server}`, {
    hint: 'Check the network and the API server.',
  });
}
