import type { ScenarioName } from '../scenario-names.ts';
import { commonCause } from './common-cause.ts';
import { flapping } from './flapping.ts';
import { frozen } from './frozen.ts';
import { ghost } from './ghost.ts';
import { handOver } from './hand-over.ts';
import { healthy } from './healthy.ts';
import { leaderless } from './leaderless.ts';
import { orphaned } from './orphaned.ts';
import { rbac } from './rbac.ts';
import type { Scenario } from './scenario.ts';
import { split } from './split.ts';

/** Every story there is. */
export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = {
  ghost,
  frozen,
  healthy,
  orphaned,
  leaderless,
  split,
  flapping,
  'common-cause': commonCause,
  'hand-over': handOver,
  rbac,
};
