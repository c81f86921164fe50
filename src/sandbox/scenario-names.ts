/** The stories that a sandbox can tell; the first one where none is named. By itself, so that naming them costs nothing. */
export const SCENARIO_NAMES = [
  'ghost',
  'frozen',
  'healthy',
  'orphaned',
  'leaderless',
  'split',
  'flapping',
  'common-cause',
  'hand-over',
  'rbac',
] as const;

export type ScenarioName = (typeof SCENARIO_NAMES)[number];

export function isScenarioName(name: string): name is ScenarioName {
  return SCENARIO_NAMES.some((known) => known === name);
}
