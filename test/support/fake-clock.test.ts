import { describe, expect, it } from 'vitest';
import { FakeClock } from './fake-clock.ts';

describe('FakeClock', () => {
  it('ends sleeps in the order they are due, each at its own time', async () => {
    const clock = new FakeClock({ mono: 0 });
    const woken: [string, number][] = [];
    const sleeper = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      woken.push([name, clock.mono()]);
    };
    void sleeper('late', 300);
    void sleeper('early', 100);
    void sleeper('same as late', 300);
    await clock.advance(299);
    expect(woken).toEqual([['early', 100]]);
    await clock.advance(1);
    expect(woken).toEqual([
      ['early', 100],
      ['late', 300],
      ['same as late', 300],
    ]);
  });

  it('runs a loop that sleeps again and again, with long chains of awaits in between', async () => {
    const clock = new FakeClock({ mono: 0 });
    const ticks: number[] = [];
    void (async () => {
      for (;;) {
        await clock.sleep(2_000);
        for (let i = 0; i < 50; i++) await Promise.resolve();
        await new Promise<void>((resolve) => setImmediate(resolve));
        ticks.push(clock.mono());
      }
    })();
    await clock.advance(9_000);
    expect(ticks).toEqual([2_000, 4_000, 6_000, 8_000]);
    expect(clock.mono()).toBe(9_000);
  });

  it('moves both clocks together, and skews only the wall', async () => {
    const clock = new FakeClock({ now: 1_000_000, mono: 10 });
    await clock.advance(500);
    expect([clock.now(), clock.mono()]).toEqual([1_000_500, 510]);
    clock.skewWall(-3_600_000);
    expect([clock.now(), clock.mono()]).toEqual([1_000_500 - 3_600_000, 510]);
  });

  it('ends a sleep on abort without moving time, and never starts one that is aborted already', async () => {
    const clock = new FakeClock({ mono: 0 });
    const controller = new AbortController();
    const slept = clock.sleep(60_000, controller.signal);
    controller.abort();
    await slept;
    await clock.sleep(60_000, controller.signal);
    expect([clock.mono(), clock.sleeping]).toEqual([0, 0]);
  });

  it('runs until a promise settles, and gives its outcome', async () => {
    const clock = new FakeClock({ mono: 0 });
    const value = clock.sleep(2_500).then(() => 'woken');
    await expect(clock.runUntil(value, { stepMs: 1_000 })).resolves.toBe('woken');
    expect(clock.mono()).toBe(3_000);
    await expect(clock.runUntil(Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });

  it('says so when a promise does not settle in time', async () => {
    const clock = new FakeClock({ mono: 0 });
    const never = new Promise(() => {});
    await expect(clock.runUntil(never, { limitMs: 5_000 })).rejects.toThrow('not settled after 5000 ms');
    expect(clock.mono()).toBe(5_000);
  });

  it('refuses a loop that lets no time pass', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    void (async () => {
      while (!controller.signal.aborted) await clock.sleep(0);
    })();
    await expect(clock.advance(1)).rejects.toThrow('without letting any time pass');
    controller.abort();
  });
});
