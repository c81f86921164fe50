import { systemClock } from '../../src/cli/system-clock.ts';
import { servedSandbox } from '../sandbox/served.ts';
import { clusterContract } from './cluster-contract.ts';
import { realGround } from './real-ground.ts';

clusterContract("the sandbox's API server", async () => {
  const sandbox = await servedSandbox();
  const ground = await realGround(sandbox.access, systemClock);
  return {
    ...ground,
    forget: async () => sandbox.api.store.compact(),
    end: async () => {
      await ground.end();
      await sandbox.stop();
    },
  };
});
