import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../app/ports.ts';
import { type RunningServer, serve } from './api/http-server.ts';
import { type Narration, play } from './scenarios/play.ts';
import { VIEWER } from './scenarios/rbac.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { World } from './world/world.ts';

export interface DemoOptions {
  scenario: Scenario;
  clock: Clock;
  /** 1 for the times of a real cluster. */
  speed: number;
  /** Where its own temporary folder is made. */
  temporaryFolder: string;
  tell: (narration: Narration) => void;
}

/** A sandbox that runs. */
export interface Demo {
  /** A kubeconfig file with the contexts `demo` and `viewer`. */
  kubeconfig: string;
  /** Its folder; it goes when the demo ends. */
  folder: string;
  world: World;
  /** Ends everything; nothing stays behind. */
  end(): Promise<void>;
}

/** A kubeconfig with a user and a context for each token, by its name; the first one is the current context. */
export function kubeconfigOf(
  { url, authority }: RunningServer,
  tokens: Readonly<Record<string, string>>,
): object {
  const names = Object.keys(tokens);
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': names[0],
    clusters: [
      {
        name: 'demo',
        cluster: { server: url, 'certificate-authority-data': Buffer.from(authority).toString('base64') },
      },
    ],
    users: names.map((name) => ({ name, user: { token: tokens[name] } })),
    contexts: names.map((name) => ({ name, context: { cluster: 'demo', user: name } })),
  };
}

/** Starts a sandbox with a story in it. Resolves as soon as it can be used; rejects with nothing left running. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { scenario, clock, speed, temporaryFolder, tell } = options;
  const folder = await mkdtemp(join(temporaryFolder, 'leader-demo-'));
  const over = new AbortController();
  const endings = [() => rm(folder, { recursive: true, force: true })];
  const end = async (): Promise<void> => {
    over.abort();
    for (const ending of endings.splice(0).reverse()) await ending();
  };
  try {
    const world = new World({ clock, speed, random: Math.random });
    endings.push(async () => world.end());
    const tokens = { demo: randomBytes(24).toString('hex'), viewer: randomBytes(24).toString('hex') };
    world.api.access.admit('demo', tokens.demo, 'everything');
    world.api.access.admit('viewer', tokens.viewer, VIEWER);
    const steps = scenario.begin(world, over.signal);
    const server = await serve(world.api);
    endings.push(() => server.stop());
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, `${JSON.stringify(kubeconfigOf(server, tokens), null, 2)}\n`, {
      mode: 0o600,
    });
    const played = play(world, steps, tell, over.signal);
    endings.push(() => played);
    return { kubeconfig, folder, world, end };
  } catch (error) {
    await end();
    throw error;
  }
}
