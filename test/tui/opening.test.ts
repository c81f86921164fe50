import { describe, expect, it, test } from 'vitest';
import { plan, reportOf } from '../core/release-stage.ts';
import { CureStory, deposing, ghost, NAME, orphaned, rewritten, saying } from './cure-stage.ts';
import { idOf, Story } from './story.ts';

const { ref } = orphaned.lock.primary;

/** The list as it begins where the dialog of a lock was asked for. */
function opened(): Story {
  return new Story({ columns: 100 }).send({ type: 'cure-wanted', verb: 'release', ref });
}

describe('a dialog that is open from the start', () => {
  it('is examined before the list knows anything', () => {
    const story = opened();
    expect(story.effects).toEqual([
      { do: 'examine', id: idOf(orphaned), session: 1, verb: 'release', ref, strategy: null },
    ]);
    expect(story.frame).toMatch(/^Release {2}apps\/lease\/worker[\s\S]*looking for apps\/lease\/worker/);
  });

  it('is left for the list, on the row of its lock, whenever that turns up', () => {
    const others = [reportOf('Frozen', 'endpoints'), reportOf('Ghost', 'configmap')];
    const story = opened()
      .show(...others)
      .press('esc');
    story.wait(2_000).show(orphaned).wait(2_000);
    expect(story.line('lease/worker')).toMatch(/^>/);
    expect(
      opened()
        .show(...others, orphaned)
        .press('esc')
        .line('lease/worker'),
    ).toMatch(/^>/);
  });

  it('goes on whether the list shows its lock or not', () => {
    const story = opened().press('esc').wait(1_000);
    story.send({ type: 'cure-wanted', verb: 'release', ref });
    const refused = { why: 'It is no election', instead: [], forceable: false };
    const news = { is: 'refused', report: orphaned, refused, notes: [] } as const;
    story.send({ type: 'cure', id: idOf(orphaned), session: 2, news, now: story.state.now });
    expect(story.frame).toContain('it is no election');
  });
});

describe('how it came out', () => {
  test.each<[string, (story: CureStory) => CureStory, string, RegExp | null]>([
    [
      'the dialog is left at once',
      (s) => s.press('r', 'esc'),
      'unconfirmed',
      /^apps\/lease\/worker: not confirmed/,
    ],
    ['it is not confirmed', (s) => s.asked().press('esc'), 'unconfirmed', /nothing was written$/],
    [
      'the question is withdrawn',
      (s) =>
        s
          .asked()
          .show(rewritten(orphaned, 'worker-2', 'Healthy'))
          .press('esc'),
      'unconfirmed',
      /^apps\/lease\/worker: Good news: worker-2 took .*Nothing was written/,
    ],
    ['it cannot be examined', (s) => s.press('r').failed('unreachable', 'no route'), 'failed', /no route/],
    ['no backup can be made', (s) => s.confirmed().failed('refused', 'no space'), 'unconfirmed', null],
    ['it is taken over', (s) => s.confirmed().written().ended(), 'as-hoped', null],
    ['nobody takes it', (s) => s.confirmed().written().ended('Still vacant', true), 'not-as-hoped', null],
    [
      'it is taken over, and looked at once more',
      (s) => s.confirmed().written().ended().press('esc', 'r', 'esc'),
      'as-hoped',
      null,
    ],
    [
      'it fails, and is done at the second attempt',
      (s) => s.press('r').failed('unreachable', 'no route').press('esc').confirmed().written().ended(),
      'as-hoped',
      null,
    ],
  ])('%s', (_, happens, is, said) => {
    const ending = happens(new CureStory()).state.endings.get(idOf(orphaned));
    expect(ending).toEqual({ is, said: said === null ? null : expect.stringMatching(said) });
  });
});

describe('x in the dialog of a refused release', () => {
  function refusing(report = ghost): CureStory {
    const refused = plan(report);
    if (refused.is !== 'refusal') throw new Error('not refused');
    return new CureStory(report).press('r').hear({ is: 'refused', report, refused, notes: [] });
  }

  it('opens the dialog of depose for the same lock', () => {
    const story = refusing();
    expect(story.frame).toContain('x depose instead');
    story.take();
    story.press('x');
    const { ref: same } = ghost.lock.primary;
    expect(story.take()).toEqual([
      { do: 'abandon', session: 1 },
      { do: 'examine', id: story.id, session: 2, verb: 'depose', ref: same, strategy: null },
    ]);
    expect(story.frame).toMatch(/^Depose the holder of {2}apps\/lease\/worker/);
    story.press('esc');
    expect(story.state.screens).toEqual([]);
  });

  it('is not there where depose is no advice', () => {
    const story = refusing(reportOf('Vacant'));
    expect(story.frame).not.toContain('depose instead');
    story.take();
    expect(story.press('x').take()).toEqual([]);
  });
});

describe('leaving the list while only watching is left says so', () => {
  test.each([
    ['work', 'the depose of lease/worker is not at its end; ctrl-c quits all the same'],
    ['takeover', 'lease/worker is freed; who takes it is still watched; ctrl-c quits all the same'],
    ['return', 'lease/worker is freed and taken over; whether the old holder comes back is still watched'],
  ] as const)('%s', (left, expected) => {
    const story = deposing({ columns: 140 }).type(NAME).press('enter');
    story.hear({ is: 'said', saying: saying('12:00:00Z  lease/worker taken'), written: true });
    story.hear({ is: 'doing', text: 'watching, 3 of 17 s', left }).press('esc').take();
    expect(story.press('q').take()).toEqual([]);
    expect(story.frame).toContain(expected);
  });
});
