import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/cli/system-clock.ts';
import { Api } from '../../src/sandbox/api/api.ts';
import { serve } from '../../src/sandbox/api/http-server.ts';
import { ApiAccess } from '../e2e/support/api-access.ts';

export interface ServedSandbox {
  api: Api;
  access: ApiAccess;
  stop(): Promise<void>;
}

/** The sandbox's API server on a port of its own: `admin` may do everything, `alice` nothing. */
export async function servedSandbox(): Promise<ServedSandbox> {
  const api = new Api(systemClock, randomUUID);
  const tokens = { admin: randomUUID(), alice: randomUUID() };
  api.access.admit('admin', tokens.admin, 'everything');
  api.access.admit('alice', tokens.alice, []);
  const { url: server, authority, key, stop } = await serve(api);
  for (const name of ['default', 'kube-system']) {
    api.store.create({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
      status: { phase: 'Active' },
    });
  }
  const folder = mkdtempSync(join(tmpdir(), 'leader-sandbox-'));
  const certificateFile = join(folder, 'ca.crt');
  const certificateKeyFile = join(folder, 'ca.key');
  writeFileSync(certificateFile, authority);
  writeFileSync(certificateKeyFile, key);
  return {
    api,
    access: new ApiAccess({ server, certificateFile, certificateKeyFile, folder, tokens, assets: '' }),
    stop: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
