import { describe, expect, it } from 'vitest';
import { follow } from '../../src/app/follow.ts';
import type { Snapshot } from '../../src/core/report.ts';
import { NODES, PODS } from '../../src/core/resources.ts';
import { pod } from '../support/objects.ts';
import { EVERYWHERE, reportOf, Stage, UUID } from './stage.ts';

/** Follows in the background and keeps every snapshot. */
function following(stage: Stage) {
  const snapshots: Snapshot[] = [];
  const ended = (async () => {
    for await (const snapshot of follow(stage.cluster, stage.clock, EVERYWHERE, stage.signal.signal)) {
      snapshots.push(snapshot);
    }
  })();
  const told = (label: string): string[] =>
    snapshots
      .map((snapshot) => `${reportOf(snapshot, label).verdict} ${reportOf(snapshot, label).grade}`)
      .filter((text, index, all) => text !== all[index - 1]);
  const end = async (): Promise<void> => {
    stage.signal.abort();
    await stage.run(ended);
  };
  return { snapshots, told, end };
}

describe('following', () => {
  it('tells a verdict when it changes, and not what stays', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const seen = following(stage);
    await stage.clock.advance(60_000);
    expect(seen.told('lease/worker')).toEqual(['Healthy clock', 'Healthy watched']);
    expect(seen.snapshots.length).toBeLessThanOrEqual(3);
    await seen.end();
    expect(stage.cluster.openWatches).toBe(0);
  });

  it('sees a ghost come into being when its pod is deleted', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const seen = following(stage);
    await stage.clock.advance(10_000);
    stage.cluster.remove(PODS, 'default', 'worker-zkb5w');
    await stage.clock.advance(5_000);
    expect(seen.told('lease/worker').at(-1)).toBe('Ghost watched');
    await seen.end();
  });

  it('calls nobody a ghost who vanished together with its process', async () => {
    const stage = new Stage();
    const leader = await stage.leader('worker');
    const seen = following(stage);
    await stage.clock.advance(10_000);
    leader.kill();
    stage.cluster.remove(PODS, 'default', 'worker-zkb5w');
    await stage.clock.advance(10_000);
    expect(seen.told('lease/worker').at(-1)).toBe('Undecided clock');
    const { evidence } = reportOf(seen.snapshots.at(-1), 'lease/worker');
    expect(evidence[0]?.text).toMatch(
      /^its holder was there and is nowhere any more, as found .* ago, and has not renewed since: it runs out in/,
    );
    await stage.clock.advance(20_000);
    expect(seen.told('lease/worker').slice(-2)).toEqual(['Undecided clock', 'Orphaned watched']);
    await seen.end();
  });

  it('sees a holder die, and a candidate take over', async () => {
    const stage = new Stage();
    const leader = await stage.leader('worker');
    stage.cluster.create(pod({ name: 'worker-qqqqq', owner: { kind: 'DaemonSet', name: 'worker' } }));
    stage.elector(`worker-qqqqq_${UUID}`, { name: 'worker' });
    const seen = following(stage);
    await stage.clock.advance(10_000);
    leader.kill();
    stage.cluster.remove(PODS, 'default', 'worker-zkb5w');
    await stage.clock.advance(40_000);
    expect(seen.told('lease/worker')).not.toContainEqual(expect.stringMatching(/^Ghost/));
    const last = reportOf(seen.snapshots.at(-1), 'lease/worker');
    expect(last).toMatchObject({
      verdict: 'Healthy',
      holder: { identity: `worker-qqqqq_${UUID}`, presence: 'alive' },
    });
    await seen.end();
  });

  it('sees a node become NotReady under its holder', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const seen = following(stage);
    await stage.clock.advance(5_000);
    const node = stage.cluster.peek(NODES, null, 'node-1');
    stage.cluster.update({ ...node, status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } });
    await stage.clock.advance(5_000);
    expect(seen.told('lease/worker').at(-1)).toBe('Failing watched');
    await seen.end();
  });

  it('goes on through an outage, and accuses nobody for it', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const seen = following(stage);
    await stage.clock.advance(10_000);
    stage.cluster.disconnect();
    await stage.clock.advance(120_000);
    stage.cluster.reconnect();
    await stage.clock.advance(30_000);
    expect(seen.told('lease/worker')).toEqual(['Healthy clock', 'Healthy watched']);
    const notes = new Set(seen.snapshots.flatMap((snapshot) => snapshot.notes.map(({ text }) => text)));
    expect([...notes]).toEqual([
      expect.stringMatching(/^blind: /),
      expect.stringMatching(/^sees again: was blind for 2m/),
    ]);
    await seen.end();
  });

  it('asks nothing while nothing happens', async () => {
    const stage = new Stage();
    await stage.leader('worker');
    const seen = following(stage);
    await stage.clock.advance(20_000);
    stage.cluster.requests.length = 0;
    await stage.clock.advance(120_000);
    expect(stage.cluster.requests).toEqual([]);
    await seen.end();
  });
});
