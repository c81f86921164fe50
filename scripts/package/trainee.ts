/**
 * Runs the program as the executable does, and writes what V8 made of it to a file at the end:
 * `node trainee.ts PROGRAM CACHE [ARGUMENT...]`. What is in that file already is used, and kept.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

const [node = '', , file = '', cache = '', ...args] = process.argv;
const cachedData = existsSync(cache) ? readFileSync(cache) : undefined;
const program = new Script(readFileSync(file, 'utf8'), { filename: file, ...(cachedData && { cachedData }) });
if (program.cachedDataRejected) throw new Error(`V8 refuses ${cache}`);
process.argv = [node, 'kubectl-leader', ...args];
process.on('exit', () => writeFileSync(cache, program.createCachedData()));
const module = { exports: {} };
program.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
