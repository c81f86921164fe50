import { hrtime } from 'node:process';
import type { Clock } from '../app/ports.ts';

/** The longest time that a timer can be set to, milliseconds; a longer one would end at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** This machine's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  // Not `performance.now()`: what measures performance in Node.js is ten modules that nothing else needs.
  mono: () => {
    const [seconds, nanoseconds] = hrtime();
    return seconds * 1_000 + nanoseconds / 1e6;
  },
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(ms, LONGEST_TIMER_MS));
      signal?.addEventListener('abort', wake);
    }),
};
