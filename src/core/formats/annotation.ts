import type { ClusterObject } from '../cluster-object.ts';
import type { Decoded, LockContent, LockHalf, LockKind } from '../lock.ts';
import { CONFIGMAPS, ENDPOINTS } from '../resources.ts';
import type { Instant } from '../time.ts';
import { parseElectionRecord } from './election-record.ts';
import type { Claim, LockFormat, MergePatch } from './format.ts';
import { halfOf, metadataOf } from './half.ts';
import { isJsonObject } from './json.ts';
import { takenRecord } from './take-annotation.ts';
import { vacatedRecord } from './vacate-annotation.ts';

const FORMAT_ID = 'annotation';

/** Where client-go, and everybody who copied it, keeps the record of an Endpoints or ConfigMap lock. */
export const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';

function decodeAnnotated(object: ClusterObject, kind: LockKind): Decoded {
  const annotations = metadataOf(object)['annotations'];
  const text = isJsonObject(annotations) ? annotations[LEADER_ANNOTATION] : undefined;
  if (typeof text !== 'string') return { is: 'other' };
  const content: LockContent = parseElectionRecord(text);
  const half = halfOf(object, kind, {
    format: FORMAT_ID,
    content,
    heartbeat: text,
    recordPath: ['f:metadata', 'f:annotations', `f:${LEADER_ANNOTATION}`],
  });
  return half === null ? { is: 'other' } : { is: 'lock', half };
}

/** A record that nobody can decode is removed: every client takes a missing annotation for a free lock. */
function vacateAnnotation({ content, heartbeat }: LockHalf, now: Instant): MergePatch {
  const text = content.state === 'invalid' ? null : vacatedRecord(heartbeat ?? '', now);
  return { metadata: { annotations: { [LEADER_ANNOTATION]: text } } };
}

function takeAnnotation(half: LockHalf, now: Instant, claim: Claim): MergePatch | null {
  const text = takenRecord(half, now, claim);
  return text === null ? null : { metadata: { annotations: { [LEADER_ANNOTATION]: text } } };
}

/** The leader annotation: client-go before 0.24, and to this day fabric8 (Flink), Istio and the Python client. */
export const ANNOTATION_FORMAT: LockFormat = {
  id: FORMAT_ID,
  title: 'the leader annotation',
  resources: [
    { resource: ENDPOINTS, kind: 'endpoints' },
    { resource: CONFIGMAPS, kind: 'configmap' },
  ],
  projection: 'metadata',
  annotation: LEADER_ANNOTATION,
  renews: true,
  decode: decodeAnnotated,
  vacate: vacateAnnotation,
  take: takeAnnotation,
};
