import { CATALOG, type Served } from './catalog.ts';
import { openApi } from './openapi.ts';

/** The release that the sandbox is like. */
export const KUBERNETES_VERSION = 'v1.36.1';

const VERSION = { major: '1', minor: '36', gitVersion: `${KUBERNETES_VERSION}+leader-demo` };

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function groupOf(name: string): object {
  const versions = unique(
    CATALOG.filter(({ resource }) => resource.group === name).map(({ resource }) => resource.version),
  ).map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions, preferredVersion: versions[0] };
}

const GROUPS = unique(CATALOG.map(({ resource }) => resource.group)).filter((group) => group !== '');

function subresource({ resource }: Served, name: string, type: object): object {
  return {
    name: `${resource.plural}/${name}`,
    singularName: '',
    namespaced: resource.namespaced,
    ...type,
    verbs: ['get', 'patch', 'update'],
  };
}

function entriesOf(served: Served): object[] {
  const { resource, shortNames, categories, verbs, hasStatus, hasScale } = served;
  return [
    {
      name: resource.plural,
      singularName: resource.kind.toLowerCase(),
      namespaced: resource.namespaced,
      kind: resource.kind,
      verbs,
      ...(shortNames.length > 0 && { shortNames }),
      ...(categories.length > 0 && { categories }),
    },
    ...(hasStatus ? [subresource(served, 'status', { kind: resource.kind })] : []),
    ...(hasScale
      ? [subresource(served, 'scale', { group: 'autoscaling', version: 'v1', kind: 'Scale' })]
      : []),
  ];
}

function resourcesOf(group: string, version: string): object | null {
  const served = CATALOG.filter(({ resource }) => resource.group === group && resource.version === version);
  if (served.length === 0) return null;
  const groupVersion = group === '' ? version : `${group}/${version}`;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: served.flatMap(entriesOf) };
}

/** What the API server says of itself at a path: versions, groups, resources, health. Null for any other path. */
export function aboutItself(path: string): object | string | null {
  if (path.startsWith('/openapi/')) return openApi(path);
  const [root, ...rest] = path.split('/').filter((segment) => segment !== '');
  if (rest.length === 0) {
    switch (root) {
      case 'version':
        return { ...VERSION, platform: 'demo', goVersion: '', gitCommit: '', gitTreeState: 'clean' };
      case 'healthz':
      case 'livez':
      case 'readyz':
        return 'ok';
      case 'api':
        return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
      case 'apis':
        return { kind: 'APIGroupList', apiVersion: 'v1', groups: GROUPS.map(groupOf) };
      default:
        return null;
    }
  }
  const [first = '', second] = rest;
  if (root === 'api' && second === undefined) return resourcesOf('', first);
  if (root !== 'apis' || rest.length > 2 || !GROUPS.includes(first)) return null;
  return second === undefined
    ? { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(first) }
    : resourcesOf(first, second);
}
