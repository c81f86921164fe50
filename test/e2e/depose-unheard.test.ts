import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { lease } from '../support/objects.ts';
import type { ApiAccess } from './support/api-access.ts';
import { eventually } from './support/child-process.ts';
import { canElect } from './support/elector.ts';
import { sharedControlPlane } from './support/shared.ts';
import { type Stage, stagesOn, UUID } from './support/stage.ts';

const shared = sharedControlPlane();
const ready = canElect(shared);

/** The duration of the electors' locks and a retry period: for so long the old leader may believe that it leads. */
const HELD_MS = 4_000 + 4_400;

describe.skipIf(!ready)('kubectl leader depose, when nobody reads what it says any more', () => {
  const api = shared as ApiAccess;
  const beginStage = stagesOn(api);
  const started: ChildProcess[] = [];

  afterAll(() => {
    for (const child of started) child.kill('SIGKILL');
  });

  /** A stage with a leader, and the Pod of somebody who may take over. */
  async function begin(name: string): Promise<Stage> {
    const stage = await beginStage(name);
    await stage.leader('leases', name);
    await stage.daemonPod(name, 'ccccc');
    return stage;
  }

  async function holderOf(stage: Stage, name: string): Promise<string> {
    const object = await api.read(lease({ namespace: stage.namespace, name }));
    return (object?.spec as { holderIdentity?: string } | undefined)?.holderIdentity ?? '';
  }

  /** Deposes the holder, and stops reading as soon as the lock is held. */
  async function deposeUnheard(stage: Stage, name: string, ...args: string[]) {
    const kubeconfig = api.kubeconfig('admin', { namespace: stage.namespace });
    const words = ['depose', name, '--yes', '-o', 'jsonl', '--kubeconfig', kubeconfig, ...args];
    const child = spawn(stage.plugin.file, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    started.push(child);
    const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
      child.once('exit', (code, signal) => resolve([code, signal])),
    );
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const lines = createInterface({ input: child.stdout });
    await new Promise<void>((resolve, reject) => {
      lines.on('line', (line) => (line.includes('"event":"holding"') ? resolve() : undefined));
      child.once('exit', () => reject(new Error(`ended before it held the lock: ${stderr}`)));
    });
    const heldAt = performance.now();
    lines.close();
    child.stdout.destroy();
    return { child, ended, heldAt, stderr: () => stderr };
  }

  it('holds the lock for as long as the old leader may need, frees it, and says by its exit code how it went', async () => {
    const stage = await begin('deaf');
    const other = stage.elect('leases', 'deaf', `deaf-ccccc_${UUID}`);
    await other.until('leader');
    const { ended, heldAt, stderr } = await deposeUnheard(stage, 'deaf');
    await other.until('leading', { ms: 30_000 });
    // What was held before it was told, and the other way round, takes no second.
    expect(performance.now() - heldAt).toBeGreaterThan(HELD_MS - 1_000);
    expect(await ended).toEqual([0, null]);
    expect(stderr()).toMatch(/deaf freed[\s\S]*Taken over by deaf-ccccc_/);
    expect(stderr()).not.toMatch(/EPIPE|error/);
  });

  it('exits with 4 where nobody takes it', async () => {
    const stage = await begin('void');
    const { ended, stderr } = await deposeUnheard(stage, 'void', '--timeout', '3s');
    expect(await ended).toEqual([4, null]);
    expect(stderr()).toMatch(/void freed[\s\S]*nobody took the lock within 3 s/);
    expect(await holderOf(stage, 'void')).toBe('');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s still frees the lock, and exits with %i', async (signal, code) => {
    const name = `mute-${signal.toLowerCase()}`;
    const stage = await begin(name);
    const { child, ended, stderr } = await deposeUnheard(stage, name);
    // One renewal is told, and meets the closed pipe.
    const before = (await api.read(lease({ namespace: stage.namespace, name })))?.metadata.resourceVersion;
    await eventually('it renews', async () => {
      const object = await api.read(lease({ namespace: stage.namespace, name }));
      return object?.metadata.resourceVersion !== before || null;
    });
    child.kill(signal);
    expect(await ended).toEqual([code, null]);
    expect(stderr()).toMatch(/freed[\s\S]*may not have stopped yet, so two may lead for up to/);
    expect(await holderOf(stage, name)).not.toMatch(/^kubectl-leader-depose/);
  });
});
