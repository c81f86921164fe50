import type { Clock } from '../app/ports.ts';

/** Does something whose signal aborts after `ms` milliseconds of this clock. */
export async function withinLimit<T>(
  clock: Clock,
  ms: number,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = new AbortController();
  void clock.sleep(ms, timer.signal).then(() => limit.abort());
  try {
    return await act(limit.signal);
  } finally {
    timer.abort();
  }
}
