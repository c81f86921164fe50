import { expect, test } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';

test('a sleep ends at once when it is aborted, and does not reject', async () => {
  const abort = new AbortController();
  const slept = systemClock.sleep(60_000, abort.signal);
  abort.abort();
  await slept;
  await systemClock.sleep(60_000, abort.signal);
});

test('a sleep longer than a timer can be does not end at once', async () => {
  const abort = new AbortController();
  const slept = systemClock.sleep(Number.MAX_SAFE_INTEGER, abort.signal).then(() => 'woke');
  expect(await Promise.race([slept, systemClock.sleep(20).then(() => 'asleep')])).toBe('asleep');
  abort.abort();
  await slept;
});
