import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiAccess } from '../../test/e2e/support/api-access.ts';
import { findOnPath } from '../../test/e2e/support/find-on-path.ts';
import { type Contestant, stderrOf } from './child.ts';
import { CountingProxy, type Traffic } from './proxy.ts';

/** Somebody who reads the locks of a cluster. */
export interface Reader extends Contestant {
  /** The same, telling on stderr what is asked of the API server; null for who asks what it was told to. */
  traced: readonly string[] | null;
  /** How many requests it makes, where nothing tells. */
  requests: number;
}

const TELLING = '-v=6';

/** Joins locks and Pods by the part of the identity before the underscore, as one does by hand. */
const JOIN = `
  ($pods[0].items | map({key: "\\(.metadata.namespace)/\\(.metadata.name)", value: .status.phase}) | from_entries) as $phase
  | $locks[0].items[]
  | (.spec.holderIdentity // (.metadata.annotations["control-plane.alpha.kubernetes.io/leader"] // empty | fromjson | .holderIdentity)) as $id
  | select($id != null)
  | [.metadata.namespace, .kind, .metadata.name, $id, ($phase["\\(.metadata.namespace)/\\($id | split("_")[0])"] // "not found")]
  | @tsv`;

function byHand(folder: string, env: Record<string, string>): Reader[] {
  if (findOnPath('jq') === null) return [];
  const [locks, pods, join_] = ['locks.json', 'pods.json', 'join.jq'].map((name) => join(folder, name));
  writeFileSync(join_ ?? '', JOIN);
  const argv = (flags: string): string[] => [
    'bash',
    '-c',
    [
      `kubectl get leases,endpoints,configmaps -A -o json ${flags} > '${locks}'`,
      `kubectl get pods -A -o json ${flags} > '${pods}'`,
      `jq -rn --slurpfile locks '${locks}' --slurpfile pods '${pods}' -f '${join_}' > /dev/null`,
    ].join(' && '),
  ];
  return [
    { name: 'by hand: kubectl get -o json, jq', argv: argv(''), traced: argv(TELLING), requests: 0, env },
  ];
}

/** The `Accept` header that the tool sends with a request: it asks for rows, for metadata, or for objects in full. */
function acceptOf(url: string): string {
  if (url.includes('includeObject=None'))
    return 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const metadata = /\/api\/v1\/(endpoints|configmaps|namespaces)\?/.test(url);
  if (!metadata) return 'application/json';
  return 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
}

/** The addresses of what was read, by what `-v=6` tells: the tool's own, or kubectl's of any version. */
export function urlsIn(trace: string): string[] {
  return [...trace.matchAll(/(?:GET |url=")(https:[^\s"]+)(?:" status=")? ?200 OK/g)].flatMap(
    ([, url]) => url ?? [],
  );
}

/** The same requests with the same headers, all at once, by curl; what comes is thrown away undecoded. */
function byCurl(urls: readonly string[], folder: string, api: ApiAccess): Reader[] {
  if (findOnPath('curl') === null) return [];
  const { certificateFile, tokens } = api.coordinates;
  const transfers = urls.map((url) =>
    [
      `url = "${url}"`,
      `header = "Accept: ${acceptOf(url)}"`,
      'header = "Accept-Encoding: gzip"',
      `header = "Authorization: Bearer ${tokens['admin']}"`,
      `cacert = "${certificateFile}"`,
      'output = "/dev/null"',
    ].join('\n'),
  );
  const file = join(folder, `curl-${performance.now()}.conf`);
  writeFileSync(file, transfers.join('\nnext\n'), { mode: 0o600 });
  const argv = ['curl', '-sS', '--parallel', '--parallel-immediate', '--parallel-max', '64', '-K', file];
  return [{ name: 'the same bytes by curl', argv, traced: null, requests: urls.length }];
}

/** Who is compared, on the API server at this address: the tool first, then kubectl, then the others as far as they are there. */
export async function readersOf(
  api: ApiAccess,
  binary: string,
  server: string = api.coordinates.server,
): Promise<Reader[]> {
  const folder = join(api.coordinates.folder, 'bench');
  mkdirSync(folder, { recursive: true });
  // kubectl keeps what it discovered in the home folder.
  const env = { KUBECONFIG: api.kubeconfig('admin', { server }), HOME: folder };
  const reader = (name: string, argv: readonly string[]): Reader => ({
    ...{ name, argv, env, requests: 0 },
    traced: [...argv, TELLING],
  });
  const leader = reader('kubectl-leader ls', [binary, 'ls']);
  const urls = urlsIn(await stderrOf({ ...leader, argv: leader.traced ?? leader.argv }));
  return [
    leader,
    reader('kubectl get leases -A', ['kubectl', 'get', 'leases', '-A']),
    ...byHand(folder, env),
    ...byCurl(urls, folder, api),
  ];
}

/** What the tool says about itself in the last line of `-v=6`. */
export function figuresIn(trace: string): { requests: number; oneAfterAnother: number } {
  const [, requests, chain] = /^(\d+) requests.*?, (\d+) of them one after another/m.exec(trace) ?? [];
  return { requests: Number(requests), oneAfterAnother: Number(chain) };
}

export interface Cost extends Traffic {
  requests: number;
}

/**
 * What a run of each asks of the API server: bytes by a proxy that counts them, requests by what they tell. Of the first
 * `count` readers only, if it is given.
 */
export async function costsOf(api: ApiAccess, binary: string, count = Infinity): Promise<Cost[]> {
  const proxy = await CountingProxy.to(api.coordinates.server);
  try {
    const costs: Cost[] = [];
    for (const reader of (await readersOf(api, binary, proxy.url)).slice(0, count)) {
      const argv = reader.traced ?? reader.argv;
      // The first run of a kubectl learns what the server serves, and keeps it.
      await stderrOf({ ...reader, argv });
      proxy.reset();
      const asked = [...(await stderrOf({ ...reader, argv })).matchAll(/(?:GET |url=")https:/g)];
      costs.push({ ...proxy.traffic, requests: reader.traced === null ? reader.requests : asked.length });
    }
    return costs;
  } finally {
    await proxy.close();
  }
}
