import { type DescribeOptions, describeLocks } from '../../src/app/describe.ts';
import type { CaseFile } from '../../src/core/describe/case-file.ts';
import type { Stage } from './stage.ts';

export const USUAL: DescribeOptions = { namespace: null, observeMs: null, probe: false };

export async function cases(stage: Stage, names: readonly string[], over: Partial<DescribeOptions> = {}) {
  const { cluster, clock, signal } = stage;
  return stage.run(describeLocks(cluster, clock, names, { ...USUAL, ...over }, signal.signal));
}

export async function look(
  stage: Stage,
  name: string,
  over: Partial<DescribeOptions> = {},
): Promise<CaseFile> {
  const [file] = await cases(stage, [name], over);
  return file as CaseFile;
}

/** What was found in the way, the serious marked with `!`. */
export function said(file: CaseFile): string {
  return file.findings.map(({ serious, text }) => `${serious ? '!' : '-'} ${text}`).join('\n');
}

/** What to do next, one line each. */
export function steps(file: CaseFile): string[] {
  return file.nextSteps.map(({ text, command }) => (command === null ? text : `${text}: ${command}`));
}
