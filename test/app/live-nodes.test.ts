import { describe, expect, it } from 'vitest';
import { LeaderError } from '../../src/core/errors.ts';
import { NODES, PODS } from '../../src/core/resources.ts';
import { type NodeOptions, node } from '../support/objects.ts';
import { Stage, UUID } from './stage.ts';
import { Viewer } from './viewer.ts';

function nodeName(index: number): string {
  return `worker-${index}`;
}

/** Nodes, and on the first of them processes that lead and go by their names. */
function crowd(nodes: number, holders: number): Stage {
  const stage = new Stage();
  for (let index = 0; index < nodes; index += 1) stage.cluster.create(node({ name: nodeName(index) }));
  for (let index = 0; index < holders; index += 1) {
    stage.elector(`${nodeName(index)}_${UUID}`, { name: `lock-${index}` });
  }
  return stage;
}

/** What a kubelet reports every few minutes: that all is as it was. */
function report(stage: Stage, name: string): void {
  const own = stage.cluster.peek(NODES, null, name);
  const annotations = { reported: String(stage.clock.now()) };
  stage.cluster.update({ ...own, metadata: { ...own.metadata, annotations } });
}

function become(stage: Stage, options: NodeOptions): void {
  stage.cluster.apply(node(options));
}

function verdictsOf(viewer: Viewer): Set<string> {
  return new Set([...viewer.locks.values()].map(({ report: { verdict } }) => verdict));
}

describe('2,000 nodes whose kubelets report seven times a second', () => {
  it.each([
    ['each its turn', 2_000, 20],
    ['all of them nodes of holders', 20, 420],
  ])('cost small requests only, %s', async (_, reporting, most) => {
    const stage = crowd(2_000, 20);
    await stage.clock.advance(5_000);
    const viewer = new Viewer(stage);
    await stage.clock.advance(20_000);
    expect(verdictsOf(viewer)).toEqual(new Set(['Healthy']));
    stage.cluster.requests.length = 0;
    for (let writes = 0; writes < 7 * 60; writes += 1) {
      report(stage, nodeName(writes % reporting));
      await stage.clock.advance(1_000 / 7);
    }
    const asked = stage.cluster.requests.filter(({ verb }) => verb !== 'watch');
    expect(asked.filter(({ fieldSelector }) => fieldSelector === null)).toEqual([]);
    expect(asked.length).toBeLessThanOrEqual(most);
    await viewer.end();
  });
});

describe('the node of a holder', () => {
  async function watched() {
    const stage = new Stage();
    await stage.leader('worker');
    const viewer = new Viewer(stage);
    await stage.clock.advance(10_000);
    const told = () => viewer.told.get('default/lease/worker')?.at(-1);
    expect(told()).toBe('Healthy watched');
    return { stage, viewer, told };
  }

  it.each<[string, (stage: Stage) => void]>([
    ['is not ready', (stage) => become(stage, { name: 'node-1', ready: false })],
    ['is heard of no more', (stage) => become(stage, { name: 'node-1', ready: null })],
    ['is deleted', (stage) => stage.cluster.remove(NODES, null, 'node-1')],
    [
      'is not ready, and could not be read at first',
      (stage) => {
        const error = new LeaderError('timeout', 'no answer');
        stage.cluster.fail(error, 1, { resource: NODES, verb: 'list' });
        become(stage, { name: 'node-1', ready: false });
      },
    ],
  ])('shows within a second that it %s, and that it is back', async (_, change) => {
    const { stage, viewer, told } = await watched();
    change(stage);
    await stage.clock.advance(1_000);
    expect(told()).toBe('Failing watched');
    become(stage, { name: 'node-1' });
    await stage.clock.advance(1_000);
    expect(told()).toBe('Healthy watched');
    await viewer.end();
  });

  it('shows that it is not ready although that happened while its holder was looked for', async () => {
    const { stage, viewer, told } = await watched();
    const goOn = stage.cluster.hang({ resource: PODS });
    stage.cluster.apply({ ...stage.cluster.peek(PODS, 'default', 'worker-zkb5w') });
    report(stage, 'node-1');
    await stage.clock.advance(1_000);
    become(stage, { name: 'node-1', ready: false });
    await stage.clock.advance(1_000);
    goOn();
    await stage.clock.advance(1_000);
    expect(told()).toBe('Failing watched');
    await viewer.end();
  });
});

it('many nodes that fail at once show within two seconds, for one list of them', async () => {
  const stage = crowd(100, 80);
  await stage.clock.advance(5_000);
  const viewer = new Viewer(stage);
  await stage.clock.advance(20_000);
  stage.cluster.requests.length = 0;
  for (let index = 0; index < 100; index += 1) become(stage, { name: nodeName(index), ready: false });
  await stage.clock.advance(2_000);
  expect(verdictsOf(viewer)).toEqual(new Set(['Failing']));
  const lists = stage.cluster.requests.filter(({ projection }) => projection === 'rows');
  expect(lists.filter(({ fieldSelector }) => fieldSelector?.startsWith('metadata.name=worker-'))).toEqual([]);
  await viewer.end();
});
