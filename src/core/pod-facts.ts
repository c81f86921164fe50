import type { ClusterObject } from './cluster-object.ts';
import { arrayAt, booleanAt, type Json, numberAt, objectAt, stringAt } from './fields.ts';
import type { PodFacts } from './holder.ts';
import { type Instant, parseRfc3339 } from './time.ts';

/** One row as the server prints it for `kubectl get pods`; cells by column name. */
export type Cells = Readonly<Record<string, string | number | boolean | null>>;

/** A cell as text; null where kubectl shows `<none>`, `<unknown>` or nothing. */
export function cellText(cells: Cells, column: string): string | null {
  const cell = cells[column];
  if (cell === undefined || cell === null || cell === '' || cell === '<none>' || cell === '<unknown>')
    return null;
  return String(cell);
}

/** A Pod from its printed row, which does not say the namespace; null if the row names no Pod. */
export function podFromRow(cells: Cells, namespace: string): PodFacts | null {
  const name = cellText(cells, 'Name');
  if (name === null) return null;
  const [ready, total] = (cellText(cells, 'Ready') ?? '').split('/');
  const restarts = Number.parseInt(cellText(cells, 'Restarts') ?? '', 10);
  const ip = cellText(cells, 'IP');
  return {
    namespace,
    name,
    status: cellText(cells, 'Status') ?? 'Unknown',
    ready: total === undefined ? null : ready === total && total !== '0',
    restarts: Number.isNaN(restarts) ? null : restarts,
    podIPs: ip === null ? [] : [ip],
    node: cellText(cells, 'Node'),
    detailed: false,
    hostname: null,
    subdomain: null,
    hostNetwork: null,
    createdAt: null,
    deletedAt: null,
    containersStartedAt: [],
    owner: null,
  };
}

const AGE_UNITS_MS: Readonly<Record<string, number>> = {
  y: 365 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
};

/** The most that a row's truncated Age (`26d`, `5m3s`) can mean, milliseconds; null if the row does not say. */
export function greatestAgeMs(cells: Cells): number | null {
  const parts = [...(cellText(cells, 'Age') ?? '').matchAll(/(\d+)([ydhms])/g)];
  const smallest = AGE_UNITS_MS[parts.at(-1)?.[2] ?? ''];
  if (smallest === undefined) return null;
  return parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (AGE_UNITS_MS[unit ?? ''] ?? 0),
    smallest,
  );
}

/** A Pod from the object itself; null if it is none. */
export function podFromObject(object: ClusterObject): PodFacts | null {
  const { name, namespace, uid, deletionTimestamp, creationTimestamp, ownerReferences } = object.metadata;
  if (name === undefined || namespace === undefined) return null;
  const spec = objectAt(object, 'spec');
  const status = objectAt(object, 'status');
  const { word, readyContainers, restarts } = readContainers(spec, status, deletionTimestamp !== undefined);
  const total = arrayAt(spec, 'containers').length + sidecarsOf(spec).size;
  const ips = [stringAt(status, 'podIP'), ...arrayAt(status, 'podIPs').map((entry) => stringAt(entry, 'ip'))];
  const owner = ownerReferences?.find(({ controller }) => controller === true);
  return {
    namespace,
    name,
    status: word,
    // A Node that stops reporting leaves the containers' states as they were and only takes the condition away.
    ready: total > 0 && readyContainers === total && conditionOf(status, 'Ready') !== 'False',
    restarts,
    podIPs: [...new Set(ips.filter((ip) => ip !== null && ip !== ''))] as string[],
    node: stringAt(spec, 'nodeName') || null,
    detailed: true,
    ...(uid !== undefined && { uid }),
    hostname: stringAt(spec, 'hostname') || null,
    subdomain: stringAt(spec, 'subdomain') || null,
    hostNetwork: booleanAt(spec, 'hostNetwork') ?? false,
    createdAt: parseRfc3339(creationTimestamp),
    deletedAt: parseRfc3339(deletionTimestamp),
    containersStartedAt: arrayAt(status, 'containerStatuses').flatMap(startedAt),
    owner:
      owner?.kind === undefined || owner.name === undefined ? null : { kind: owner.kind, name: owner.name },
  };
}

function startedAt(container: Json): Instant[] {
  const at = parseRfc3339(stringAt(objectAt(objectAt(container, 'state'), 'running'), 'startedAt'));
  return at === null ? [] : [at];
}

function conditionOf(status: Json, type: string): string | null {
  return stringAt(
    arrayAt(status, 'conditions').find((condition) => stringAt(condition, 'type') === type),
    'status',
  );
}

/** Init containers that are restarted always run beside the others: kubectl counts them as containers. */
function sidecarsOf(spec: Json): Set<string> {
  const sidecars = arrayAt(spec, 'initContainers').filter(
    (one) => stringAt(one, 'restartPolicy') === 'Always',
  );
  return new Set(sidecars.map((one) => stringAt(one, 'name') ?? ''));
}

function exitWord(terminated: Json): string {
  const reason = stringAt(terminated, 'reason');
  if (reason !== null && reason !== '') return reason;
  const signal = numberAt(terminated, 'signal') ?? 0;
  return signal !== 0 ? `Signal:${signal}` : `ExitCode:${numberAt(terminated, 'exitCode') ?? 0}`;
}

/** Why an init container holds the Pod up, as kubectl writes it; null when it does not. */
function initWord(container: Json, index: number, total: number, isSidecar: boolean): string | null {
  const state = objectAt(container, 'state');
  const terminated = objectAt(state, 'terminated');
  if (terminated !== null)
    return numberAt(terminated, 'exitCode') === 0 ? null : `Init:${exitWord(terminated)}`;
  if (isSidecar && booleanAt(container, 'started') === true) return null;
  const waiting = stringAt(objectAt(state, 'waiting'), 'reason') ?? '';
  return waiting !== '' && waiting !== 'PodInitializing' ? `Init:${waiting}` : `Init:${index}/${total}`;
}

interface ContainerSummary {
  word: string;
  readyContainers: number;
  restarts: number;
}

/** kubectl's STATUS, READY and RESTARTS, worked out as the API server's printer does. */
function readContainers(spec: Json, status: Json, deleting: boolean): ContainerSummary {
  const sidecars = sidecarsOf(spec);
  const isSidecar = (container: Json) => sidecars.has(stringAt(container, 'name') ?? '');
  const inits = arrayAt(status, 'initContainerStatuses');
  const containers = arrayAt(status, 'containerStatuses');
  const isUp = (one: Json) =>
    booleanAt(one, 'ready') === true && objectAt(objectAt(one, 'state'), 'running') !== null;
  const restartsOf = (all: Json[]) =>
    all.reduce<number>((sum, one) => sum + (numberAt(one, 'restartCount') ?? 0), 0);

  const phase = stringAt(status, 'phase') || 'Unknown';
  let word = stringAt(status, 'reason') || phase;
  const gate = arrayAt(status, 'conditions').find((one) => stringAt(one, 'type') === 'PodScheduled');
  if (stringAt(gate, 'reason') === 'SchedulingGated') word = 'SchedulingGated';

  const total = arrayAt(spec, 'initContainers').length;
  const initializing = inits
    .map((one, index) => initWord(one, index, total, isSidecar(one)))
    .find((found) => found !== null);
  const initialized = conditionOf(status, 'Initialized') === 'True';
  const upSidecars = inits.filter((one) => isSidecar(one) && isUp(one)).length;
  let readyContainers = upSidecars;
  let restarts = restartsOf(inits);
  if (initializing !== undefined) word = initializing;
  if (initializing === undefined || initialized) {
    readyContainers += containers.filter(isUp).length;
    restarts = restartsOf(inits.filter(isSidecar)) + restartsOf(containers);
    const states = containers.map((one) => objectAt(one, 'state'));
    // The first container that waits or has ended names the Pod's state.
    const halted = states.map(haltedWord).find((found) => found !== null);
    if (halted !== undefined) word = halted;
    if (word === 'Completed' && containers.some(isUp)) {
      word = conditionOf(status, 'Ready') === 'True' ? 'Running' : 'NotReady';
    }
  }
  if (deleting) {
    const lost = stringAt(status, 'reason') === 'NodeLost';
    if (lost) word = 'Unknown';
    else if (phase !== 'Succeeded' && phase !== 'Failed') word = 'Terminating';
  }
  return { word, readyContainers, restarts };
}

function haltedWord(state: Json): string | null {
  const waiting = stringAt(objectAt(state, 'waiting'), 'reason');
  if (waiting !== null && waiting !== '') return waiting;
  const terminated = objectAt(state, 'terminated');
  return terminated === null ? null : exitWord(terminated);
}
