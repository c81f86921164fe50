import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isLeaderError } from '../../src/core/errors.ts';
import { hostOf } from '../../src/kube/connection-host.ts';
import { parseKubeconfig } from '../../src/kube/kubeconfig.ts';
import { loadKubeconfig } from '../../src/kube/kubeconfig-load.ts';

function errorOf(text: string): string {
  try {
    parseKubeconfig(text, '/f');
    return 'accepted';
  } catch (error) {
    if (!isLeaderError(error, 'config')) throw error;
    return error.message.replace('error loading config file "/f": ', '');
  }
}

describe('a kubeconfig file', () => {
  test.each([
    ['empty', ''],
    ['comments only', '# nothing\n'],
    ['null members', 'apiVersion: v1\nkind: Config\nclusters: null\nusers:\ncontexts: []\n'],
    ['unknown members', 'preferences: {}\nextensions: []\nwhatever: 1\n'],
    ['a second document', 'kind: Config\n---\nkind: Pod\n'],
    ['JSON', '{"kind": "Config", "users": [{"name": "u", "user": null}]}'],
    ['a YAML flow mapping', '{kind: Config, users: [{name: u}]}'],
  ])('is accepted: %s', (_name, text) => {
    expect(errorOf(text)).toBe('accepted');
  });

  test.each([
    ['broken YAML', 'a: [\n', /^not valid YAML: .* in line \d/],
    ['a list', '- a\n', 'the document must be an object, not a list'],
    ['clusters that are no list', 'clusters: 5\n', 'clusters must be a list, not a number'],
    [
      'a server that is a number',
      'clusters:\n- name: x\n  cluster: {server: 5}\n',
      'clusters[0].cluster.server must be text, not a number',
    ],
    [
      'a namespace that YAML reads as a number',
      'contexts:\n- name: x\n  context: {namespace: 12}\n',
      'contexts[0].context.namespace must be text, not a number',
    ],
    [
      'groups that are no text',
      'users:\n- name: x\n  user: {as-groups: [a, 1]}\n',
      'users[0].user.as-groups[1] must be text, not a number',
    ],
    [
      'a flag that is text',
      'clusters:\n- name: x\n  cluster: {insecure-skip-tls-verify: "true"}\n',
      'clusters[0].cluster.insecure-skip-tls-verify must be true or false, not a string',
    ],
    [
      'data that is not base64',
      'clusters:\n- name: x\n  cluster: {certificate-authority-data: "!!"}\n',
      'clusters[0].cluster.certificate-authority-data is not valid base64',
    ],
    ['a name twice', 'users:\n- name: x\n- name: x\n', 'users[1]: duplicate name "x" in list'],
    [
      'another kind',
      'apiVersion: v1\nkind: Pod\n',
      'it holds kind "Pod" of version "v1", not a kubeconfig (kind Config of version v1)',
    ],
    [
      'another version',
      'apiVersion: v2\nkind: Config\n',
      'it holds kind "Config" of version "v2", not a kubeconfig (kind Config of version v1)',
    ],
  ])('is refused: %s', (_name, text, message) => {
    expect(errorOf(text)).toMatch(message);
  });

  test('is refused without quoting what it holds, which may be secret', () => {
    expect(errorOf('users:\n- name: u\n  user:\n    token: s3cret: s3cret\n')).not.toContain('s3cret');
    expect(errorOf('users:\n- name: u\n  user: {token: [s3cret]}\n')).not.toContain('s3cret');
  });

  test('says yes and on as older YAML does, and knows merge keys', () => {
    const text =
      'base: &b {insecure-skip-tls-verify: yes}\nclusters:\n- name: x\n  cluster: {<<: *b, server: s}\n';
    expect(parseKubeconfig(text, '/f').clusters.get('x')).toMatchObject({
      server: 's',
      insecureSkipTlsVerify: true,
    });
  });

  test('an exec plugin of v1beta1 may ask if it can, one of v1 has to choose', () => {
    const modeOf = (version: string): string | undefined =>
      parseKubeconfig(
        `users: [{name: u, user: {exec: {command: c, apiVersion: client.authentication.k8s.io/${version}}}}]`,
        '/f',
      ).users.get('u')?.exec?.interactiveMode;
    expect([modeOf('v1beta1'), modeOf('v1')]).toEqual(['IfAvailable', '']);
  });

  test('no text whatever is answered with anything but a kubeconfig or a config error', () => {
    const value = fc.jsonValue().map((each) => JSON.stringify(each));
    const shaped = fc
      .tuple(fc.constantFrom('clusters', 'users', 'contexts', 'kind', '__proto__'), value)
      .map(([key, text]) => `{"${key}": [{"name": "x", "user": ${text}, "cluster": ${text}}], "x": ${text}}`);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), value, shaped), (text) => {
        errorOf(text);
      }),
    );
  });
});

function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('several kubeconfig files', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'leader-kubeconfig-'));
    for (const folder of ['home/.kube', 'one', 'two']) mkdirSync(join(root, folder), { recursive: true });
    const write = (file: string, text: string): void => writeFileSync(join(root, file), text);
    write(
      'home/.kube/config',
      'current-context: home\ncontexts: [{name: home, context: {cluster: c, namespace: at-home}}]\n',
    );
    write(
      'one/config',
      `
clusters:
- {name: shared, cluster: {server: "https://one"}}
- {name: only-one, cluster: {server: "https://only-one", certificate-authority: ca.crt}}
contexts: [{name: shared, context: {cluster: shared, user: u}}]
users:
- {name: u, user: {tokenFile: ../token, client-certificate: /absolute/c.crt, client-key: k/c.key}}
- {name: path, user: {exec: {command: bin/plugin, apiVersion: client.authentication.k8s.io/v1beta1}}}
- {name: bare, user: {exec: {command: plugin, apiVersion: client.authentication.k8s.io/v1beta1}}}
`,
    );
    write(
      'two/config',
      `
current-context: from-two
clusters:
- {name: shared, cluster: {server: "https://two", tls-server-name: two.example}}
- {name: only-two, cluster: {server: "https://only-two", certificate-authority: ca.crt}}
contexts: [{name: shared, context: {cluster: only-two, user: v, namespace: two}}]
users: [{name: u, user: {token: from-two}}]
`,
    );
    write('two/broken', 'users: 5\n');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function load(flag: string, variable: string | undefined) {
    const env = variable === undefined ? {} : { KUBECONFIG: variable };
    return loadKubeconfig(
      flag,
      hostOf({ env, homeDir: join(root, 'home'), stdinIsTerminal: false, version: 'test' }),
    );
  }
  const at = (file: string): string => join(root, file);
  const list = (...files: string[]): string => files.join(delimiter);

  test('the first to define a name wins, with all of its entry', async () => {
    const { config } = await load('', list(at('one/config'), at('two/config')));
    expect(config.clusters.get('shared')).toMatchObject({ server: 'https://one', tlsServerName: '' });
    expect(config.contexts.get('shared')).toEqual({ cluster: 'shared', user: 'u', namespace: '' });
    expect(config.users.get('u')?.token).toBe('');
    expect([...config.clusters.keys()].sort()).toEqual(['only-one', 'only-two', 'shared']);
  });

  test('the first current context that is not empty wins', async () => {
    expect((await load('', list(at('one/config'), at('two/config')))).config.currentContext).toBe('from-two');
    expect((await load('', list(at('home/.kube/config'), at('two/config')))).config.currentContext).toBe(
      'home',
    );
  });

  test('paths are relative to the file that holds them', async () => {
    const { config } = await load('', list(at('one/config'), at('two/config')));
    expect(config.users.get('u')).toMatchObject({
      tokenFile: at('token'),
      clientCertificate: '/absolute/c.crt',
      clientKey: at('one/k/c.key'),
    });
    expect(config.users.get('path')?.exec?.command).toBe(at('one/bin/plugin'));
    expect(config.users.get('bare')?.exec?.command).toBe('plugin');
    expect(config.clusters.get('only-two')?.certificateAuthority).toBe(at('two/ca.crt'));
  });

  test('missing files, empty entries and repetitions do not matter', async () => {
    const loaded = await load('', list('', at('missing'), at('two/config'), at('two/config'), ''));
    expect(loaded.config.currentContext).toBe('from-two');
    expect(loaded).toMatchObject({ noneFound: false, searched: [at('missing'), at('two/config')] });
  });

  test('without $KUBECONFIG the home folder counts, with it the home folder does not', async () => {
    expect((await load('', undefined)).config.currentContext).toBe('home');
    expect((await load('', '')).config.currentContext).toBe('home');
    const nothing = await load('', at('missing'));
    expect(nothing).toMatchObject({ noneFound: true, searched: [at('missing')] });
    expect(nothing.config.currentContext).toBe('');
  });

  test('--kubeconfig stands alone and must exist', async () => {
    const { config } = await load(at('one/config'), at('two/config'));
    expect([...config.clusters.keys()]).toEqual(['shared', 'only-one']);
    await expect(load(at('missing'), at('two/config'))).rejects.toMatchObject({
      code: 'config',
      message: `error loading config file "${at('missing')}": no such file or directory`,
    });
  });

  test('a file that is broken or unreadable is an error, not a missing file', async () => {
    await expect(load('', list(at('one/config'), at('two/broken')))).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining(at('two/broken')),
    });
    await expect(load('', list(dirname(at('one/config'))))).rejects.toMatchObject({
      message: expect.stringContaining('is a directory'),
    });
  });

  test.skipIf(!hasKubectl())('merge as kubectl merges them (skipped without kubectl)', async () => {
    const orders = [
      list(at('one/config'), at('two/config')),
      list(at('two/config'), at('one/config')),
      list(at('home/.kube/config'), at('missing'), at('two/config')),
    ];
    for (const order of orders) {
      const shown = execFileSync('kubectl', ['config', 'view', '--raw', '-o', 'json'], {
        cwd: root,
        env: { PATH: process.env['PATH'], HOME: at('home'), KUBECONFIG: order },
        encoding: 'utf8',
      });
      const theirs = parseKubeconfig(shown, at('shown'));
      const { config } = await load('', order);
      // It shows paths as they stand in the files.
      const bare = (entries: ReadonlyMap<string, object>) =>
        [...entries].map(([name, entry]) => [name, { ...entry, certificateAuthority: '' }]).sort();
      expect(bare(config.clusters)).toEqual(bare(theirs.clusters));
      expect([...config.contexts].sort()).toEqual([...theirs.contexts].sort());
      expect([...config.users.keys()].sort()).toEqual([...theirs.users.keys()].sort());
      expect(config.users.get('u')?.token).toBe(theirs.users.get('u')?.token);
      expect(config.currentContext).toBe(theirs.currentContext);
    }
  });
});
