import type { ClusterObject } from '../core/cluster-object.ts';
import { LeaderError } from '../core/errors.ts';
import { EVENTS, NODES, PODS, type Resource, resourceName, SECRETS } from '../core/resources.ts';

type Matches = (object: ClusterObject) => boolean;

/** The text at a path of field names, `''` where nothing is: absent fields select as empty text. */
export function textAt(object: unknown, ...path: string[]): string {
  let at: unknown = object;
  for (const field of path) {
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[field] : undefined;
  }
  return typeof at === 'string' || typeof at === 'number' || typeof at === 'boolean' ? String(at) : '';
}

const SET_TERM = /^(\S+)\s+(in|notin)\s+\(([^()]*)\)$/;
const EQUALITY_TERM = /^([^\s!=]+)\s*(==|=|!=)\s*(\S*)$/;
const EXISTS_TERM = /^(!?)\s*([^\s!=]+)$/;

/** Splits at commas that stand outside parentheses. */
function terms(selector: string): string[] {
  return selector
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');
}

function labelTerm(term: string): (labels: Record<string, string>) => boolean {
  const set = SET_TERM.exec(term);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return (labels) => {
      const value = labels[key];
      const isIn = value !== undefined && values.includes(value);
      return operator === 'in' ? isIn : !isIn;
    };
  }
  const equality = EQUALITY_TERM.exec(term);
  if (equality) {
    const [, key = '', operator, value] = equality;
    return (labels) => (operator === '!=' ? labels[key] !== value : labels[key] === value);
  }
  const exists = EXISTS_TERM.exec(term);
  if (exists) {
    const [, not, key = ''] = exists;
    return (labels) => (not === '!' ? !(key in labels) : key in labels);
  }
  throw new LeaderError('invalid', `unable to parse requirement: ${term}`);
}

/** Which fields a resource can be selected by, as the API server has them. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  [PODS.plural]: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.serviceAccountName',
    'status.phase',
    'status.podIP',
  ],
  [NODES.plural]: ['spec.unschedulable'],
  [SECRETS.plural]: ['type'],
  [EVENTS.plural]: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'reason',
    'type',
  ],
};

function fieldTerm(resource: Resource, term: string): Matches {
  const equality = EQUALITY_TERM.exec(term);
  if (!equality) throw new LeaderError('invalid', `invalid selector: '${term}'; can't understand '${term}'`);
  const [, field = '', operator, value = ''] = equality;
  const known =
    field === 'metadata.name' ||
    (field === 'metadata.namespace' && resource.namespaced) ||
    FIELDS[resource.plural]?.includes(field);
  if (!known) {
    throw new LeaderError('invalid', `${resourceName(resource)}: field label not supported: ${field}`);
  }
  const path = field.split('.');
  return (object) => (operator === '!=') !== (textAt(object, ...path) === value);
}

/** Both selectors as one predicate. Throws what the API server answers (`invalid`) when it would not take them. */
export function selects(
  resource: Resource,
  scope: { namespace?: string; labelSelector?: string; fieldSelector?: string },
): Matches {
  const labels = terms(scope.labelSelector ?? '').map(labelTerm);
  const fields = terms(scope.fieldSelector ?? '').map((term) => fieldTerm(resource, term));
  return (object) =>
    (scope.namespace === undefined || object.metadata.namespace === scope.namespace) &&
    labels.every((matches) => matches(object.metadata.labels ?? {})) &&
    fields.every((matches) => matches(object));
}
