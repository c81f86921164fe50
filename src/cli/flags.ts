import type { ConnectionFlags } from '../app/ports.ts';

/** What a word can be completed to: one of these, or what has to be looked up. */
export type Completes =
  | readonly string[]
  | 'files'
  | 'folders'
  | 'contexts'
  | 'clusters'
  | 'users'
  | 'namespaces'
  | 'locks';

export interface Flag {
  /** One letter. */
  short?: string;
  /** `list`: may be given several times, and every value counts; of the others the last one does. */
  type: 'boolean' | 'text' | 'list';
  /** As the help shows it; the value that applies when the flag is not given. */
  fallback: string;
  help: string;
  /** What the shell completes its value to; absent where it is freely chosen. */
  completes?: Completes;
  /** Accepted because kubectl users type it, without being worth a line in the help. */
  hidden?: true;
}

/** Flags by their long name. */
export type FlagTable = Readonly<Record<string, Flag>>;

/** The flags that are worth a line in the help, by their names, which are in order. */
export function shownFlags(flags: FlagTable): [string, Flag][] {
  return Object.entries(flags)
    .filter(([, { hidden }]) => hidden !== true)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

type FlagValue<F extends Flag> = F['type'] extends 'boolean'
  ? boolean
  : F['type'] extends 'list'
    ? readonly string[]
    : string;

/** What was given on the command line; a flag that was not is absent. */
export type Values<T extends FlagTable> = { readonly [Name in keyof T]?: FlagValue<T[Name]> };

function text(fallback: string, help: string): Flag & { type: 'text' } {
  return { type: 'text', fallback, help };
}

function list(help: string): Flag & { type: 'list' } {
  return { type: 'list', fallback: '[]', help };
}

function toggle(help: string): Flag & { type: 'boolean' } {
  return { type: 'boolean', fallback: 'false', help };
}

/** kubectl's connection flags, with kubectl's meaning. */
const CONNECTION_FLAGS = {
  as: text("''", 'User to act as. That user may be a service account.'),
  'as-group': list('Group to act as; give it once for each group.'),
  'as-uid': text("''", 'UID to act as.'),
  'as-user-extra': list('Extra information (key=value) of the user to act as; give it once for each value.'),
  'certificate-authority': {
    ...text("''", "File with the certificates that the server's one is checked against."),
    completes: 'files',
  },
  'client-certificate': { ...text("''", 'File with a client certificate.'), completes: 'files' },
  'client-key': { ...text("''", 'File with the key of the client certificate.'), completes: 'files' },
  cluster: { ...text("''", 'Cluster of the kubeconfig to use.'), completes: 'clusters' },
  context: { ...text("''", 'Context of the kubeconfig to use.'), completes: 'contexts' },
  'disable-compression': toggle('Do not let the server compress its answers.'),
  'insecure-skip-tls-verify': toggle("Do not check the server's certificate. Whoever answers is believed."),
  kubeconfig: { ...text("''", 'The only kubeconfig file to use.'), completes: 'files' },
  namespace: { ...text("''", 'Namespace to look at.'), short: 'n', completes: 'namespaces' },
  password: text("''", 'Password for basic authentication.'),
  'request-timeout': text(
    "'0'",
    'How long one request may take: 30, 30s, 1m. Zero sets no limit; a watch ends with it too.',
  ),
  server: { ...text("''", 'Address and port of the Kubernetes API server.'), short: 's' },
  'tls-server-name': text("''", "Name to check the server's certificate against, instead of its address."),
  token: text("''", 'Bearer token.'),
  user: { ...text("''", 'User of the kubeconfig to use.'), completes: 'users' },
  username: text("''", 'User name for basic authentication.'),
} as const satisfies FlagTable;

/** What every command understands. */
export const GLOBAL_FLAGS = {
  ...CONNECTION_FLAGS,
  'cache-dir': { ...text("''", 'As kubectl has it. Nothing is cached.'), hidden: true },
  help: { ...toggle('Show the help of a command.'), short: 'h' },
  v: {
    ...text(
      '0',
      'How much to tell: 6 adds each request with its time and size, and the stack of an unexpected error.',
    ),
    short: 'v',
  },
  version: { ...toggle('Show the version.'), hidden: true },
} as const satisfies FlagTable;

export type GlobalValues = Values<typeof GLOBAL_FLAGS>;

type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

type Connection = {
  -readonly [Name in keyof typeof CONNECTION_FLAGS as CamelCase<Name>]?: FlagValue<
    (typeof CONNECTION_FLAGS)[Name]
  >;
};

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The connection flags that were given. An empty text is, as for kubectl, the same as none. */
export function connectionFlags(values: GlobalValues): ConnectionFlags {
  const given = Object.entries(values).filter(([name, value]) => name in CONNECTION_FLAGS && value !== '');
  const flags: Connection = Object.fromEntries(given.map(([name, value]) => [camelCase(name), value]));
  return flags;
}
