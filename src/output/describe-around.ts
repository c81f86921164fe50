/** What surrounds a lock: its past, its candidates, what is in the way, where a ghost may be. */
import type {
  CaseFile,
  ContenderFacts,
  Denied,
  Finding,
  GhostPlace,
  GhostTrail,
  HistoryEntry,
} from '../core/describe/case-file.ts';
import { recordOf } from '../core/lock.ts';
import { refText } from './describe-lock.ts';
import { fields, grid, item, type Page, section, timeText, verbatim, within } from './describe-parts.ts';
import { paint } from './theme.ts';

/** The latest entries of a timeline that are shown. */
const SHOWN_ENTRIES = 12;

function entryText({ at, text, count }: HistoryEntry, page: Page): string {
  const times = count > 1 ? ` (${count} times)` : '';
  return item('- ', `${timeText(at, page)}: ${text}${times}`, page);
}

export function historyText({ history, report }: CaseFile, page: Page): string {
  const inner = within(page);
  const transitions = recordOf(report.lock.primary)?.transitions ?? null;
  const counted =
    transitions === null ? '' : fields([['Transitions', `${transitions} in the life of the object`]], inner);
  if (history === null) return section('History', [counted]);
  const shown = history.entries.slice(-SHOWN_ENTRIES);
  const earlier = history.entries.length - shown.length;
  const none = 'no events: they are kept for an hour, and not every elector writes them';
  return section('History', [
    counted,
    earlier > 0 ? item('- ', `${earlier} earlier events`, inner) : '',
    ...shown.map((entry) => entryText(entry, inner)),
    shown.length === 0 ? item('- ', none, inner) : '',
    ...history.signs.map(({ text }) => item('! ', text, inner)),
  ]);
}

function mayText(denied: Denied): string {
  if (denied === null) return '<unknown>';
  return denied.length === 0 ? 'yes' : 'NO';
}

function podGrid({ pods }: ContenderFacts): string {
  if (pods.length === 0) return '';
  const rows = pods.map(({ pod, isHolder, denied }) => [
    pod.name,
    pod.status,
    pod.ready === null ? '<unknown>' : pod.ready ? 'yes' : 'no',
    pod.node ?? '<none>',
    pod.serviceAccount ?? 'default',
    mayText(denied),
    isHolder ? 'holds it' : '',
  ]);
  return grid([['POD', 'STATUS', 'READY', 'NODE', 'ACCOUNT', 'MAY LEAD', ''], ...rows]);
}

function workloadText({ workload, wanted, pods, more }: ContenderFacts): string {
  const who = workload === null ? null : refText(workload);
  const wants = wanted === null ? '' : `, ${wanted} ${wanted === 1 ? 'pod' : 'pods'} wanted`;
  const exist = `${pods.length + more} ${pods.length + more === 1 ? 'pod' : 'pods'} found`;
  return who === null ? exist : `${who}${wants}, ${exist}`;
}

export function candidatesText({ contenders, report }: CaseFile, page: Page): string {
  if (contenders === null) return '';
  const inner = within(page);
  const { leaseCandidates, serviceAccounts, missingRole, more } = contenders;
  const idle = serviceAccounts.filter(
    ({ namespace, name }) =>
      !contenders.pods.some(
        ({ pod }) => pod.namespace === namespace && (pod.serviceAccount ?? 'default') === name,
      ),
  );
  const registered = (leaseCandidates ?? []).map(({ name, renewTime, binaryVersion, preferred }) => [
    name,
    binaryVersion ?? '<unknown>',
    timeText(renewTime, inner),
    preferred ? 'preferred' : '',
  ]);
  return section('Candidates', [
    fields(
      [
        [
          'Workload',
          contenders.workload === null && contenders.pods.length === 0 ? null : workloadText(contenders),
        ],
        ['Ready', report.candidates === null ? null : `${report.candidates} besides the holder`],
        ...idle.map(({ name, denied }) => ['Account', `${name}, may lead: ${mayText(denied)}`] as const),
      ],
      inner,
    ),
    podGrid(contenders),
    more > 0 ? item('', `and ${more} more pods`, inner) : '',
    registered.length === 0 ? '' : grid([['LEASECANDIDATE', 'VERSION', 'RENEWED', ''], ...registered]),
    missingRole === null
      ? ''
      : `${item('', 'Missing rights, to be piped into kubectl apply -f -:', inner)}${verbatim(missingRole, '  ')}`,
  ]);
}

function findingText({ serious, text }: Finding, page: Page): string {
  const mark = serious ? '! ' : '- ';
  const lines = item(mark, text, page);
  return serious && page.color ? lines.replace(mark, `${paint('bad', '!')} `) : lines;
}

export function obstaclesText({ findings, probe }: CaseFile, page: Page): string {
  const inner = within(page);
  return section('In the way', [
    ...findings.map((finding) => findingText(finding, inner)),
    ...probe.map(({ object, outcome, text }) =>
      item(
        outcome === 'accepted' ? '- ' : '! ',
        `an unchanged write of ${object.kind}/${object.name} as a dry run: ${text}`,
        inner,
      ),
    ),
  ]);
}

function placeText({ node, exists, lastHeartbeat, evidence, likely }: GhostPlace, page: Page): string {
  const node_ = exists === null ? '' : exists ? ', which is still a Node' : ', which is no Node any more';
  const heard = lastHeartbeat === null ? '' : `; its kubelet was heard last ${timeText(lastHeartbeat, page)}`;
  const why = evidence.map(({ text, from }) => `${text} (${from})`).join('; ');
  return item('- ', `${likely ? '' : 'perhaps '}${node}${node_}: ${why}${heard}`, page);
}

function tokenTexts({ tokens, serviceAccount }: GhostTrail): string[] {
  if (tokens === null)
    return ['Secrets could not be read, so whether it has a token of its own is not known'];
  const account =
    serviceAccount === null
      ? 'a service account here'
      : `service account ${serviceAccount.namespace}/${serviceAccount.name}`;
  if (tokens.length === 0) {
    return [`no Secret holds a token of ${account}: it has a client certificate or a kubeconfig of its own`];
  }
  return tokens.map(
    ({ namespace, secret, serviceAccount: name }) =>
      `Secret ${namespace}/${secret} holds a token of service account ${name} that never expires`,
  );
}

export function ghostText({ ghost }: CaseFile, page: Page): string {
  if (ghost === null) return '';
  const inner = within(page);
  const nowhere = 'nothing remembers it: no event, no volume, no heartbeat of a lost machine';
  return section('Ghost', [
    item('', 'Where it may run:', inner),
    ...ghost.places.map((place) => placeText(place, inner)),
    ghost.places.length === 0 ? item('- ', nowhere, inner) : '',
    item('', 'How it may still authenticate (a token bound to its Pod died with the Pod):', inner),
    ...tokenTexts(ghost).map((text) => item('- ', text, inner)),
    item(
      '',
      'Deleting the lock does not help: the ghost tries again every few seconds, finds no lock and creates it, mostly before any candidate does.',
      inner,
    ),
  ]);
}
