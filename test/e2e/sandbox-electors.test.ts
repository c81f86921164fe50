import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { type ErrorCode, LeaderError } from '../../src/core/errors.ts';
import { EVENTS, LEASES, type Resource } from '../../src/core/resources.ts';
import { resourcePath } from '../../src/kube/resource-path.ts';
import { Elector, type ElectorOptions } from '../../src/sandbox/elector.ts';
import { resourceOf } from '../../src/sandbox/kinds.ts';
import type { ObjectClient } from '../../src/sandbox/object-client.ts';
import type { LockType } from '../../src/sandbox/resource-lock.ts';
import type { ApiAccess } from './support/api-access.ts';
import { eventually } from './support/child-process.ts';
import { canElect, type RunningElector } from './support/elector.ts';
import { sharedControlPlane } from './support/shared.ts';
import { type Stage, stagesOn } from './support/stage.ts';

const shared = sharedControlPlane();
const ready = canElect(shared);

const TYPES: LockType[] = ['leases', 'endpoints', 'configmaps', 'endpointsleases', 'configmapsleases'];

/** The times of the real electors of these tests. */
const QUICK = { leaseDurationMs: 4_000, renewDeadlineMs: 3_000, retryPeriodMs: 500 };

/** Ours as a client of a real API server. */
function clientOf(api: ApiAccess): ObjectClient {
  const codes: Readonly<Record<number, ErrorCode>> = { 404: 'not-found', 409: 'conflict' };
  async function ask(...args: Parameters<ApiAccess['call']>): Promise<ClusterObject> {
    const { status, body } = await api.call(...args);
    if (status >= 300) throw new LeaderError(codes[status] ?? 'server', JSON.stringify(body));
    return body;
  }
  const path = (resource: Resource, { metadata }: ClusterObject, named: boolean): string =>
    resourcePath(resource, metadata.namespace ?? null, named ? (metadata.name ?? '') : null);
  return {
    get: (resource, namespace, name) => ask('GET', resourcePath(resource, namespace, name)),
    create: (object) => ask('POST', path(resourceOf(object), object, false), object),
    update: (object) => ask('PUT', path(resourceOf(object), object, true), object),
  };
}

function says({ lines }: RunningElector, what: string): boolean {
  return lines.some((line) => line.startsWith(what));
}

describe.skipIf(!ready)(
  'the electors of the sandbox, against the real one on the real server',
  { timeout: 120_000 },
  () => {
    const api = shared as ApiAccess;
    const begin = stagesOn(api);
    const ours: Elector[] = [];
    afterAll(() => {
      for (const elector of ours) elector.kill();
    });

    function elect(
      stage: Stage,
      lock: LockType,
      identity: string,
      options: Partial<ElectorOptions> = {},
    ): Elector {
      const place = { lock, namespace: stage.namespace, name: 'contested', identity };
      const elector = new Elector(clientOf(api), systemClock, {
        ...place,
        ...QUICK,
        jitter: Math.random,
        ...options,
      });
      ours.push(elector);
      return elector.start();
    }

    const leads = (elector: Elector): Promise<true> =>
      eventually(`${elector.identity} leads`, () => elector.leading || null, { everyMs: 20 });

    describe.concurrent('one lock', () => {
      it.each(TYPES)('%s goes from one to the other and back, whoever dies', async (type) => {
        const stage = await begin(`contest-${type}`);
        const first = elect(stage, type, 'ours-1');
        await leads(first);
        const real = stage.elect(type, 'contested', 'real');
        await real.until('leader', { identity: 'ours-1' });
        const second = elect(stage, type, 'ours-2');
        // Everybody renews and waits for longer than a term, and nobody else leads.
        await new Promise((resolve) => setTimeout(resolve, 6_000));
        expect([first.leading, says(real, 'leading'), second.leading]).toEqual([true, false, false]);
        second.kill();
        first.kill();
        await real.until('leading');
        const third = elect(stage, type, 'ours-3');
        await eventually(
          'ours sees the real one lead',
          () => third.events.some(({ what, identity }) => what === 'leader' && identity === 'real') || null,
        );
        real.signal('SIGKILL');
        await leads(third);
        const after = await api.must('GET', resourcePath(EVENTS, stage.namespace, null));
        const messages = (after.items ?? []).map((event) => event['message']);
        // What the real one tells is often lost when it is killed.
        expect(messages).toEqual(expect.arrayContaining(['ours-1 became leader', 'ours-3 became leader']));
      });

      it.each(['leases', 'endpoints'] as const)(
        '%s, given up in good order, is taken at once',
        async (type) => {
          const stage = await begin(`release-${type}`);
          const first = elect(stage, type, 'ours-1', { releaseOnCancel: true });
          await leads(first);
          const real = stage.elect(type, 'contested', 'real', { releaseOnCancel: true });
          await real.until('leader', { identity: 'ours-1' });
          const stopped = performance.now();
          await first.stop();
          await real.until('leading');
          expect(performance.now() - stopped).toBeLessThan(QUICK.leaseDurationMs);
        },
      );

      it('a lock that was taken away is given up after the renew deadline, not before', async () => {
        const stage = await begin('deadline');
        const first = elect(stage, 'leases', 'ours-1');
        await leads(first);
        const path = resourcePath(LEASES, stage.namespace, 'contested');
        const renewTime = '2026-01-01T00:00:00.000000Z';
        await eventually('the lock is taken', async () => {
          const spec = { holderIdentity: 'foreign', leaseDurationSeconds: 30, renewTime };
          return (await api.call('PATCH', path, { spec })).status < 300 || null;
        });
        const taken = performance.now();
        await first.done;
        const lasted = performance.now() - taken;
        expect(lasted).toBeGreaterThan(QUICK.renewDeadlineMs - 700);
        expect(lasted).toBeLessThan(QUICK.renewDeadlineMs + 1_500);
      });
    });
  },
);
