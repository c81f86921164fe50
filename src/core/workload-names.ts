/**
 * Which workload gave a Pod its name. Controllers name Pods after themselves, so a name says where a Pod came from
 * long after the Pod is gone. A name that fits no workload that exists says nothing.
 */
import type { ObjectRef } from './cluster-object.ts';
import type { Trace } from './holder.ts';

export type WorkloadKind = 'DaemonSet' | 'ReplicaSet' | 'Deployment' | 'StatefulSet' | 'Job';

export interface Workload {
  kind: WorkloadKind;
  namespace: string;
  name: string;
  /** A ReplicaSet's own controller: its Deployment. Null for every other kind. */
  owner: { kind: string; name: string } | null;
}

/** The letters and digits of generated names: no vowels and nothing easily confused. */
const SUFFIX = '[bcdfghjklmnpqrstvwxz2456789]{5}';

/** `<name>-<5>`, and the name before it. */
const GENERATED = new RegExp(`^(.+)-${SUFFIX}$`);

/** A long base is cut so that the suffix fits into 63 characters; the dash may be cut off with it. */
const LONGEST_BASE = 58;
const GENERATED_FROM_CUT = new RegExp(`^(.{${LONGEST_BASE}})${SUFFIX}$`);

interface Naming {
  kind: WorkloadKind;
  /** The names of workloads of this kind that may have named the Pod so. */
  parents(podName: string): string[];
}

function match(pattern: RegExp, text: string | undefined): string[] {
  const found = text === undefined ? undefined : pattern.exec(text)?.[1];
  return found === undefined ? [] : [found];
}

/** How each kind names its Pods. The first kind that fits is the closest. */
const NAMINGS: readonly Naming[] = [
  { kind: 'ReplicaSet', parents: (pod) => match(GENERATED, pod) },
  { kind: 'DaemonSet', parents: (pod) => match(GENERATED, pod) },
  {
    kind: 'Deployment',
    parents: (pod) => match(/^(.+)-[a-z0-9]{1,10}$/, match(GENERATED, pod)[0]),
  },
  {
    kind: 'Job',
    parents: (pod) => match(GENERATED, pod).flatMap((base) => [base, ...match(/^(.+)-\d+$/, base)]),
  },
  { kind: 'StatefulSet', parents: (pod) => match(/^(.+)-\d+$/, pod) },
];

/** A StatefulSet's `<name>-<n>` is too common a shape to say anything outside its own namespace. */
const TELLING_ANYWHERE: ReadonlySet<WorkloadKind> = new Set<WorkloadKind>([
  'ReplicaSet',
  'DaemonSet',
  'Deployment',
]);

/** Whether the name looks generated for a Pod by a controller, whether or not the controller exists. */
export function looksGenerated(podName: string): boolean {
  return GENERATED.test(podName) || GENERATED_FROM_CUT.test(podName);
}

export class WorkloadNames {
  readonly #byName: Map<string, Workload[]>;
  readonly #long: readonly Workload[];

  constructor(workloads: readonly Workload[]) {
    this.#byName = Map.groupBy(workloads, ({ kind, name }) => `${kind}/${name}`);
    // With a hash of at most ten characters and two dashes, only these can have had their base cut.
    this.#long = workloads.filter(({ name }) => name.length >= LONGEST_BASE - 12);
  }

  /** The workload whose Pods are named so in the namespace. */
  of(podName: string, namespace: string): Workload | null {
    return this.#candidates(podName).find((workload) => workload.namespace === namespace) ?? null;
  }

  /** The workload in any namespace whose Pods are named so; null also when several are. */
  anywhere(podName: string): Workload | null {
    const [first, ...others] = this.#candidates(podName).filter(({ kind }) => TELLING_ANYWHERE.has(kind));
    if (first === undefined || others.some(({ namespace }) => namespace !== first.namespace)) return null;
    return first;
  }

  #candidates(podName: string): Workload[] {
    const whole = NAMINGS.flatMap(({ kind, parents }) =>
      parents(podName).flatMap((name) => this.#byName.get(`${kind}/${name}`) ?? []),
    );
    const [base] = match(GENERATED_FROM_CUT, podName);
    if (base === undefined) return whole;
    const cut = this.#long.filter(({ kind, name }) => kind !== 'StatefulSet' && `${name}-`.startsWith(base));
    const hashed = this.#long.filter(
      ({ kind, name }) =>
        kind === 'Deployment' &&
        base.startsWith(`${name}-`) &&
        /^[a-z0-9]{1,10}-?$/.test(base.slice(name.length + 1)),
    );
    return [...whole, ...cut, ...hashed];
  }
}

/** What people call a workload: a ReplicaSet's Deployment rather than the ReplicaSet. */
export function workloadRef({ kind, namespace, name, owner }: Workload): ObjectRef {
  const named = owner ?? { kind, name };
  return { kind: named.kind.toLowerCase(), namespace, name: named.name };
}

/** The trace that a Pod's name leaves in the workload that named it. */
export function traceOfName(podName: string, workload: Workload): Trace {
  const { kind } = workload.owner ?? workload;
  const ref = workloadRef(workload);
  const from = `${ref.kind} ${workload.namespace}/${ref.name}`;
  return {
    was: `${kind} pod`,
    workload: ref,
    evidence: { text: `${podName} is a name that ${from} gives to its pods`, grade: 'read', from },
  };
}

/** The trace of a static Pod of a lock's component: its Node exists, and kubelets name such Pods after the Node. */
export function traceOfStaticPod(
  podName: string,
  components: readonly string[],
  hasNode: (name: string) => boolean,
): Trace | null {
  const node = components
    .filter((component) => podName.startsWith(`${component}-`))
    .map((component) => podName.slice(component.length + 1))
    .find(hasNode);
  if (node === undefined) return null;
  const text = `${podName} is the name that a static pod on node ${node} would have`;
  return { was: 'static pod', workload: null, evidence: { text, grade: 'read', from: `node ${node}` } };
}
