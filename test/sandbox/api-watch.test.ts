import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LeaderError } from '../../src/core/errors.ts';
import { LEASES } from '../../src/core/resources.ts';
import { lease, pod } from '../support/objects.ts';
import { type ServedSandbox, servedSandbox, type WatchLine } from './served.ts';

const PATH = '/apis/coordination.k8s.io/v1/namespaces/default/leases?watch=true';
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };

async function take(watch: AsyncGenerator<WatchLine, void, undefined>, count: number): Promise<WatchLine[]> {
  const lines: WatchLine[] = [];
  while (lines.length < count) {
    const next = await watch.next();
    if (next.done === true) break;
    lines.push(next.value);
  }
  return lines;
}

function told(lines: readonly WatchLine[]): string[] {
  return lines.map(({ type, object }) =>
    `${type} ${object.metadata?.['name'] ?? object['reason'] ?? ''}`.trim(),
  );
}

describe('watching the API server of the sandbox', () => {
  let sandbox: ServedSandbox;
  beforeEach(async () => {
    sandbox = await servedSandbox();
    sandbox.api.store.create(lease({ name: 'a', holder: 'x' }));
  });
  afterEach(async () => sandbox.stop());

  it('begins with what is there when no version is named, and goes on', async () => {
    const watch = sandbox.watch(PATH);
    expect(told(await take(watch, 1))).toEqual(['ADDED a']);
    sandbox.api.store.create(lease({ name: 'b' }));
    sandbox.api.store.remove(LEASES, 'default', 'a');
    expect(told(await take(watch, 2))).toEqual(['ADDED b', 'DELETED a']);
    await watch.return();
  });

  it('tells of what does not match any more as it last did, under the version of the change', async () => {
    const { store } = sandbox.api;
    const pending = store.create(pod({ name: 'p', phase: 'Pending' }));
    const watch = sandbox.watch(
      '/api/v1/namespaces/default/pods?watch=true&fieldSelector=status.phase%3DPending',
    );
    await take(watch, 1);
    const { metadata } = store.update({ ...pending, status: { phase: 'Running' } });
    const { resourceVersion } = metadata;
    expect(await take(watch, 1)).toMatchObject([
      { type: 'DELETED', object: { metadata: { name: 'p', resourceVersion }, status: { phase: 'Pending' } } },
    ]);
    await watch.return();
  });

  it('tells that a version is forgotten inside the watch, and one that is not there yet', async () => {
    const before = sandbox.api.store.revision;
    sandbox.api.store.create(lease({ name: 'b' }));
    sandbox.api.store.compact();
    const lines = await take(sandbox.watch(`${PATH}&resourceVersion=${before - 1}`), 2);
    expect(lines).toMatchObject([
      { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } },
    ]);
    const ahead = await take(sandbox.watch(`${PATH}&resourceVersion=${before + 100}`), 1);
    expect(ahead).toMatchObject([{ type: 'ERROR', object: { code: 504 } }]);
  });

  it('gives the initial state and says where it ends, to clients that ask for it', async () => {
    const query = '&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';
    const [first, end] = await take(sandbox.watch(PATH + query), 2);
    expect(first?.type).toBe('ADDED');
    expect(end).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'Lease', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
  });

  it('describes the columns once', async () => {
    const watch = sandbox.watch(PATH, TABLE);
    const [first] = await take(watch, 1);
    sandbox.api.store.create(lease({ name: 'b' }));
    const [second] = await take(watch, 1);
    await watch.return();
    expect(first?.object['columnDefinitions']).toHaveLength(3);
    expect(second?.object).toMatchObject({
      kind: 'Table',
      columnDefinitions: null,
      rows: [{ cells: ['b', 'manager-0', '0s'] }],
    });
  });

  it('ends when its time is over, and when the server drops it', async () => {
    const { revision } = sandbox.api.store;
    expect(await take(sandbox.watch(`${PATH}&resourceVersion=${revision}&timeoutSeconds=1`), 1)).toEqual([]);
    const dropped = sandbox.watch(PATH);
    await take(dropped, 1);
    sandbox.api.dropWatches();
    expect(await take(dropped, 1)).toEqual([]);
  });

  it('is refused like any other request', async () => {
    const mend = sandbox.api.faults.fail(new LeaderError('throttled', 'busy'), { verb: 'watch' });
    expect((await sandbox.ask('GET', PATH)).status).toBe(429);
    mend();
    expect((await sandbox.ask('GET', PATH, { user: 'alice' })).status).toBe(403);
    expect((await sandbox.ask('GET', `${PATH}&fieldSelector=spec.holderIdentity%3Dx`)).status).toBe(400);
    const protobuf = { accept: 'application/vnd.kubernetes.protobuf' };
    expect((await sandbox.ask('GET', PATH, { headers: protobuf })).status).toBe(406);
  });
});
