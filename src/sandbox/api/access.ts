import { LeaderError } from '../../core/errors.ts';
import { resourceName, SELF_SUBJECT_ACCESS_REVIEWS } from '../../core/resources.ts';
import type { Call } from './call.ts';

/** A right as a Role grants it; `*` stands for all. */
export interface Rule {
  verbs: readonly string[];
  groups: readonly string[];
  resources: readonly string[];
  /** Absent for a ClusterRole: everywhere. */
  namespaces?: readonly string[];
}

/** What somebody wants to do, with '' for every namespace. */
export interface Wish {
  verb: string;
  group: string;
  resource: string;
  namespace: string;
}

const EVERYTHING: Rule = { verbs: ['*'], groups: ['*'], resources: ['*'] };

function includes(list: readonly string[], text: string): boolean {
  return list.includes('*') || list.includes(text);
}

function grants(rule: Rule, { verb, group, resource, namespace }: Wish): boolean {
  return (
    includes(rule.verbs, verb) &&
    includes(rule.groups, group) &&
    includes(rule.resources, resource) &&
    (rule.namespaces === undefined || rule.namespaces.includes(namespace))
  );
}

/** Who may do what, as RBAC has it: rights are only ever added. */
export class Access {
  readonly #tokens = new Map<string, string>();
  readonly #rules = new Map<string, readonly Rule[]>();

  /** Lets somebody in. */
  admit(user: string, token: string, rules: readonly Rule[] | 'everything'): void {
    this.#tokens.set(token, user);
    this.grant(user, rules);
  }

  /** From now on somebody may do this and nothing else. */
  grant(user: string, rules: readonly Rule[] | 'everything'): void {
    this.#rules.set(user, rules === 'everything' ? [EVERYTHING] : rules);
  }

  /** Throws `unauthorized` for whoever is not known. */
  userOf(authorization: string | undefined): string {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
    const user = this.#tokens.get(token ?? '');
    if (user === undefined) throw new LeaderError('unauthorized', 'Unauthorized');
    return user;
  }

  /** The cluster's own components may do what they need, unless something else was granted to them. */
  allows(user: string, wish: Wish): boolean {
    const rules = this.#rules.get(user) ?? (user.startsWith('system:') ? [EVERYTHING] : []);
    return rules.some((rule) => grants(rule, wish));
  }

  /** Throws `forbidden` in the API server's words. */
  mustAllow({ user, verb, served: { resource }, namespace, name, subresource }: Call): void {
    // What oneself may do everybody may ask.
    if (resource === SELF_SUBJECT_ACCESS_REVIEWS) return;
    const plural = subresource === null ? resource.plural : `${resource.plural}/${subresource}`;
    if (this.allows(user, { verb, group: resource.group, resource: plural, namespace: namespace ?? '' }))
      return;
    const object = name === null ? '' : ` "${name}"`;
    const who = `User "${user}" cannot ${verb} resource "${plural}" in API group "${resource.group}"`;
    const where = namespace === null ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    throw new LeaderError('forbidden', `${resourceName(resource)}${object} is forbidden: ${who} ${where}`);
  }
}
