import { describe, expect, it } from 'vitest';
import { historyOf } from '../../../src/core/describe/history.ts';
import { event } from '../../support/objects.ts';
import { half, SERVER_START } from '../cases.ts';

const ME = 'worker-1_6d8f3f0c-31b2-44f5-8a1f-0f1b3f6f7a11';
const HOUR = 3_600_000;

function told(message: string, ago: number, over: Parameters<typeof event>[0] = {}) {
  const about = { kind: 'Lease', namespace: 'apps', name: 'worker' };
  return event({ about, message, at: SERVER_START - ago, name: `e${ago}`, ...over });
}

describe('the timeline', () => {
  it('is in order, oldest first, and tells who led', () => {
    const history = historyOf([told('b became leader', 1_000), told('a became leader', 9_000)], [half()]);
    expect(history.entries.map(({ text }) => text)).toEqual(['a became leader', 'b became leader']);
    expect(history.leaders).toEqual(['a', 'b']);
  });

  it('says once what both halves of a multilock tell', () => {
    const endpoints = { about: { kind: 'Endpoints', namespace: 'apps', name: 'worker' }, name: 'other' };
    const history = historyOf(
      [told('a became leader', 9_000), told('a became leader', 9_000, endpoints)],
      [],
    );
    expect(history.entries).toHaveLength(1);
  });

  it('tells other events with their reason, and leaves out what is about another kind', () => {
    const failed = told('cannot update', 5_000, { reason: 'FailedToUpdateEndpoint' });
    const other = told('Created pod', 4_000, { about: { kind: 'Deployment', name: 'worker' } });
    expect(historyOf([failed, other], []).entries.map(({ text }) => text)).toEqual([
      'FailedToUpdateEndpoint: cannot update',
    ]);
  });

  it('takes events of old clients, which name no kind', () => {
    const old = told('a became leader', 5_000);
    old['involvedObject'] = { name: 'worker', namespace: 'apps' };
    expect(historyOf([old], []).leaders).toEqual(['a']);
  });
});

describe('signs of what nobody told', () => {
  const signs = (events: Parameters<typeof historyOf>[0], of = half()) =>
    historyOf(events, [of]).signs.map(({ text }) => text);

  it.each([
    ['an object older than its term', -2 * HOUR, []],
    ['an object as old as its term', -HOUR + 1_000, []],
    ['an object younger than its term', -60_000, [/59m after the lock was acquired: it was deleted/]],
  ])('%s', (_name, created, expected) => {
    const found = signs([], half({}, { createdAt: SERVER_START + created }));
    expect(found).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  it('an acquisition without its event: freed under its holder', () => {
    const acquired = half({ acquireTime: SERVER_START - 60_000 });
    expect(signs([told(`${ME} became leader`, HOUR)], acquired)).toEqual([
      expect.stringMatching(/^acquired again 2026-01-01T11:59:00Z without an event/),
    ]);
    expect(signs([told(`${ME} became leader`, 59_000)], acquired)).toEqual([]);
    // Of somebody else's term nothing follows.
    expect(signs([told('b became leader', HOUR)], acquired)).toEqual([]);
  });

  it('a holder that told that it stopped', () => {
    const events = [told(`${ME} became leader`, HOUR), told(`${ME} stopped leading`, 10_000)];
    expect(signs(events)).toEqual([
      expect.stringMatching(/told 2026-01-01T11:59:50Z that it stopped leading/),
    ]);
    expect(signs(events, half({ holderIdentity: 'b' }))).toEqual([]);
  });

  it('times without a zone prove no deletion', () => {
    const zoneless = half({}, { createdAt: SERVER_START });
    Object.assign(zoneless.content, { zoneless: true });
    expect(signs([], zoneless)).toEqual([]);
  });
});
