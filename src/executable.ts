/**
 * How the single executable starts: what V8 made of the program in earlier runs lies beside it, so that nothing of that
 * is compiled again. V8 itself refuses what another version of it made, and compiles the program then.
 */

import { getAsset, getRawAsset } from 'node:sea';
import { Script } from 'node:vm';
import { answeredQuickly } from './quick-answer.ts';

declare const require: NodeJS.Require;
declare const module: NodeJS.Module;
declare const exports: unknown;

if (!answeredQuickly()) {
  const cachedData = new Uint8Array(getRawAsset('code-cache') as ArrayBuffer);
  const program = new Script(getAsset('program', 'utf8'), { filename: __filename, cachedData });
  program.runInThisContext()(exports, require, module, __filename, __dirname);
}
