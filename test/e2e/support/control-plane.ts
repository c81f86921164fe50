import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ApiAccess, type ControlPlaneCoordinates } from './api-access.ts';
import { Child, eventually } from './child-process.ts';

const READY_MS = 90_000;
/** A free port can be taken by somebody else before it is bound; then everything starts over with other ones. */
const ATTEMPTS = 3;

class PortTaken extends Error {
  override readonly message = 'a port that was free a moment ago is taken';
}

export interface ControlPlaneOptions {
  /** The folder with etcd and kube-apiserver: $KUBEBUILDER_ASSETS. */
  assets: string;
  /** Users beside `admin` and `alice`, with no rights but what the test grants. */
  users?: readonly string[];
  /** Where to make the folder; a test's own control plane goes into the shared one's, which is removed for certain. */
  inFolder?: string;
  /** More flags for kube-apiserver. */
  apiserverFlags?: readonly string[];
}

/** etcd and kube-apiserver on 127.0.0.1 in a folder of their own, with RBAC, ended by their own ids. */
export interface ControlPlane {
  coordinates: ControlPlaneCoordinates;
  api: ApiAccess;
  stop(): Promise<void>;
}

/** Ports of 127.0.0.1 that were free a moment ago. All are held at once, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      await new Promise((resolve) => server.close(resolve));
      return typeof address === 'object' && address !== null ? address.port : 0;
    }),
  );
}

/** A certificate for 127.0.0.1 that is its own authority. */
async function writeCertificate(folder: string): Promise<{ certificate: string; key: string }> {
  const certificate = join(folder, 'tls.crt');
  const key = join(folder, 'tls.key');
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost', '-out', certificate, '-keyout', key],
  ]);
  return { certificate, key };
}

async function writeServiceAccountKeys(folder: string): Promise<{ publicFile: string; privateFile: string }> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const publicFile = join(folder, 'sa.pub');
  const privateFile = join(folder, 'sa.key');
  await Promise.all([writeFile(publicFile, publicKey), writeFile(privateFile, privateKey, { mode: 0o600 })]);
  return { publicFile, privateFile };
}

async function writeTokens(folder: string, users: readonly string[]): Promise<Record<string, string>> {
  const tokens = Object.fromEntries(['admin', 'alice', ...users].map((user) => [user, randomUUID()]));
  const rows = Object.entries(tokens).map(
    ([user, token]) => `${token},${user},${user}${user === 'admin' ? ',"system:masters"' : ''}`,
  );
  await writeFile(join(folder, 'tokens.csv'), `${rows.join('\n')}\n`, { mode: 0o600 });
  return tokens;
}

/** Starts both processes on fresh ports in a prepared folder; resolves when the server says that it is ready. */
async function startOnce(
  { assets, apiserverFlags = [] }: ControlPlaneOptions,
  prepared: Omit<ControlPlaneCoordinates, 'server'>,
  keys: { publicFile: string; privateFile: string },
): Promise<ControlPlane> {
  const { folder, certificateFile, certificateKeyFile } = prepared;
  const [port, clientPort, peerPort] = await freePorts(3);
  const etcdUrl = `http://127.0.0.1:${clientPort}`;
  const etcd = new Child('etcd', join(assets, 'etcd'), [
    ...['--data-dir', join(folder, `etcd-${clientPort}`), '--unsafe-no-fsync'],
    ...['--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl],
    ...['--listen-peer-urls', `http://127.0.0.1:${peerPort}`],
  ]);
  const apiserver = new Child('kube-apiserver', join(assets, 'kube-apiserver'), [
    ...['--etcd-servers', etcdUrl, '--bind-address', '127.0.0.1', '--secure-port', String(port)],
    ...['--advertise-address', '127.0.0.1', '--endpoint-reconciler-type', 'none'],
    ...['--tls-cert-file', certificateFile, '--tls-private-key-file', certificateKeyFile],
    ...['--token-auth-file', join(folder, 'tokens.csv'), '--authorization-mode', 'RBAC'],
    ...['--service-account-issuer', 'https://kubernetes.default.svc'],
    ...['--service-account-key-file', keys.publicFile],
    ...['--service-account-signing-key-file', keys.privateFile],
    ...['--service-cluster-ip-range', '10.0.0.0/24', '--allow-privileged=true'],
    ...['--disable-admission-plugins', 'ServiceAccount', ...apiserverFlags],
  ]);
  const coordinates = { ...prepared, server: `https://127.0.0.1:${port}` };
  const api = new ApiAccess(coordinates);
  const stop = async (): Promise<void> => {
    await apiserver.stop();
    await etcd.stop();
  };
  try {
    await eventually('kube-apiserver is ready', () => isReady(api, [etcd, apiserver]), { ms: READY_MS });
  } catch (error) {
    await stop();
    const lines = [...etcd.lines, ...apiserver.lines];
    if (lines.some((line) => line.includes('address already in use'))) throw new PortTaken();
    throw new Error(`kube-apiserver's last lines:\n${apiserver.tail()}\netcd's:\n${etcd.tail(5)}`, {
      cause: error,
    });
  }
  return { coordinates, api, stop };
}

/** True when it serves and has made its namespaces; null while it has not; throws when a process has ended. */
async function isReady(api: ApiAccess, processes: readonly Child[]): Promise<true | null> {
  if (processes.some((process) => process.status !== null)) throw new Error('a process ended');
  try {
    const paths = ['/readyz', '/api/v1/namespaces/default', '/api/v1/namespaces/kube-system'];
    for (const path of paths) if ((await api.call('GET', path)).status !== 200) return null;
    return true;
  } catch {
    return null;
  }
}

/** Starts a control plane and waits until it is ready. `stop` ends it and removes its folder. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const folder = await mkdtemp(join(options.inFolder ?? tmpdir(), 'kubectl-leader-e2e-'));
  const removal = { recursive: true, force: true, maxRetries: 5 };
  const removeAtExit = (): void => rmSync(folder, removal);
  process.once('exit', removeAtExit);
  const removeFolder = async (): Promise<void> => {
    process.removeListener('exit', removeAtExit);
    await rm(folder, removal);
  };
  try {
    const [{ certificate, key }, keys, tokens] = await Promise.all([
      writeCertificate(folder),
      writeServiceAccountKeys(folder),
      writeTokens(folder, options.users ?? []),
    ]);
    const prepared = {
      certificateFile: certificate,
      certificateKeyFile: key,
      folder,
      tokens,
      assets: options.assets,
    };
    for (let attempt = 1; ; attempt++) {
      try {
        const plane = await startOnce(options, prepared, keys);
        return {
          ...plane,
          stop: async () => {
            await plane.stop();
            await removeFolder();
          },
        };
      } catch (error) {
        if (!(error instanceof PortTaken) || attempt === ATTEMPTS) throw error;
      }
    }
  } catch (error) {
    await removeFolder();
    throw error;
  }
}
