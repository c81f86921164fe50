import { LeaderError } from '../../core/errors.ts';
import { eachField, varint } from '../../core/protobuf-fields.ts';

const TYPE = 'application/vnd.kubernetes.protobuf';

/** Every message of Kubernetes begins so. */
const MAGIC = Buffer.from('k8s\0');

/** What a field holds. A `number` that is zero and a `text` that is empty are not said; an `optional` number is. */
type Kind =
  | 'text'
  | 'number'
  | 'optional'
  | 'flag'
  | 'bytes'
  | { map: 'text' | 'bytes' }
  | { list: 'text' | Message }
  | Message;

/** The fields of a message by their numbers (`generated.proto` of k8s.io/api and apimachinery). */
interface Message {
  fields: Readonly<Record<number, readonly [name: string, kind: Kind]>>;
}

const EMPTY: Message = { fields: {} };

const METADATA: Message = {
  fields: {
    1: ['name', 'text'],
    2: ['generateName', 'text'],
    3: ['namespace', 'text'],
    5: ['uid', 'text'],
    6: ['resourceVersion', 'text'],
    11: ['labels', { map: 'text' }],
    12: ['annotations', { map: 'text' }],
  },
};

const CONTAINER: Message = {
  fields: {
    1: ['name', 'text'],
    2: ['image', 'text'],
    3: ['command', { list: 'text' }],
    4: ['args', { list: 'text' }],
    6: [
      'ports',
      {
        list: {
          fields: {
            1: ['name', 'text'],
            2: ['hostPort', 'number'],
            3: ['containerPort', 'number'],
            4: ['protocol', 'text'],
          },
        },
      },
    ],
    8: ['resources', EMPTY],
    14: ['imagePullPolicy', 'text'],
  },
};

const POD_SPEC: Message = {
  fields: {
    2: ['containers', { list: CONTAINER }],
    3: ['restartPolicy', 'text'],
    8: ['serviceAccountName', 'text'],
    10: ['nodeName', 'text'],
    11: ['hostNetwork', 'flag'],
  },
};

const DEPLOYMENT_SPEC: Message = {
  fields: {
    1: ['replicas', 'optional'],
    2: ['selector', { fields: { 1: ['matchLabels', { map: 'text' }] } }],
    3: ['template', { fields: { 1: ['metadata', METADATA], 2: ['spec', POD_SPEC] } }],
    4: ['strategy', EMPTY],
  },
};

const ACCESS_ATTRIBUTES: Message = {
  fields: {
    1: ['namespace', 'text'],
    2: ['verb', 'text'],
    3: ['group', 'text'],
    4: ['version', 'text'],
    5: ['resource', 'text'],
    6: ['subresource', 'text'],
    7: ['name', 'text'],
  },
};

function object(fields: Message['fields']): Message {
  return { fields: { 1: ['metadata', METADATA], ...fields } };
}

/** How an object is to be deleted; it goes by the API version of what is deleted. */
const DELETE_OPTIONS: Message = {
  fields: {
    1: ['gracePeriodSeconds', 'optional'],
    2: ['preconditions', { fields: { 1: ['uid', 'text'], 2: ['resourceVersion', 'text'] } }],
    4: ['propagationPolicy', 'text'],
    5: ['dryRun', { list: 'text' }],
  },
};

/** The kinds that kubectl's own commands send in this form. */
const KINDS: ReadonlyMap<string, Message> = new Map([
  ['v1 Namespace', object({ 2: ['spec', EMPTY], 3: ['status', EMPTY] })],
  ['v1 ServiceAccount', object({})],
  [
    'v1 ConfigMap',
    object({ 2: ['data', { map: 'text' }], 3: ['binaryData', { map: 'bytes' }], 4: ['immutable', 'flag'] }),
  ],
  ['v1 Secret', object({ 2: ['data', { map: 'bytes' }], 3: ['type', 'text'], 5: ['immutable', 'flag'] })],
  ['apps/v1 Deployment', object({ 2: ['spec', DEPLOYMENT_SPEC], 3: ['status', EMPTY] })],
  [
    'authorization.k8s.io/v1 SelfSubjectAccessReview',
    object({
      2: ['spec', { fields: { 1: ['resourceAttributes', ACCESS_ATTRIBUTES] } }],
      3: ['status', EMPTY],
    }),
  ],
]);

type Made = Record<string, unknown>;

class Reader {
  readonly #bytes: Buffer;
  readonly #what: string;

  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  message({ fields }: Message, from: number, to: number): Made {
    const made: Made = {};
    eachField(this.#bytes, from, to, (number, start, end) => {
      const field = fields[number];
      if (field !== undefined) this.#take(made, field[0], field[1], start, end);
      // What is unset is written too, as zeros. What says something is not dropped in silence.
      else if (this.#bytes.subarray(start, end).some((byte) => byte !== 0)) {
        throw refused(`this ${this.#what} has a field that is only understood as JSON`);
      }
    });
    return made;
  }

  #take(made: Made, name: string, kind: Kind, from: number, to: number): void {
    if (kind === 'number' || kind === 'optional' || kind === 'flag') {
      const number = varint(this.#bytes, from, to);
      if (number !== 0 || kind === 'optional') made[name] = kind === 'flag' ? true : number;
    } else if (typeof kind === 'string') {
      if (to > from) made[name] = this.#plain(kind, from, to);
    } else if ('map' in kind) {
      const pair = this.message({ fields: { 1: ['key', 'text'], 2: ['value', kind.map] } }, from, to);
      made[name] = { ...(made[name] as Made), [String(pair['key'] ?? '')]: pair['value'] ?? '' };
    } else if ('list' in kind) {
      const item = kind.list === 'text' ? this.#plain('text', from, to) : this.message(kind.list, from, to);
      made[name] = [...((made[name] as unknown[] | undefined) ?? []), item];
    } else made[name] = this.message(kind, from, to);
  }

  #plain(kind: 'text' | 'bytes', from: number, to: number): string {
    return this.#bytes.toString(kind === 'text' ? 'utf8' : 'base64', from, to);
  }
}

function refused(why: string): LeaderError {
  return new LeaderError('refused', why);
}

export function isProtobuf(contentType: string): boolean {
  return contentType.startsWith(TYPE);
}

/** A body in Kubernetes' protobuf form, as JSON would have it. Throws `refused` for what is not read from it, `usage` for a torn one. */
export function protobufBody(bytes: Buffer): unknown {
  try {
    if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new RangeError('it does not begin as one');
    const envelope = { raw: bytes.subarray(0, 0), apiVersion: '', kind: '' };
    eachField(bytes, MAGIC.length, bytes.length, (field, from, to) => {
      if (field === 2) envelope.raw = bytes.subarray(from, to);
      if (field !== 1) return;
      eachField(bytes, from, to, (part, start, end) => {
        if (part === 1) envelope.apiVersion = bytes.toString('utf8', start, end);
        if (part === 2) envelope.kind = bytes.toString('utf8', start, end);
      });
    });
    const { apiVersion, kind, raw } = envelope;
    const message = kind === 'DeleteOptions' ? DELETE_OPTIONS : KINDS.get(`${apiVersion} ${kind}`);
    if (message === undefined)
      throw refused(`the body is ${TYPE}, and a ${kind || 'body'} is only accepted as JSON`);
    return { apiVersion, kind, ...new Reader(raw, kind).message(message, 0, raw.length) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new LeaderError('usage', `the body of the request is no ${TYPE}: ${error.message}`);
  }
}
