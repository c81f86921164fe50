import { afterAll, beforeAll, describe } from 'vitest';
import type { ContractGround } from './ground.ts';
import { readContract } from './read-contract.ts';
import { refusalContract } from './refusal-contract.ts';
import { watchContract } from './watch-contract.ts';
import { writeContract } from './write-contract.ts';

/** What every implementation of the cluster port does. `begin` is called once. */
export function clusterContract(title: string, begin: () => Promise<ContractGround>): void {
  describe(title, () => {
    let begun: ContractGround | null = null;
    beforeAll(async () => {
      begun = await begin();
    });
    afterAll(async () => begun?.end());

    const ground = (): ContractGround => {
      if (begun === null) throw new Error('the ground of the contract was not laid');
      return begun;
    };
    readContract(ground);
    watchContract(ground);
    refusalContract(ground);
    writeContract(ground);
  });
}
