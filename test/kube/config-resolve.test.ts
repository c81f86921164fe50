import { describe, expect, test } from 'vitest';
import type { ConnectionFlags } from '../../src/app/ports.ts';
import type { Connection } from '../../src/kube/config-resolve.ts';
import { resolveConnection } from '../../src/kube/config-resolve.ts';
import { hostWith } from './files-in-memory.ts';

const KUBECONFIG = `
current-context: prod
clusters:
- {name: prod, cluster: {server: "https://prod.example:6443/", tls-server-name: inner}}
- {name: based, cluster: {server: "https://api.example/k8s/clusters/c-1/?x=1#y"}}
- {name: plain, cluster: {server: "http://plain.example:8001"}}
- {name: named-user, cluster: {server: "https://bob:pw@api.example"}}
- {name: v6, cluster: {server: "https://[2001:db8::1]:6443"}}
- {name: no-server, cluster: {}}
- {name: proxied, cluster: {server: "https://far.example", proxy-url: "socks5://me:p%40ss@proxy.example"}}
contexts:
- {name: prod, context: {cluster: prod, user: ann, namespace: team}}
- {name: bare, context: {cluster: prod, user: ann}}
- {name: dangling, context: {cluster: none, user: none}}
- {name: no-server, context: {cluster: no-server}}
- {name: no-user, context: {cluster: prod}}
- {name: lost-user, context: {cluster: prod, user: lost}}
- {name: empty-user, context: {cluster: prod, user: empty}}
users:
- {name: ann, user: {token: secret}}
- {name: empty, user: {}}
`;
const HOME_FILE = '/home/ann/.kube/config';

function resolve(
  flags: ConnectionFlags,
  env: Record<string, string> = {},
  files: Record<string, string> = {},
): Promise<Connection> {
  return resolveConnection(flags, hostWith({ [HOME_FILE]: KUBECONFIG, ...files }, { env }));
}

describe('the server', () => {
  test.each<[string, ConnectionFlags, string]>([
    ['of the current context', {}, 'https://prod.example:6443/'],
    ['--server over the cluster', { server: 'https://other:1' }, 'https://other:1/'],
    [
      'a path is kept, query and fragment are not',
      { cluster: 'based' },
      'https://api.example/k8s/clusters/c-1',
    ],
    ['a user name in it is dropped', { cluster: 'named-user' }, 'https://api.example/'],
    ['an IPv6 address', { cluster: 'v6' }, 'https://[2001:db8::1]:6443/'],
    ['without a scheme it is plain http', { server: 'host:1' }, 'http://host:1/'],
    ['a cluster without a server', { context: 'no-server' }, 'http://localhost:8080/'],
    ['a context with a cluster that is not defined', { context: 'dangling' }, 'http://localhost:8080/'],
  ])('%s', async (_name, flags, server) => {
    expect((await resolve(flags)).server.href).toBe(server);
  });

  test.each([
    ['https://', 'host must be a URL or a host:port pair: "https://"'],
    ['host:1/path', 'host must be a URL or a host:port pair: "host:1/path"'],
    ['https://a b', 'host must be a URL or a host:port pair: "https://a b"'],
    ['ftp://host', 'unsupported protocol scheme "ftp"'],
  ])('cannot be %s', async (server, message) => {
    await expect(resolve({ server })).rejects.toMatchObject({ code: 'config', message });
  });

  test('$KUBERNETES_MASTER replaces the last resort only', async () => {
    const env = { KUBERNETES_MASTER: 'http://master:9' };
    expect((await resolve({ context: 'no-server' }, env)).server.host).toBe('master:9');
    expect((await resolve({}, env)).server.host).toBe('prod.example:6443');
  });

  test('--server drops the tls-server-name of the file', async () => {
    expect((await resolve({})).tls?.serverName).toBe('inner');
    expect((await resolve({ server: 'https://other' })).tls?.serverName).toBe('');
    expect((await resolve({ server: 'https://other', tlsServerName: 'x' })).tls?.serverName).toBe('x');
  });
});

describe('credentials', () => {
  test('are not taken along to a plain http server', async () => {
    const connection = await resolve({ cluster: 'plain', token: 'secret', as: 'bob' });
    expect(connection.tls).toBeNull();
    expect(connection.authentication).toEqual({ by: 'nothing' });
    expect(connection.headers).toEqual({ 'Impersonate-User': 'bob' });
  });

  test('--as-user-extra collects the values of a key, over those of the file', async () => {
    const { headers } = await resolve({ as: 'bob', asUserExtra: ['a=1', 'b/c=x=y', 'a=2'] });
    expect(headers).toEqual({
      'Impersonate-User': 'bob',
      'Impersonate-Extra-a': ['1', '2'],
      'Impersonate-Extra-b%2fc': ['x=y'],
    });
    await expect(resolve({ as: 'bob', asUserExtra: ['novalue'] })).rejects.toMatchObject({ code: 'config' });
  });
});

describe('the context', () => {
  test.each<[string, ConnectionFlags, Partial<Connection['context']>]>([
    ['as the file says', {}, { context: 'prod', user: 'ann', namespace: 'team', namespaceIsExplicit: false }],
    ['-n', { namespace: 'x' }, { context: 'prod', namespace: 'x', namespaceIsExplicit: true }],
    ['no namespace anywhere', { context: 'bare' }, { context: 'bare', namespace: 'default' }],
    ['an empty -n counts as none', { namespace: '' }, { namespace: 'team', namespaceIsExplicit: false }],
    [
      'the server with its path, without a user',
      { cluster: 'based' },
      { server: 'https://api.example/k8s/clusters/c-1' },
    ],
    ["another cluster than the context's", { context: 'prod', cluster: 'based' }, { context: null }],
    ["another server than the context's", { server: 'https://x' }, { context: null, server: 'https://x' }],
    ['another user', { user: 'ann' }, { context: 'prod', user: 'ann' }],
  ])('%s', async (_name, flags, context) => {
    expect((await resolve(flags)).context).toMatchObject(context);
  });

  test('a current context that is not defined is an error', async () => {
    await expect(resolve({}, {}, { [HOME_FILE]: 'current-context: gone\n' })).rejects.toMatchObject({
      code: 'config',
      message: 'invalid configuration: context was not found for specified context: gone',
    });
  });

  test('all that is wrong is said at once', async () => {
    const flags = { asGroup: ['x'], certificateAuthority: '/missing' };
    await expect(resolve(flags)).rejects.toMatchObject({
      message: expect.stringMatching(
        /requesting uid.* for ann .*; unable to read certificate-authority \/missing/,
      ),
    });
  });

  test('text of the kubeconfig cannot reach the terminal as a command', async () => {
    const file = 'current-context: "\\e]0;x\\a"\n';
    await expect(resolve({}, {}, { [HOME_FILE]: file })).rejects.toMatchObject({
      message: expect.not.stringContaining('\u001b'),
    });
  });
});

describe('the time limit', () => {
  test.each([
    [undefined, 0],
    ['', 0],
    ['0', 0],
    ['30', 30_000],
    ['1m30s', 90_000],
    ['250ms', 250],
  ])('--request-timeout %j is %i ms', async (requestTimeout, ms) => {
    expect((await resolve(requestTimeout === undefined ? {} : { requestTimeout })).timeoutMs).toBe(ms);
  });
});

describe('the proxy', () => {
  test('of the kubeconfig comes before the environment', async () => {
    const env = { HTTPS_PROXY: 'http://env.example:3128' };
    expect((await resolve({ cluster: 'proxied' }, env)).proxy).toEqual({
      scheme: 'socks5',
      hostname: 'proxy.example',
      port: 1080,
      credentials: { username: 'me', password: 'p@ss' },
      host: 'proxy.example:1080',
    });
    expect((await resolve({}, env)).proxy?.host).toBe('env.example:3128');
  });
});

describe('when the last resort is taken, the advice says why', () => {
  test.each<[string, ConnectionFlags, Record<string, string>, RegExp]>([
    ['no kubeconfig', {}, { KUBECONFIG: '/missing' }, /^No kubeconfig was found \(looked for \/missing\)/],
    ['a dangling context', { context: 'dangling' }, {}, /Context "dangling" names cluster "none", which/],
    [
      'a cluster without a server',
      { context: 'no-server' },
      {},
      /The cluster of context "no-server" names no server/,
    ],
  ])('%s', async (_name, flags, env, hint) => {
    expect((await resolve(flags, env)).hint).toMatch(hint);
  });

  test('no current context', async () => {
    expect((await resolve({}, {}, { [HOME_FILE]: 'kind: Config\n' })).hint).toMatch(/no current context/);
  });

  test('and there is none where a server was named', async () => {
    expect((await resolve({})).hint).toBeNull();
    expect((await resolve({ server: 'http://localhost:8080' }, { KUBECONFIG: '/missing' })).hint).toBeNull();
  });
});

describe('why no credentials are sent', () => {
  test.each<[string, ConnectionFlags, RegExp | null]>([
    ['some are', {}, null],
    ['a context without a user', { context: 'no-user' }, /^Context "no-user" names no user/],
    ['a user that is not defined', { context: 'lost-user' }, /does not define user "lost"/],
    ['a user without any', { context: 'empty-user' }, /^User "empty" of the kubeconfig has no credentials/],
    ['plain http', { cluster: 'plain' }, /^Over plain http/],
    ['a flag brings some', { context: 'no-user', token: 't' }, null],
  ])('%s', async (_, flags, expected) => {
    const why = (await resolve(flags)).context.withoutCredentials;
    if (expected === null) expect(why).toBeNull();
    else expect(why).toMatch(expected);
  });
});

describe('in a Pod', () => {
  const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
  const pod = {
    [`${folder}/token`]: 'pod-token',
    [`${folder}/ca.crt`]: 'pod-ca',
    [`${folder}/namespace`]: 'pod-ns\n',
  };
  const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const noFile = { ...pod, [HOME_FILE]: '' };

  test('without a kubeconfig its own cluster is taken, with its service account', async () => {
    expect(await resolve({}, env, noFile)).toMatchObject({
      server: new URL('https://10.0.0.1'),
      authentication: { by: 'token-file', path: `${folder}/token` },
      tls: { ca: Buffer.from('pod-ca'), insecure: false },
      context: { context: null, user: null, server: 'https://10.0.0.1', namespace: 'pod-ns' },
      hint: null,
    });
  });

  test('an IPv6 service address', async () => {
    const v6 = { ...env, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
    expect((await resolve({}, v6, noFile)).server.href).toBe('https://[fd00::1]:6443/');
  });

  test('--token and --certificate-authority replace the mounted ones', async () => {
    const flags = { token: 'mine', certificateAuthority: '/my-ca' };
    expect(await resolve(flags, env, { ...noFile, '/my-ca': 'my-ca' })).toMatchObject({
      server: new URL('https://10.0.0.1'),
      authentication: { by: 'token', token: 'mine' },
      tls: { ca: Buffer.from('my-ca') },
    });
  });

  test.each<[string, ConnectionFlags, Record<string, string>, string]>([
    ['a kubeconfig with a server', {}, { ...pod }, 'prod.example:6443'],
    ['--server', { server: 'https://other:1' }, noFile, 'other:1'],
    [
      '--server of the last resort, and no token goes there',
      { server: 'http://localhost:8080' },
      noFile,
      'localhost:8080',
    ],
    ['--as', { as: 'bob' }, noFile, 'localhost:8080'],
    ['--request-timeout', { requestTimeout: '5s' }, noFile, 'localhost:8080'],
    ['no mounted token', {}, { [HOME_FILE]: '' }, 'localhost:8080'],
  ])('not with %s', async (_name, flags, files, server) => {
    expect((await resolve(flags, env, files)).server.host).toBe(server);
  });

  test.each<[string, ConnectionFlags, Record<string, string>, Record<string, string>, string]>([
    ['-n', { namespace: 'x' }, env, noFile, 'x'],
    ['the context', {}, env, pod, 'team'],
    ['$POD_NAMESPACE', {}, { ...env, POD_NAMESPACE: 'downward' }, noFile, 'downward'],
    ['the Pod, even for another cluster', { context: 'bare' }, env, pod, 'pod-ns'],
    ['nothing', {}, env, { [HOME_FILE]: '', [`${folder}/token`]: 't' }, 'default'],
  ])('the namespace comes from %s', async (_name, flags, environment, files, namespace) => {
    expect((await resolve(flags, environment, files)).context.namespace).toBe(namespace);
  });
});
