import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../../src/cli/system-clock.ts';
import { Api } from '../../src/sandbox/api/api.ts';
import { serve } from '../../src/sandbox/api/http-server.ts';
import { ApiAccess } from '../e2e/support/api-access.ts';

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string | undefined>>;
  /** JSON where it is that, else text. */
  body: unknown;
}

export interface Question {
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
  /** Whose token goes along; null for none. */
  user?: 'admin' | 'alice' | null;
  signal?: AbortSignal;
}

export interface ServedSandbox {
  api: Api;
  access: ApiAccess;
  /** One request in plain HTTPS. Rejects where no answer comes. */
  ask(method: string, path: string, question?: Question): Promise<Answer>;
  /** A watch, line by line, until it ends or is left. */
  watch(path: string, headers?: Readonly<Record<string, string>>): AsyncGenerator<WatchLine, void, undefined>;
  stop(): Promise<void>;
}

export interface WatchLine {
  type: string;
  object: Record<string, unknown> & { metadata?: Record<string, unknown> };
}

function parsed(text: string, type: string | undefined): unknown {
  return type === 'application/json' ? JSON.parse(text) : text;
}

/** The sandbox's API server on a port of its own: `admin` may do everything, `alice` nothing. */
export async function servedSandbox(): Promise<ServedSandbox> {
  const api = new Api(systemClock, randomUUID);
  const tokens = { admin: randomUUID(), alice: randomUUID() };
  api.access.admit('admin', tokens.admin, 'everything');
  api.access.admit('alice', tokens.alice, []);
  const { url: server, authority, key, stop } = await serve(api);
  for (const name of ['default', 'kube-system']) {
    api.store.create({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
      status: { phase: 'Active' },
    });
  }
  const folder = mkdtempSync(join(tmpdir(), 'leader-sandbox-'));
  const certificateFile = join(folder, 'ca.crt');
  const certificateKeyFile = join(folder, 'ca.key');
  writeFileSync(certificateFile, authority);
  writeFileSync(certificateKeyFile, key);
  const send = (method: string, path: string, question: Question): Promise<IncomingMessage> => {
    const { user = 'admin', headers = {}, body, signal } = question;
    const token = user === null ? {} : { authorization: `Bearer ${tokens[user]}` };
    const text = body === undefined ? '' : JSON.stringify(body);
    const type =
      body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    return new Promise((resolve, reject) => {
      const options = { method, ca: authority, headers: { ...token, ...type, ...headers } };
      const sent = request(new URL(path, server), { ...options, ...(signal && { signal }) }, resolve);
      sent.on('error', reject);
      sent.end(text);
    });
  };
  return {
    api,
    ask: async (method, path, question = {}) => {
      const answer = await send(method, path, question);
      let text = '';
      for await (const chunk of answer.setEncoding('utf8')) text += chunk;
      const headers = answer.headers as Answer['headers'];
      return { status: answer.statusCode ?? 0, headers, body: parsed(text, headers['content-type']) };
    },
    watch: async function* (path, headers = {}) {
      const answer = await send('GET', path, { headers });
      try {
        for await (const line of createInterface({ input: answer })) yield JSON.parse(line) as WatchLine;
      } finally {
        answer.destroy();
      }
    },
    access: new ApiAccess({ server, certificateFile, certificateKeyFile, folder, tokens, assets: '' }),
    stop: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
