/**
 * Loaded into the program that is measured, which must run with --expose-gc: at SIGUSR2 it collects garbage and adds
 * the bytes that are left to the file of LEADER_BENCH_HEAP, one number a line.
 */
import { appendFileSync } from 'node:fs';

process.on('SIGUSR2', () => {
  globalThis.gc?.();
  appendFileSync(process.env['LEADER_BENCH_HEAP'] ?? '', `${process.memoryUsage().heapUsed}\n`);
});
