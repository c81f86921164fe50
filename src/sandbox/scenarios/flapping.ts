import { populate } from '../world/populate.ts';
import { controlPlane, neighbours, nodes } from './ground.ts';
import type { Scenario } from './scenario.ts';

const NAMESPACE = 'shop';
const NAME = 'cart-operator';

/** How long a leader lives before it needs more memory than it may have, seconds. */
const LIVES_SECONDS = 6;

export const flapping: Scenario = {
  summary: 'whoever leads runs out of memory and is killed, so the lock goes to and fro',
  begin(world, signal) {
    nodes(world);
    controlPlane(world);
    neighbours(world);
    populate(world, {
      ...{ kind: 'Deployment', namespace: NAMESPACE, name: NAME },
      ...{ election: { leaseSeconds: 8, renewSeconds: 5, retrySeconds: 1 }, ageDays: 30, heldDays: 2 },
    });
    let isShort = true;
    let kills = 0;
    const { clock, pace } = world;
    const starve = async (): Promise<void> => {
      while (isShort && !signal.aborted) {
        await clock.sleep(pace.ms(LIVES_SECONDS), signal);
        const [leader] = world.leaders(NAMESPACE, NAME);
        if (!isShort || leader === undefined || signal.aborted) continue;
        leader.process.kill();
        kills += 1;
      }
    };
    return [
      {
        when: 3,
        act: () => void starve(),
        say: 'The cache of shop/cart-operator has grown: whoever leads needs more memory than it may have, and is killed.',
        command: 'kubectl -n shop get pods',
      },
      {
        when: () => kills >= 3,
        say: 'Flapping: the holder changes again and again, and each term is too short to get anything done.',
        command: 'kubectl leader describe shop/lease/cart-operator',
        keys: 'enter for the evidence',
      },
      {
        when: 25,
        act: () => {
          isShort = false;
        },
        say: 'A colleague found it: OOMKilled, in the Pods. The memory limit was raised.',
        command: 'kubectl -n shop describe pods',
      },
      {
        when: 20,
        say: 'Solved: the holder stays. The verdict remembers what it has seen for ten minutes; look anew, and it is Healthy.',
        command: 'kubectl leader ls -n shop --observe 15s',
      },
    ];
  },
};
