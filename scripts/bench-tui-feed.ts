/**
 * The cluster that the live list is measured on, in a process of its own: the sandbox's API server with Leases and
 * nodes, every Lease renewed evenly spread over time. `node scripts/bench-tui-feed.ts LOCKS EVERY_MS KUBECONFIG` writes
 * that kubeconfig and prints a line when it can be used; it serves until it is ended.
 */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { systemClock } from '../src/cli/system-clock.ts';
import { formatMicroTime } from '../src/core/time.ts';
import { Api } from '../src/sandbox/api/api.ts';
import { serve } from '../src/sandbox/api/http-server.ts';
import { kubeconfigOf } from '../src/sandbox/demo.ts';
import { lease } from '../src/sandbox/objects/locks.ts';
import { node } from '../src/sandbox/objects/nodes.ts';

const NODES = 200;
const NAMESPACES = 50;

/** Renewals are written in turns this far apart, milliseconds: electors do not wait for each other. */
const TURN_MS = 10;

/** As much history as a watch that comes back might ask for, milliseconds. */
const HISTORY_MS = 10_000;

const [locks = 1_000, everyMs = 2_000] = process.argv.slice(2, 4).map(Number);
const kubeconfig = process.argv[4] ?? '';

const api = new Api(systemClock, randomUUID);
const token = randomUUID();
api.access.admit('bench', token, 'everything');
for (let at = 0; at < NODES; at++) api.store.create(node({ name: `node-${at}` }));
const elector = { manager: 'elector' };
const held = Array.from({ length: locks }, (_, at) =>
  api.store.create(
    lease({
      name: `controller-${String(at).padStart(5, '0')}`,
      namespace: `team-${at % NAMESPACES}`,
      holder: `node-${at % NODES}_59a1b2c3-31b2-44f5-8a1f-0f1b3f6f7a11`,
      durationSeconds: Math.max(15, (everyMs * 4) / 1000),
      acquireTime: Date.now(),
      renewTime: Date.now(),
    }),
    elector,
  ),
);
writeFileSync(kubeconfig, JSON.stringify(kubeconfigOf(await serve(api), { bench: token })));
console.log('serving');

const begun = performance.now();
let renewed = 0;
setInterval(() => {
  // What a busy machine kept from being renewed in time is made up for, so that the rate stays what it is said to be.
  const due = Math.floor(((performance.now() - begun) / everyMs) * locks);
  for (; renewed < due; renewed++) {
    const at = renewed % locks;
    const now = held[at];
    if (now === undefined) continue;
    const spec = { ...(now.spec as object), renewTime: formatMicroTime(Date.now()) };
    held[at] = api.store.update({ ...now, spec }, elector);
  }
}, TURN_MS);
setInterval(() => api.store.trim(performance.now() - HISTORY_MS), 1_000);
