import { describe, expect, it } from 'vitest';
import type { Preconditions, WriteOptions } from '../../src/app/ports.ts';
import type { ClusterObject } from '../../src/core/cluster-object.ts';
import { CONFIGMAPS, LEASES, type Resource, SELF_SUBJECT_ACCESS_REVIEWS } from '../../src/core/resources.ts';
import { configMapLock, LEADER_ANNOTATION, lease } from '../support/objects.ts';
import { type ContractGround, FULL } from './ground.ts';

const REAL: WriteOptions = { dryRun: false };
const DRY: WriteOptions = { dryRun: true };

function ofObject({ metadata }: ClusterObject): Preconditions {
  return { uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' };
}

/** Writing: merge patches, deletions, posts; under preconditions, and as a dry run. */
export function writeContract(ground: () => ContractGround): void {
  async function stored(resource: Resource, namespace: string, name = 'a'): Promise<ClusterObject> {
    return (await ground().settle(ground().cluster.get(resource, namespace, name, FULL))).object;
  }

  /** Patches the Lease `a`, by default as it was created. */
  function patched(of: ClusterObject, body: object, with_: Partial<Preconditions> = {}, options = REAL) {
    const { namespace = '', name = '' } = of.metadata;
    const preconditions = { ...ofObject(of), ...with_ };
    return ground().settle(ground().cluster.patch(LEASES, namespace, name, body, preconditions, options));
  }

  function deleted(of: ClusterObject, with_: Partial<Preconditions> = {}, options = REAL) {
    const { namespace = '', name = '' } = of.metadata;
    const preconditions = { ...ofObject(of), ...with_ };
    return ground().settle(ground().cluster.delete(LEASES, namespace, name, preconditions, options));
  }

  async function newLease(): Promise<ClusterObject> {
    const namespace = await ground().namespace();
    const annotations = { kept: 'yes', dropped: 'soon' };
    return ground().admin.create(lease({ namespace, name: 'a', holder: 'x', transitions: 3, annotations }));
  }

  describe('patch', () => {
    it('changes what it names and nothing else, and gives the object as it is now', async () => {
      const before = await newLease();
      const { object, serverTime } = await patched(before, {
        metadata: { annotations: { dropped: null, added: 'now' } },
        spec: { holderIdentity: '', leaseDurationSeconds: 1 },
      });
      expect(object).toMatchObject({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' });
      expect(object.metadata.annotations).toEqual({ kept: 'yes', added: 'now' });
      expect(object.spec).toEqual({
        ...(before.spec as object),
        holderIdentity: '',
        leaseDurationSeconds: 1,
      });
      expect(object.metadata.uid).toBe(before.metadata.uid);
      expect(object.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);
      expect(serverTime).not.toBeNull();
      expect(await stored(LEASES, before.metadata.namespace ?? '')).toEqual(object);
    });

    it('is recorded under the name of this tool', async () => {
      const { object } = await patched(await newLease(), { spec: { holderIdentity: 'y' } });
      expect(object.metadata.managedFields?.map(({ manager }) => manager)).toContain('kubectl-leader');
    });

    it('removes an annotation by null, with the data left alone', async () => {
      const namespace = await ground().namespace();
      const before = await ground().admin.create({
        ...configMapLock({ namespace, name: 'a' }),
        data: { key: 'value' },
      });
      const body = { metadata: { annotations: { [LEADER_ANNOTATION]: null } } };
      const { object } = await ground().settle(
        ground().cluster.patch(CONFIGMAPS, namespace, 'a', body, ofObject(before), REAL),
      );
      expect(object.metadata.annotations).toBeUndefined();
      expect(object['data']).toEqual({ key: 'value' });
    });

    it('keeps the resourceVersion where nothing changes', async () => {
      const before = await newLease();
      const { object } = await patched(before, { spec: { holderIdentity: 'x' } });
      expect(object.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    });

    const misfits: [string, (before: ClusterObject) => Promise<Partial<Preconditions>>, string][] = [
      [
        'another resourceVersion',
        async (before) => {
          const { resourceVersion = '' } = before.metadata;
          await ground().admin.update({ ...before, spec: { holderIdentity: 'renewed' } });
          return { resourceVersion };
        },
        'conflict',
      ],
      ['another uid', async () => ({ uid: '11111111-2222-4333-8444-555555555555' }), 'conflict'],
      ['no uid', async () => ({ uid: '' }), 'invalid'],
      ['no resourceVersion', async () => ({ resourceVersion: '' }), 'invalid'],
      ['resourceVersion 0', async () => ({ resourceVersion: '0' }), 'invalid'],
    ];
    for (const options of [REAL, DRY]) {
      it.each(misfits)(
        `is refused and changes nothing for %s (dry run: ${options.dryRun})`,
        async (...misfit) => {
          const [, prepare, code] = misfit;
          const before = await newLease();
          const with_ = await prepare(before);
          const namespace = before.metadata.namespace ?? '';
          const meanwhile = await stored(LEASES, namespace);
          await expect(
            patched(before, { spec: { holderIdentity: 'y' } }, with_, options),
          ).rejects.toMatchObject({
            code,
            message: expect.stringContaining('"a"'),
          });
          await expect(deleted(before, with_, options)).rejects.toMatchObject({ code });
          expect(await stored(LEASES, namespace)).toEqual(meanwhile);
        },
      );
    }

    const invalid: [string, object][] = [
      ['a duration of 0', { spec: { leaseDurationSeconds: 0 } }],
      ['negative transitions', { spec: { leaseTransitions: -1 } }],
      ['a time without six digits', { spec: { renewTime: '2026-01-15T12:00:00Z' } }],
      ['a holder that is no text', { spec: { holderIdentity: 5 } }],
      ['an annotation that is no text', { metadata: { annotations: { kept: 5 } } }],
    ];
    it.each(invalid)('is invalid and changes nothing, also as a dry run: %s', async (_, body) => {
      const before = await newLease();
      for (const options of [REAL, DRY]) {
        await expect(patched(before, body, {}, options)).rejects.toMatchObject({ code: 'invalid' });
      }
      expect(await stored(LEASES, before.metadata.namespace ?? '')).toEqual(before);
    });

    it('shows as a dry run what it would make, and changes nothing', async () => {
      const before = await newLease();
      const { object } = await patched(before, { spec: { holderIdentity: 'y' } }, {}, DRY);
      expect(object.spec).toEqual({ ...(before.spec as object), holderIdentity: 'y' });
      expect(await stored(LEASES, before.metadata.namespace ?? '')).toEqual(before);
    });

    it('is won by exactly one of two that start from the same version', async () => {
      const before = await newLease();
      const outcomes = await Promise.allSettled(
        ['y', 'z'].map((holderIdentity) => patched(before, { spec: { holderIdentity } })),
      );
      const won = outcomes.flatMap((outcome) =>
        outcome.status === 'fulfilled' ? [outcome.value.object] : [],
      );
      const lost = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      expect(lost).toMatchObject([{ code: 'conflict' }]);
      expect([await stored(LEASES, before.metadata.namespace ?? '')]).toEqual(won);
    });
  });

  describe('delete', () => {
    it('deletes the object that was meant', async () => {
      const before = await newLease();
      await deleted(before);
      await expect(stored(LEASES, before.metadata.namespace ?? '')).rejects.toMatchObject({
        code: 'not-found',
      });
    });

    it('deletes nothing as a dry run', async () => {
      const before = await newLease();
      await deleted(before, {}, DRY);
      expect(await stored(LEASES, before.metadata.namespace ?? '')).toEqual(before);
    });

    it('does not touch an object that was created anew', async () => {
      const before = await newLease();
      const { namespace = '' } = before.metadata;
      await ground().admin.remove(LEASES, namespace, 'a');
      const anew = await ground().admin.create(lease({ namespace, name: 'a' }));
      await expect(deleted(before)).rejects.toMatchObject({ code: 'conflict' });
      await expect(patched(before, { spec: { holderIdentity: '' } })).rejects.toMatchObject({
        code: 'conflict',
      });
      expect(await stored(LEASES, namespace)).toEqual(anew);
    });
  });

  describe('post', () => {
    const question = {
      spec: { resourceAttributes: { verb: 'patch', group: 'coordination.k8s.io', resource: 'leases' } },
    };

    it('asks what one may do', async () => {
      const { cluster, withoutRights } = ground();
      for (const [asking, allowed] of [
        [cluster, true],
        [withoutRights, false],
      ] as const) {
        const { object } = await ground().settle(
          asking.post(SELF_SUBJECT_ACCESS_REVIEWS, null, question, REAL),
        );
        expect(object).toMatchObject({ kind: 'SelfSubjectAccessReview', ...question, status: { allowed } });
      }
    });

    it('is invalid where nothing is asked', async () => {
      const asked = ground().cluster.post(SELF_SUBJECT_ACCESS_REVIEWS, null, { spec: {} }, REAL);
      await expect(ground().settle(asked)).rejects.toMatchObject({ code: 'invalid' });
    });

    it('creates an object once; as a dry run not at all', async () => {
      const namespace = await ground().namespace();
      const object = lease({ namespace, name: 'a', holder: 'x' });
      const post = (options: WriteOptions) =>
        ground().settle(ground().cluster.post(LEASES, namespace, object, options));
      expect((await post(DRY)).object).toMatchObject({ kind: 'Lease', spec: { holderIdentity: 'x' } });
      await expect(stored(LEASES, namespace)).rejects.toMatchObject({ code: 'not-found' });
      expect((await post(REAL)).object).toEqual(await stored(LEASES, namespace));
      for (const options of [REAL, DRY])
        await expect(post(options)).rejects.toMatchObject({ code: 'conflict' });
    });
  });

  describe('a write', () => {
    const ABSENT: Preconditions = { uid: '11111111-2222-4333-8444-555555555555', resourceVersion: '1' };

    it('is not-found for what is not there', async () => {
      const namespace = await ground().namespace();
      const { cluster, settle } = ground();
      for (const options of [REAL, DRY]) {
        for (const act of [
          () => cluster.patch(LEASES, namespace, 'missing', { spec: {} }, ABSENT, options),
          () => cluster.delete(LEASES, namespace, 'missing', ABSENT, options),
        ]) {
          await expect(settle<unknown>(act())).rejects.toMatchObject({
            code: 'not-found',
            message: expect.stringContaining('"missing"'),
          });
        }
      }
    });

    it('is forbidden without the right, which is named; as a dry run too', async () => {
      const before = await newLease();
      const { namespace = '' } = before.metadata;
      const { withoutRights: denied, settle } = ground();
      for (const options of [REAL, DRY]) {
        for (const [verb, act] of [
          ['patch', () => denied.patch(LEASES, namespace, 'a', { spec: {} }, ofObject(before), options)],
          ['delete', () => denied.delete(LEASES, namespace, 'a', ofObject(before), options)],
          ['create', () => denied.post(LEASES, namespace, lease({ namespace, name: 'b' }), options)],
        ] as const) {
          await expect(settle<unknown>(act())).rejects.toMatchObject({
            code: 'forbidden',
            message: expect.stringContaining(`cannot ${verb} resource "leases"`),
            hint: expect.stringMatching(`${verb}.*leases.coordination.k8s.io`),
          });
        }
      }
      expect(await stored(LEASES, namespace)).toEqual(before);
    });

    it('is interrupted, and does nothing, when the signal aborted', async () => {
      const before = await newLease();
      const { namespace = '' } = before.metadata;
      const { cluster, settle } = ground();
      const signal = AbortSignal.abort();
      for (const act of [
        () => cluster.patch(LEASES, namespace, 'a', { spec: {} }, ofObject(before), REAL, signal),
        () => cluster.delete(LEASES, namespace, 'a', ofObject(before), REAL, signal),
        () => cluster.post(LEASES, namespace, lease({ namespace, name: 'b' }), REAL, signal),
      ]) {
        await expect(settle<unknown>(act())).rejects.toMatchObject({ code: 'interrupted' });
      }
      expect(await stored(LEASES, namespace)).toEqual(before);
    });

    it('is unreachable while the server is out of reach, and does nothing', async () => {
      const before = await newLease();
      ground().interrupt();
      try {
        await expect(patched(before, { spec: { holderIdentity: 'y' } })).rejects.toMatchObject({
          code: 'unreachable',
        });
        await expect(deleted(before)).rejects.toMatchObject({ code: 'unreachable' });
      } finally {
        ground().restore();
      }
      expect(await stored(LEASES, before.metadata.namespace ?? '')).toEqual(before);
    });
  });
}
