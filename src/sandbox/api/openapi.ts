import { CATALOG } from './catalog.ts';

/** By which query parameter a client asks the server to check the fields of what it sends. */
const FIELD_VALIDATION = { name: 'fieldValidation', in: 'query', schema: { type: 'string' } };

function groupPath(group: string, version: string): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

/**
 * As much of OpenAPI as kubectl needs to leave the checking of objects to the server: which kinds there are and that
 * the server takes the parameter. Null for any other path.
 */
export function openApi(path: string): object | null {
  const root = '/openapi/v3';
  const groups = Map.groupBy(CATALOG, ({ resource }) => groupPath(resource.group, resource.version));
  if (path === root) {
    const paths = [...groups.keys()].map((group) => [group, { serverRelativeURL: `${root}/${group}` }]);
    return { paths: Object.fromEntries(paths) };
  }
  const served = groups.get(path.slice(root.length + 1));
  if (!path.startsWith(`${root}/`) || served === undefined) return null;
  const paths = served.map(({ resource: { group, version, kind, namespaced, plural } }) => {
    const place = `/${groupPath(group, version)}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}/{name}`;
    const operation = {
      parameters: [FIELD_VALIDATION],
      'x-kubernetes-group-version-kind': { group, version, kind },
      responses: { 200: { description: 'OK' } },
    };
    return [place, { patch: operation }];
  });
  return {
    openapi: '3.0.0',
    info: { title: 'the demo of kubectl leader', version: 'v1' },
    paths: Object.fromEntries(paths),
  };
}
