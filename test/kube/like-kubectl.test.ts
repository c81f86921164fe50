import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ConnectionFlags } from '../../src/app/ports.ts';
import { openConnection } from '../../src/kube/connection.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { type Recorded, type RecordingServer, startRecordingServer } from './recording-server.ts';

/** What reaches the API server, from kubectl and from us, with the same kubeconfig and the same flags. */

const SPELLING: Readonly<Record<string, string>> = { asGroup: 'as-group', asUid: 'as-uid' };

function kubectlArguments(flags: ConnectionFlags): string[] {
  return Object.entries(flags).flatMap(([key, value]: [string, string | boolean | readonly string[]]) => {
    const flag = SPELLING[key] ?? key.replace(/[A-Z]/g, (char) => `-${char.toLowerCase()}`);
    return [value].flat().map((each) => `--${flag}=${each}`);
  });
}

function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const PLUGIN_API = 'client.authentication.k8s.io/v1';
const plugin = {
  apiVersion: PLUGIN_API,
  command: './plugin',
  interactiveMode: 'Never',
  provideClusterInfo: true,
};

function kubeconfig(server: string, certificates: Certificates): string {
  const files = { 'client-certificate': 'jane.crt', 'client-key': 'jane.key' };
  const users = {
    token: { token: 'from-the-file' },
    'token-file': { tokenFile: 'token' },
    'token-and-file': { token: 'beside-the-file', tokenFile: 'token' },
    'token-and-missing-file': { token: 'beside-the-file', tokenFile: 'missing' },
    certificate: files,
    'certificate-data': {
      'client-certificate-data': certificates.base64('jane.crt'),
      'client-key-data': certificates.base64('jane.key'),
    },
    'certificate-twice': { ...files, 'client-certificate-data': certificates.base64('john.crt') },
    'certificate-without-key': { 'client-certificate': 'jane.crt' },
    'certificate-and-token': { ...files, token: 'from-the-file' },
    basic: { username: 'ann', password: 'secret' },
    'basic-and-token': { username: 'ann', password: 'secret', token: 'from-the-file' },
    'basic-and-token-file': { username: 'ann', password: 'secret', tokenFile: 'token' },
    exec: { exec: plugin },
    'exec-and-token': { token: 'from-the-file', exec: plugin },
    'exec-and-certificate': { ...files, exec: plugin },
    'exec-without-command': { exec: { ...plugin, command: '' } },
    'exec-without-mode': { exec: { ...plugin, interactiveMode: undefined } },
    'exec-odd-mode': { exec: { ...plugin, interactiveMode: 'Sometimes' } },
    'exec-old-api': { exec: { ...plugin, apiVersion: 'client.authentication.k8s.io/v1alpha1' } },
    'exec-always': { exec: { ...plugin, interactiveMode: 'Always' } },
    'exec-missing': { exec: { ...plugin, command: 'no-such-plugin-anywhere' } },
    impersonating: {
      token: 'from-the-file',
      as: 'jane',
      'as-uid': '7',
      'as-groups': ['one', 'two'],
      'as-user-extra': { 'example.com/sc%pe': ['a', 'b'], plain: ['c'] },
    },
    'groups-only': { token: 'from-the-file', 'as-groups': ['one'] },
  };
  const trusted = { server, 'certificate-authority': 'ca.crt' };
  const clusters = {
    main: trusted,
    'ca-data': { server, 'certificate-authority-data': certificates.base64('ca.crt') },
    'ca-twice': { ...trusted, 'certificate-authority-data': certificates.base64('ca.crt') },
    'ca-missing': { server, 'certificate-authority': 'missing.crt' },
    'ca-damaged': { server, 'certificate-authority-data': Buffer.from('damaged').toString('base64') },
    'ca-unknown': { server },
    insecure: { server, 'insecure-skip-tls-verify': true },
    'insecure-with-ca': { ...trusted, 'insecure-skip-tls-verify': true },
    'other-name': { ...trusted, 'tls-server-name': 'api.example' },
    'wrong-name': { ...trusted, 'tls-server-name': 'wrong.example' },
    uncompressed: { ...trusted, 'disable-compression': true },
    'odd-proxy': { ...trusted, 'proxy-url': 'ftp://proxy.example' },
    refused: { ...trusted, server: 'https://127.0.0.1:1' },
    schemeless: { ...trusted, server: '127.0.0.1:1' },
    'no-url': { ...trusted, server: 'https://' },
    told: {
      ...trusted,
      'tls-server-name': 'api.example',
      extensions: [
        { name: 'client.authentication.k8s.io/exec', extension: { audience: 'x', list: [1, true] } },
      ],
    },
    'told-insecure': { server: `${server}/`, 'insecure-skip-tls-verify': true, 'disable-compression': true },
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'current',
    clusters: Object.entries(clusters).map(([name, cluster]) => ({ name, cluster })),
    users: Object.entries(users).map(([name, user]) => ({ name, user })),
    contexts: [
      { name: 'current', context: { cluster: 'main', user: 'token' } },
      { name: 'second', context: { cluster: 'other-name', user: 'certificate' } },
    ],
  });
}

const CASES: Record<string, ConnectionFlags> = {
  'no flags': {},
  '--context': { context: 'second' },
  '--context that is not defined': { context: 'missing' },
  '--user that is not defined': { user: 'missing' },
  '--cluster that is not defined': { cluster: 'missing' },
  '--cluster of another context': { cluster: 'other-name' },
  'flags that are empty': { context: '', user: '', cluster: '', server: '', token: '', as: '' },
  'a user with a token file': { user: 'token-file' },
  'a token and a token file': { user: 'token-and-file' },
  'a token and a token file that is missing': { user: 'token-and-missing-file' },
  'a certificate from files': { user: 'certificate' },
  'a certificate from data': { user: 'certificate-data' },
  'a certificate from file and data': { user: 'certificate-twice' },
  'a certificate without a key': { user: 'certificate-without-key' },
  'a certificate and a token': { user: 'certificate-and-token' },
  'basic authentication': { user: 'basic' },
  'basic authentication and a token': { user: 'basic-and-token' },
  'basic authentication and a token file': { user: 'basic-and-token-file' },
  '--username on a user with a token': { username: 'ann', password: 'secret' },
  '--username on a user with an exec plugin': { user: 'exec', username: 'ann', password: 'secret' },
  'an exec plugin': { user: 'exec' },
  'an exec plugin and a token': { user: 'exec-and-token' },
  'an exec plugin and a certificate': { user: 'exec-and-certificate' },
  'an exec plugin without a command': { user: 'exec-without-command' },
  'an exec plugin of v1 without an interactive mode': { user: 'exec-without-mode' },
  'an exec plugin with an odd interactive mode': { user: 'exec-odd-mode' },
  'an exec plugin of a removed API version': { user: 'exec-old-api' },
  'an exec plugin that needs a terminal': { user: 'exec-always' },
  'an exec plugin that is not installed': { user: 'exec-missing' },
  '--token': { token: 'from-the-flag' },
  '--token on a user with an exec plugin': { user: 'exec', token: 'from-the-flag' },
  '--token on a user with a token file': { user: 'token-file', token: 'from-the-flag' },
  '--token on a user with a certificate': { user: 'certificate', token: 'from-the-flag' },
  '--client-certificate without a key': { clientCertificate: 'john.crt' },
  '--client-certificate over another one': {
    user: 'certificate',
    clientCertificate: 'john.crt',
    clientKey: 'john.key',
  },
  '--client-key alone': { clientKey: 'john.key' },
  'an impersonating user': { user: 'impersonating' },
  '--as': { as: 'bob' },
  '--as and --as-group twice': { as: 'bob', asGroup: ['x', 'y'] },
  '--as over an impersonating user': { user: 'impersonating', as: 'bob' },
  '--as-group over an impersonating user': { user: 'impersonating', asGroup: ['x'] },
  '--as-uid over an impersonating user': { user: 'impersonating', asUid: '8' },
  '--as of a name that is not ASCII': { as: 'Zoë 山' },
  '--as-group with a comma': { as: 'bob', asGroup: ['a,b'] },
  '--as-group without --as': { asGroup: ['x'] },
  '--as-uid without --as': { asUid: '8' },
  'groups without a user in the file': { user: 'groups-only' },
  'groups in the file, --as by flag': { user: 'groups-only', as: 'bob' },
  'CA data': { cluster: 'ca-data' },
  'CA from file and data': { cluster: 'ca-twice' },
  'a CA file that is missing': { cluster: 'ca-missing' },
  'a CA that is damaged': { cluster: 'ca-damaged' },
  'a CA that the system does not know': { cluster: 'ca-unknown' },
  'an insecure cluster': { cluster: 'insecure' },
  'an insecure cluster with a CA': { cluster: 'insecure-with-ca' },
  '--certificate-authority over an insecure cluster': { cluster: 'insecure', certificateAuthority: 'ca.crt' },
  '--certificate-authority over CA data': { cluster: 'ca-data', certificateAuthority: 'missing.crt' },
  '--insecure-skip-tls-verify over a CA': { insecureSkipTlsVerify: true },
  '--insecure-skip-tls-verify=false over an insecure cluster': {
    cluster: 'insecure',
    insecureSkipTlsVerify: false,
  },
  '--insecure-skip-tls-verify and --certificate-authority': {
    insecureSkipTlsVerify: true,
    certificateAuthority: 'ca.crt',
  },
  'tls-server-name': { cluster: 'other-name' },
  'a tls-server-name that is wrong': { cluster: 'wrong-name' },
  '--tls-server-name over a wrong one': { cluster: 'wrong-name', tlsServerName: 'localhost' },
  '--tls-server-name that is an address': { tlsServerName: '127.0.0.1' },
  '--disable-compression': { disableCompression: true },
  'an uncompressed cluster': { cluster: 'uncompressed' },
  'a proxy of an odd scheme': { cluster: 'odd-proxy' },
  'a server that refuses': { cluster: 'refused' },
  'a server without a scheme': { cluster: 'schemeless' },
  'a server that is no URL': { cluster: 'no-url' },
  '--request-timeout that is none': { requestTimeout: 'soon' },
  '--request-timeout that is negative': { requestTimeout: '-5' },
};

/** What must agree. Our own path and accept header do not matter; the certificate's name tells who was shown. */
function essence(seen: readonly Recorded[]) {
  // Some builds of kubectl ask for the server's version first.
  const probes = seen.filter((request) => request.url.startsWith('/probe'));
  return probes.map((request) => ({
    authorization: request.authorization,
    impersonation: request.impersonation.map((line) => line.replace(/^[^:]*/, decodeURIComponent)),
    certificate: request.certificate,
    serverName: request.serverName,
    encoding: request.headers['accept-encoding'] ?? null,
  }));
}

const suite = { skip: !hasKubectl(), timeout: 30_000 };

describe('the API server is asked as kubectl asks it (skipped without kubectl)', suite, () => {
  let certificates: Certificates;
  let server: RecordingServer;

  beforeAll(async () => {
    certificates = makeCertificates();
    server = await startRecordingServer(certificates);
    mkdirSync(certificates.path('home'));
    writeFileSync(certificates.path('config'), kubeconfig(server.url, certificates));
    writeFileSync(certificates.path('token'), 'from-the-token-file\n');
    const reply = { kind: 'ExecCredential', apiVersion: PLUGIN_API, status: { token: 'from-the-plugin' } };
    writeFileSync(
      certificates.path('plugin'),
      `#!/bin/sh\nprintf %s "$KUBERNETES_EXEC_INFO" > ${certificates.path('exec-info')}\necho '${JSON.stringify(reply)}'\n`,
      { mode: 0o755 },
    );
  });
  afterAll(async () => {
    await server.close();
    certificates.remove();
  });
  beforeEach(() => {
    server.seen = [];
  });

  const environment = () => ({ PATH: process.env['PATH'], HOME: certificates.path('home') });

  async function byKubectl(
    flags: ConnectionFlags,
  ): Promise<{ failed: boolean; text: string; seen: Recorded[] }> {
    server.seen = [];
    const args = ['--kubeconfig', 'config', 'get', '--raw', '/probe', ...kubectlArguments(flags)];
    const child = spawn('kubectl', args, {
      cwd: certificates.folder,
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
    const failed = await new Promise<boolean>((resolve) =>
      child.once('close', (code) => resolve(code !== 0)),
    );
    return { failed, text: text.trim(), seen: server.seen };
  }

  async function byUs(flags: ConnectionFlags): Promise<{ failed: boolean; text: string; seen: Recorded[] }> {
    server.seen = [];
    try {
      const paths = Object.fromEntries(
        Object.entries(flags).map(([key, value]) =>
          /^(client(Certificate|Key)|certificateAuthority)$/.test(key) && typeof value === 'string'
            ? [key, certificates.path(value)]
            : [key, value],
        ),
      );
      const { transport } = await openConnection(
        { kubeconfig: certificates.path('config'), ...paths },
        { env: environment(), homeDir: certificates.path('home'), stdinIsTerminal: false, version: 'test' },
      );
      try {
        const answer = await transport.send({ method: 'GET', path: '/probe' });
        answer.discard();
      } finally {
        transport.close();
      }
      return { failed: false, text: '', seen: server.seen };
    } catch (error) {
      return { failed: true, text: (error as Error).message, seen: server.seen };
    }
  }

  test.each(Object.entries(CASES))('%s', async (_name, flags) => {
    const kubectl = await byKubectl(flags);
    const ours = await byUs(flags);
    expect(
      { failed: ours.failed, seen: essence(ours.seen) },
      `ours: ${ours.text}\nkubectl: ${kubectl.text}`,
    ).toEqual({
      failed: kubectl.failed,
      seen: essence(kubectl.seen),
    });
  });

  test.each(['main', 'told', 'told-insecure'])(
    'an exec plugin is told the same about cluster %s',
    async (cluster) => {
      const told = async (ask: typeof byUs): Promise<unknown> => {
        writeFileSync(certificates.path('exec-info'), 'null');
        await ask({ user: 'exec', cluster });
        return JSON.parse(certificates.pem('exec-info').toString('utf8'));
      };
      const byThem = await told(byKubectl);
      expect(byThem).toMatchObject({ kind: 'ExecCredential' });
      expect(await told(byUs)).toEqual(byThem);
    },
  );
});
