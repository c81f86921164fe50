import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import type { ClusterObject } from '../../../src/core/cluster-object.ts';
import { findOnPath } from './find-on-path.ts';

/** Where a control plane is and who may use it: plain data, so that it can be handed from process to process. */
export interface ControlPlaneCoordinates {
  /** `https://127.0.0.1:port` */
  server: string;
  /** The certificate that the server shows, which is its own authority. */
  certificateFile: string;
  /** The key of that certificate. */
  certificateKeyFile: string;
  /** A folder for what tests write; it goes when the control plane goes. */
  folder: string;
  /** Bearer tokens by user. `admin` may do everything, everybody else what RBAC grants. */
  tokens: Readonly<Record<string, string>>;
  /** The folder with the binaries: $KUBEBUILDER_ASSETS. */
  assets: string;
}

export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface ApiAnswer {
  status: number;
  body: ClusterObject & { items?: ClusterObject[] };
}

const ANSWER_MS = 30_000;

/** The collection an object belongs to: `/api/v1/namespaces/x/pods`. Kinds whose plural is not formed with s are named. */
function collectionPath(object: ClusterObject): string {
  const { apiVersion = 'v1', kind = '', metadata } = object;
  const plurals: Readonly<Record<string, string>> = { Endpoints: 'endpoints' };
  const plural = plurals[kind] ?? `${kind.toLowerCase()}s`;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}${metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`}/${plural}`;
}

/** A control plane as tests use it. */
export class ApiAccess {
  readonly coordinates: ControlPlaneCoordinates;
  readonly #certificate: Buffer;
  #kubeconfigs = 0;

  constructor(coordinates: ControlPlaneCoordinates) {
    this.coordinates = coordinates;
    this.#certificate = readFileSync(coordinates.certificateFile);
  }

  /** One request in plain HTTPS. Gives whatever status came; rejects when no answer came. */
  async call(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    user = 'admin',
  ): Promise<ApiAnswer> {
    const merge = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    return new Promise((resolve, reject) => {
      const sent = request(
        new URL(path, this.coordinates.server),
        {
          method,
          ca: this.#certificate,
          headers: {
            accept: 'application/json',
            authorization: `Bearer ${this.#token(user)}`,
            ...(body !== undefined && { 'content-type': merge }),
          },
          signal: AbortSignal.timeout(ANSWER_MS),
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            const isJson = answer.headers['content-type']?.startsWith('application/json') ?? false;
            const parsed: unknown = isJson ? JSON.parse(text) : { metadata: {}, text };
            resolve({ status: answer.statusCode ?? 0, body: parsed as ApiAnswer['body'] });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** The same, but rejects unless it was accepted. */
  async must(...args: Parameters<ApiAccess['call']>): Promise<ApiAnswer['body']> {
    const { status, body } = await this.call(...args);
    if (status >= 300) throw new Error(`${args[0]} ${args[1]}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** Creates the object, or replaces it; a status that it brings is written too. Gives what is stored. */
  async apply(object: ClusterObject): Promise<ClusterObject> {
    const { status, ...rest } = object;
    const collection = collectionPath(object);
    const path = `${collection}/${object.metadata.name}`;
    const created = await this.call('POST', collection, rest);
    if (created.status === 409) {
      const { metadata } = await this.must('GET', path);
      const { resourceVersion = '' } = metadata;
      await this.must('PUT', path, { ...rest, metadata: { ...rest.metadata, resourceVersion } });
    } else if (created.status >= 300) {
      throw new Error(`POST ${collection}: ${created.status} ${JSON.stringify(created.body)}`);
    }
    return status === undefined ? this.must('GET', path) : this.setStatus(object, status);
  }

  /** Merges into the object's status, as a kubelet or a controller would write it. */
  async setStatus(object: ClusterObject, status: unknown): Promise<ClusterObject> {
    return this.must('PATCH', `${collectionPath(object)}/${object.metadata.name}/status`, { status });
  }

  /** What is stored, or null if there is no such object. */
  async read(object: ClusterObject): Promise<ClusterObject | null> {
    const { status, body } = await this.call('GET', `${collectionPath(object)}/${object.metadata.name}`);
    if (status === 404) return null;
    if (status >= 300) throw new Error(`GET ${object.kind} ${object.metadata.name}: ${status}`);
    return body;
  }

  /** Deletes at once, without a grace period. Nothing happens if it is gone. */
  async remove(object: ClusterObject): Promise<void> {
    const path = `${collectionPath(object)}/${object.metadata.name}?gracePeriodSeconds=0`;
    const { status } = await this.call('DELETE', path);
    if (status >= 300 && status !== 404) throw new Error(`DELETE ${path}: ${status}`);
  }

  /** Creates a namespace that no other test has, `<prefix>-<random>`, and gives its name. */
  async namespace(prefix: string): Promise<string> {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: `${prefix}-` } };
    const { metadata } = await this.must('POST', '/api/v1/namespaces', object);
    return metadata.name ?? '';
  }

  /** Lets a user do more: rules as in a ClusterRole, in one namespace or everywhere. */
  async grant(
    user: string,
    rules: readonly { apiGroups: string[]; resources: string[]; verbs: string[] }[],
    namespace?: string,
  ): Promise<void> {
    const api = 'rbac.authorization.k8s.io';
    const prefix = namespace === undefined ? 'Cluster' : '';
    const place = namespace === undefined ? '' : `/namespaces/${namespace}`;
    const root = `/apis/${api}/v1${place}/${prefix.toLowerCase()}role`;
    const { metadata } = await this.must('POST', `${root}s`, {
      metadata: { generateName: `${user}-` },
      rules,
    });
    await this.must('POST', `${root}bindings`, {
      metadata: { generateName: `${user}-` },
      roleRef: { apiGroup: api, kind: `${prefix}Role`, name: metadata.name },
      subjects: [{ apiGroup: api, kind: 'User', name: user }],
    });
  }

  /** Writes a kubeconfig for a user, and gives its path. `server` is where to connect instead, by the same certificate. */
  kubeconfig(
    user = 'admin',
    { namespace, server = this.coordinates.server }: { namespace?: string; server?: string } = {},
  ): string {
    const { folder, certificateFile } = this.coordinates;
    this.#kubeconfigs += 1;
    const file = join(folder, `kubeconfig-${process.pid}-${performance.now()}-${this.#kubeconfigs}.json`);
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      clusters: [{ name: 'test', cluster: { server, 'certificate-authority': certificateFile } }],
      users: [{ name: user, user: { token: this.#token(user) } }],
      contexts: [
        { name: 'test', context: { cluster: 'test', user, ...(namespace !== undefined && { namespace }) } },
      ],
    };
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  }

  /** Runs the machine's kubectl as a user. Rejects when there is none: ask `findOnPath('kubectl')` first. */
  async kubectl(args: readonly string[], user = 'admin'): Promise<RunResult> {
    const file = findOnPath('kubectl');
    if (file === null) throw new Error('there is no kubectl on PATH');
    const kubeconfig = this.kubeconfig(user);
    return new Promise((resolve) => {
      const options = { timeout: ANSWER_MS, maxBuffer: 64 << 20 };
      execFile(file, ['--kubeconfig', kubeconfig, ...args], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      });
    });
  }

  #token(user: string): string {
    const token = this.coordinates.tokens[user];
    if (token === undefined) throw new Error(`the control plane knows no user ${user}`);
    return token;
  }
}
