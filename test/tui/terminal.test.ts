import { describe, expect, it } from 'vitest';
import { stopJob } from '../../src/tui/terminal.ts';

describe('stopping the job', () => {
  it('stops all of it, and goes on when that does', async () => {
    const calls: unknown[] = [];
    let goOn = (): void => {};
    const stopped = stopJob({
      platform: 'linux',
      once: (signal, heard) => {
        calls.push(signal);
        goOn = heard;
      },
      kill: (pid, signal) => calls.push([pid, signal]),
    }).then(() => calls.push('on'));
    await Promise.resolve();
    expect(calls).toEqual(['SIGCONT', [0, 'SIGTSTP']]);
    goOn();
    await stopped;
    expect(calls.at(-1)).toBe('on');
  });

  it('is over at once on Windows, which knows no such signal', async () => {
    const unknown = (): never => {
      throw new Error('kill ENOSYS');
    };
    await expect(stopJob({ platform: 'win32', once: unknown, kill: unknown })).resolves.toBeUndefined();
  });
});
