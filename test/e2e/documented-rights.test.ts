import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lease } from '../support/objects.ts';
import type { ApiAccess } from './support/api-access.ts';
import { eventually } from './support/child-process.ts';
import { findOnPath } from './support/find-on-path.ts';
import { sharedControlPlane } from './support/shared.ts';
import { Stage, UUID } from './support/stage.ts';

const shared = sharedControlPlane();
const ready = shared !== null && findOnPath('kubectl') !== null;

const READER = [
  '--as',
  'reader',
  '--as-group',
  'kubectl-leader-readers',
  '--as-group',
  'system:authenticated',
];

interface Case {
  lock: { verdict: string };
  candidates: { pods: { denied: unknown[] | null }[] } | null;
  ghost: { tokens: unknown[] | null } | null;
  notes: { text: string }[];
}

describe.skipIf(!ready)('the documented rights of those who only read', () => {
  const api = shared as ApiAccess;
  const manifest = (file: string) => new URL(`../../docs/rbac/${file}`, import.meta.url).pathname;
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.begin(api, 'readers');
    const pod = await stage.daemonPod('worker');
    const held = { namespace: stage.namespace, durationSeconds: 3600, renewTime: Date.now() };
    await api.apply(lease({ ...held, name: 'fine', holder: `${pod}_${UUID}` }));
    await api.apply(lease({ ...held, name: 'ghost', holder: `worker-zzzzz_${UUID}` }));
  });

  afterAll(async () => {
    for (const file of ['read-only.yaml', 'describing.yaml'])
      await api.kubectl(['delete', '-f', manifest(file)]);
    await stage.end();
  });

  async function look(lock: string): Promise<Case> {
    const words = ['describe', `${stage.namespace}/lease/${lock}`, '--observe', '0', '-o', 'json', ...READER];
    const { code, stdout, stderr } = await stage.run(words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as Case;
  }

  async function give(file: string, right: readonly string[]): Promise<void> {
    expect(await api.kubectl(['apply', '-f', manifest(file)])).toMatchObject({ code: 0 });
    await eventually('the grant takes effect', async () => {
      const { code } = await api.kubectl(['auth', 'can-i', ...right, '-A', ...READER]);
      return code === 0 || null;
    });
  }

  it('read-only.yaml lets ls judge everything, and describe says what it may not see', async () => {
    await give('read-only.yaml', ['list', 'leases']);
    const words = ['ls', '-n', stage.namespace, '-o', 'json', ...READER];
    const { stdout } = await stage.run(words);
    expect(JSON.parse(stdout)).toMatchObject({
      items: [{ verdict: 'Ghost' }, { verdict: 'Healthy' }],
      notes: [],
    });
    const { notes } = await look('ghost');
    expect(notes.map(({ text }) => text).join('\n')).toMatch(/not allowed to list secrets/);
  });

  it('with describing.yaml beside it describe lacks nothing', async () => {
    await give('describing.yaml', ['list', 'secrets']);
    expect(await look('ghost')).toMatchObject({
      lock: { verdict: 'Ghost' },
      ghost: { tokens: [] },
      notes: [],
    });
    const { candidates, notes } = await look('fine');
    expect(notes).toEqual([]);
    expect(candidates?.pods[0]?.denied).toEqual(expect.any(Array));
  });
});
