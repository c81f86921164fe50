import { isLeaderError, LeaderError } from '../core/errors.ts';
import { proseDuration } from '../core/time.ts';
import type { Clock } from './ports.ts';

/** How much longer something may take once the user wants to leave, milliseconds. */
const LEAVING_MS = 3_000;

/**
 * Runs something that may take `ms` milliseconds, and only a few seconds more once `leaving` aborts. Later than that it
 * is aborted, and then rejects with `timeout`, or with `interrupted` if the user wanted to leave.
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  run: (signal: AbortSignal) => Promise<T>,
  leaving: AbortSignal = new AbortController().signal,
): Promise<T> {
  const [late, done] = [new AbortController(), new AbortController()];
  const time = async (): Promise<void> => {
    await clock.sleep(ms, AbortSignal.any([done.signal, leaving]));
    if (leaving.aborted) await clock.sleep(Math.min(ms, LEAVING_MS), done.signal);
    late.abort();
  };
  const timer = time();
  try {
    return await run(late.signal);
  } catch (error) {
    if (!late.signal.aborted || leaving.aborted || !isLeaderError(error, 'interrupted')) throw error;
    throw new LeaderError('timeout', `no answer within ${proseDuration(ms)}`, { cause: error });
  } finally {
    done.abort();
    await timer;
  }
}
