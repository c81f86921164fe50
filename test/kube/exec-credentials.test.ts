import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConnectionHost } from '../../src/kube/connection-host.ts';
import { hostOf } from '../../src/kube/connection-host.ts';
import { ExecCredentials } from '../../src/kube/exec-credentials.ts';
import type { ExecEntry } from '../../src/kube/kubeconfig.ts';

const API = 'client.authentication.k8s.io/v1';

/** Exec plugins as people write them: small shell scripts that are really run. */
describe('an exec plugin', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'leader-exec-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function script(body: string): string {
    const file = join(folder, 'plugin');
    writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    return file;
  }

  /** Prints a reply with this status, and counts its runs in the token: `token-1`, `token-2`, ... */
  function counting(status: Record<string, unknown> = {}, apiVersion = API): string {
    const reply = { kind: 'ExecCredential', apiVersion, status: { token: 'token-RUNS', ...status } };
    return script(
      `echo run >> ${folder}/runs; n=$(grep -c run ${folder}/runs)\ncat <<'END' | sed "s/RUNS/$n/"\n${JSON.stringify(reply)}\nEND`,
    );
  }

  function plugin(exec: Partial<ExecEntry>, facts: Partial<ConnectionHost> = {}): ExecCredentials {
    const entry: ExecEntry = {
      apiVersion: API,
      command: '',
      args: [],
      env: [],
      installHint: '',
      provideClusterInfo: false,
      interactiveMode: 'Never',
      ...exec,
    };
    const env = { PATH: process.env['PATH'], FROM_HOST: 'host', BOTH: 'host' };
    const host = hostOf({ env, homeDir: folder, stdinIsTerminal: false, version: 'test', ...facts });
    return new ExecCredentials(entry, { server: 'https://api' }, host);
  }

  const tokenOf = async (credentials: ExecCredentials): Promise<string | null> =>
    (await credentials.current()).authorization;

  test('runs once for all requests, also for those that come together', async () => {
    const credentials = plugin({ command: counting() });
    const tokens = await Promise.all([1, 2, 3].map(() => tokenOf(credentials)));
    expect([...tokens, await tokenOf(credentials)]).toEqual(Array(4).fill('Bearer token-1'));
  });

  test('runs again when its credential has expired', async () => {
    let now = Date.parse('2030-01-01T00:00:00Z');
    const command = counting({ expirationTimestamp: '2030-01-01T00:10:00Z' });
    const credentials = plugin({ command }, { now: () => now });
    expect(await tokenOf(credentials)).toBe('Bearer token-1');
    now += 10 * 60_000;
    expect(await tokenOf(credentials)).toBe('Bearer token-1');
    now += 1;
    expect(await tokenOf(credentials)).toBe('Bearer token-2');
  });

  test('runs again after a 401, once for all requests that met it', async () => {
    const credentials = plugin({ command: counting() });
    const rejected = await credentials.current();
    expect(await credentials.refresh(rejected)).toBe(true);
    expect(await credentials.refresh(rejected)).toBe(true);
    expect(await tokenOf(credentials)).toBe('Bearer token-2');
  });

  test('gets its arguments, its environment over ours, and KUBERNETES_EXEC_INFO', async () => {
    const command = script(`echo "$1|$2|$FROM_HOST|$BOTH|$KUBERNETES_EXEC_INFO" > ${folder}/seen`);
    const env = [{ name: 'BOTH', value: 'plugin' }];
    await expect(tokenOf(plugin({ command, args: ['a b', '$HOME'], env }))).rejects.toThrow(
      /decoding stdout/,
    );
    const info = { kind: 'ExecCredential', apiVersion: API, spec: { interactive: false } };
    expect(readFileSync(join(folder, 'seen'), 'utf8').trim()).toBe(
      `a b|$HOME|host|plugin|${JSON.stringify(info)}`,
    );
  });

  test('of v1beta1 is told so, and asked for a reply of v1beta1', async () => {
    const apiVersion = 'client.authentication.k8s.io/v1beta1';
    expect(await tokenOf(plugin({ command: counting({}, apiVersion), apiVersion }))).toBe('Bearer token-1');
    await expect(tokenOf(plugin({ command: counting(), apiVersion }))).rejects.toMatchObject({
      code: 'credentials',
      message: `getting credentials: exec plugin is configured to use API version ${apiVersion}, plugin returned version ${API}`,
    });
  });

  test('may return a certificate instead of a token', async () => {
    const command = counting({ token: '', clientCertificateData: 'CERT', clientKeyData: 'KEY' });
    expect(await plugin({ command }).current()).toEqual({
      authorization: null,
      certificate: { cert: 'CERT', key: 'KEY' },
    });
  });

  test.each<[string, string, RegExp]>([
    ['nothing', 'true', /decoding stdout: it is not a JSON object/],
    ['text', 'echo s3cret', /decoding stdout: it is not a JSON object/],
    ['another kind', `echo '{"kind":"Pod","apiVersion":"${API}"}'`, /no object of kind ExecCredential/],
    ['no status', `echo '{"kind":"ExecCredential","apiVersion":"${API}"}'`, /didn't return a status field/],
    [
      'an empty status',
      `echo '{"kind":"ExecCredential","apiVersion":"${API}","status":{}}'`,
      /didn't return a token or cert\/key pair/,
    ],
    [
      'a certificate only',
      `echo '{"kind":"ExecCredential","apiVersion":"${API}","status":{"clientCertificateData":"s3cret"}}'`,
      /returned only certificate or key, not both/,
    ],
    [
      'an odd expiry',
      `echo '{"kind":"ExecCredential","apiVersion":"${API}","status":{"token":"s3cret","expirationTimestamp":"soon"}}'`,
      /expirationTimestamp is not a time/,
    ],
    ['an exit code', 'exit 7', /exec: executable .*plugin failed with exit code 7$/],
    ['a signal', 'kill -9 $$', /exec: executable .*plugin was ended by a signal$/],
  ])('that returns %s is an error that quotes nothing of it', async (_name, body, message) => {
    const failure = tokenOf(plugin({ command: script(body) }));
    await expect(failure).rejects.toMatchObject({
      code: 'credentials',
      message: expect.stringMatching(message),
    });
    await expect(failure).rejects.not.toThrow(/s3cret/);
  });

  test('that failed is tried again by the next request', async () => {
    const command = script(
      `[ -e ${folder}/ok ] || exit 1; echo '{"kind":"ExecCredential","apiVersion":"${API}","status":{"token":"t"}}'`,
    );
    const credentials = plugin({ command });
    await expect(tokenOf(credentials)).rejects.toThrow(/exit code 1/);
    writeFileSync(join(folder, 'ok'), '');
    expect(await tokenOf(credentials)).toBe('Bearer t');
  });

  test('that is not installed: the hint of the kubeconfig, in one safe line', async () => {
    const missing = {
      command: 'no-such-plugin-anywhere',
      installHint: 'Get it:\n\n  brew install \u001b[1mit\n',
    };
    await expect(tokenOf(plugin(missing))).rejects.toMatchObject({
      message: 'getting credentials: exec: executable no-such-plugin-anywhere not found',
      hint: 'Get it: brew install ^[[1mit',
    });
    await expect(tokenOf(plugin({ ...missing, installHint: '' }))).rejects.toMatchObject({
      hint: expect.stringMatching(/^Install that/),
    });
  });

  test('that may not be executed', async () => {
    const command = counting();
    chmodSync(command, 0o644);
    await expect(tokenOf(plugin({ command }))).rejects.toThrow(/permission denied/);
  });

  test.each([
    ['Never', true, false],
    ['IfAvailable', true, true],
    ['IfAvailable', false, false],
    ['Always', true, true],
  ])('%s with a terminal %s: interactive is %s', async (interactiveMode, stdinIsTerminal, interactive) => {
    const asked: unknown[] = [];
    const credentials = plugin(
      { interactiveMode, command: 'x' },
      {
        stdinIsTerminal,
        runPlugin: async (each) => {
          asked.push([each.interactive, JSON.parse(each.env['KUBERNETES_EXEC_INFO'] ?? '').spec.interactive]);
          return { exitCode: 1, stdout: '', stderr: '' };
        },
      },
    );
    await expect(credentials.current()).rejects.toThrow();
    expect(asked).toEqual([[interactive, interactive]]);
  });

  test('while a list has the screen it neither reads from the terminal nor writes to it, and says why it failed', async () => {
    const command = script('cat; echo first >&2; printf "session expired: \\033[2Jlog in" >&2; exit 3');
    const hidden = { stdinIsTerminal: true, screenTaken: () => true };
    const message = `getting credentials: exec: executable ${command} failed with exit code 3: session expired: ^[[2Jlog in`;
    for (const interactiveMode of ['Never', 'IfAvailable']) {
      await expect(plugin({ interactiveMode, command }, hidden).current()).rejects.toMatchObject({
        message,
        hint: expect.stringMatching(/^Log in again in another terminal/),
      });
    }
    await expect(plugin({ interactiveMode: 'Always', command }, hidden).current()).rejects.toThrow(
      /has to ask you something, and the screen is in use$/,
    );
  });

  test('Always without a terminal is not run at all', async () => {
    const credentials = plugin({ interactiveMode: 'Always', command: counting() });
    await expect(credentials.current()).rejects.toMatchObject({
      message: expect.stringMatching(/standard input is not a terminal$/),
    });
    expect(() => readFileSync(join(folder, 'runs'))).toThrow();
  });
});
