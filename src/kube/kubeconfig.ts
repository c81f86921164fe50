import { boolYaml11Tag, CORE_SCHEMA, loadAll, mergeTag, YAMLException } from 'js-yaml';
import { Fields } from './kubeconfig-fields.ts';

/** A cluster entry. As everywhere in a kubeconfig, empty text means not set. */
export interface ClusterEntry {
  server: string;
  tlsServerName: string;
  insecureSkipTlsVerify: boolean;
  certificateAuthority: string;
  certificateAuthorityData: Buffer | null;
  proxyUrl: string;
  disableCompression: boolean;
  /** The extension that is handed to exec plugins, as it stands in the file; null if there is none. */
  execExtension: unknown;
}

export interface ExecEntry {
  apiVersion: string;
  command: string;
  args: readonly string[];
  env: readonly { name: string; value: string }[];
  installHint: string;
  provideClusterInfo: boolean;
  /** `Never`, `IfAvailable` or `Always`; empty where the API version demands a choice and none was made. */
  interactiveMode: string;
}

export interface UserEntry {
  clientCertificate: string;
  clientCertificateData: Buffer | null;
  clientKey: string;
  clientKeyData: Buffer | null;
  token: string;
  tokenFile: string;
  username: string;
  password: string;
  as: string;
  asUid: string;
  asGroups: readonly string[];
  asUserExtra: ReadonlyMap<string, readonly string[]>;
  authProvider: { name: string; config: Readonly<Record<string, string>> } | null;
  exec: ExecEntry | null;
}

export interface ContextEntry {
  cluster: string;
  user: string;
  namespace: string;
}

/** One kubeconfig file, or several merged. */
export interface Kubeconfig {
  currentContext: string;
  clusters: ReadonlyMap<string, ClusterEntry>;
  users: ReadonlyMap<string, UserEntry>;
  contexts: ReadonlyMap<string, ContextEntry>;
}

const EXEC_EXTENSION = 'client.authentication.k8s.io/exec';
/** The first API version of exec plugins that knows the interactive mode, as an optional field. */
const EXEC_V1BETA1 = 'client.authentication.k8s.io/v1beta1';
/** What kubectl's YAML reader understands beyond YAML 1.2: merge keys, and yes, no, on, off. */
const SCHEMA = CORE_SCHEMA.withTags(mergeTag, boolYaml11Tag);

export const EMPTY_CLUSTER: ClusterEntry = readCluster(new Fields('', null));
export const EMPTY_USER: UserEntry = readUser(new Fields('', null));
export const EMPTY_CONTEXT: ContextEntry = { cluster: '', user: '', namespace: '' };

function decode(text: string, file: string): unknown {
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text);
    } catch {
      // A YAML flow mapping also starts with a brace.
    }
  }
  try {
    return loadAll(text, { schema: SCHEMA, json: true })[0];
  } catch (error) {
    const reason = error instanceof YAMLException ? error.reason : 'it cannot be read';
    const line = error instanceof YAMLException && error.mark ? ` in line ${error.mark.line + 1}` : '';
    throw new Fields(file, null).problem(`not valid YAML: ${reason}${line}`);
  }
}

function readCluster(fields: Fields): ClusterEntry {
  const extension = fields.objects('extensions').find((each) => each.text('name') === EXEC_EXTENSION);
  return {
    server: fields.text('server'),
    tlsServerName: fields.text('tls-server-name'),
    insecureSkipTlsVerify: fields.flag('insecure-skip-tls-verify'),
    certificateAuthority: fields.text('certificate-authority'),
    certificateAuthorityData: fields.bytes('certificate-authority-data'),
    proxyUrl: fields.text('proxy-url'),
    disableCompression: fields.flag('disable-compression'),
    execExtension: extension?.raw('extension') ?? null,
  };
}

function readExec(fields: Fields): ExecEntry {
  const apiVersion = fields.text('apiVersion');
  return {
    apiVersion,
    command: fields.text('command'),
    args: fields.texts('args'),
    env: fields.objects('env').map((each) => ({ name: each.text('name'), value: each.text('value') })),
    installHint: fields.text('installHint'),
    provideClusterInfo: fields.flag('provideClusterInfo'),
    interactiveMode: fields.text('interactiveMode') || (apiVersion === EXEC_V1BETA1 ? 'IfAvailable' : ''),
  };
}

function readUser(fields: Fields): UserEntry {
  const extra = fields.object('as-user-extra');
  const provider = fields.object('auth-provider');
  const providerConfig = provider.object('config');
  return {
    clientCertificate: fields.text('client-certificate'),
    clientCertificateData: fields.bytes('client-certificate-data'),
    clientKey: fields.text('client-key'),
    clientKeyData: fields.bytes('client-key-data'),
    token: fields.text('token'),
    tokenFile: fields.text('tokenFile'),
    username: fields.text('username'),
    password: fields.text('password'),
    as: fields.text('as'),
    asUid: fields.text('as-uid'),
    asGroups: fields.texts('as-groups'),
    asUserExtra: new Map(extra.names().map((key) => [key, extra.texts(key)])),
    authProvider: fields.has('auth-provider')
      ? {
          name: provider.text('name'),
          config: Object.fromEntries(providerConfig.names().map((key) => [key, providerConfig.text(key)])),
        }
      : null,
    exec: fields.has('exec') ? readExec(fields.object('exec')) : null,
  };
}

function readContext(fields: Fields): ContextEntry {
  return {
    cluster: fields.text('cluster'),
    user: fields.text('user'),
    namespace: fields.text('namespace'),
  };
}

function byName<Entry>(root: Fields, list: string, member: string, read: (fields: Fields) => Entry) {
  const entries = new Map<string, Entry>();
  for (const each of root.objects(list)) {
    const name = each.text('name');
    if (entries.has(name)) throw each.problem(`duplicate name "${name}" in list`);
    entries.set(name, read(each.object(member)));
  }
  return entries;
}

/**
 * The kubeconfig in `text` (YAML or JSON); an empty text is an empty kubeconfig. Throws a LeaderError with code
 * `config` that names `file`.
 */
export function parseKubeconfig(text: string, file: string): Kubeconfig {
  const root = new Fields(file, decode(text, file));
  const kind = root.text('kind') || 'Config';
  const version = root.text('apiVersion') || 'v1';
  if (kind !== 'Config' || version !== 'v1') {
    throw root.problem(
      `it holds kind "${kind}" of version "${version}", not a kubeconfig (kind Config of version v1)`,
    );
  }
  return {
    currentContext: root.text('current-context'),
    clusters: byName(root, 'clusters', 'cluster', readCluster),
    users: byName(root, 'users', 'user', readUser),
    contexts: byName(root, 'contexts', 'context', readContext),
  };
}
