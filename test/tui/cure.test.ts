import { describe, expect, it, test } from 'vitest';
import { BINDINGS } from '../../src/tui/keymap.ts';
import { plan, reportOf } from '../core/release-stage.ts';
import { CureStory, deposing, ghost, HOLDER, NAME, orphaned, rewritten, saying } from './cure-stage.ts';

describe('the dialog of release', () => {
  it('examines first, and tells how that goes', () => {
    const story = new CureStory().press('r');
    const { ref } = orphaned.lock.primary;
    expect(story.take()).toEqual([
      { do: 'examine', id: story.id, session: 1, verb: 'release', ref, strategy: null },
    ]);
    story.hear({ is: 'watching', progress: { elapsedMs: 3_200, forMs: 17_000, seen: 0 } });
    expect(story.frame).toContain('watching apps/lease/worker, 3 of 17 s: 0 renewals seen');
    expect(story.frame).toContain('Nothing is written until you confirm it.');
  });

  it('shows the plan, and does it once the name of the lock is typed', () => {
    const story = new CureStory(orphaned, { columns: 100, rows: 40 }).asked();
    expect(story.frame).toMatch(/^Type worker and enter to release it/m);
    expect(story.frame).toMatch(/Candidates: +2 running and ready to take it/);
    expect(story.frame).toMatch(/Plan: +1\. lease\/worker is vacated/);
    story.take();
    story.press(...NAME, 'enter');
    expect(story.take()).toMatchObject([{ do: 'carry-out', session: 1 }]);
    expect(story.stage).toBe('working');
  });

  test.each([['work'], ['Worker'], ['y'], ['']])('%j is not the name: nothing is done', (typed) => {
    const story = new CureStory().asked();
    story.take();
    story.press(...typed, 'enter');
    expect(story.take()).toEqual([]);
    expect(story.frame).toContain('That was not its name: nothing was written.');
    expect(story.type(NAME).press('enter').take()).toHaveLength(1);
  });

  it('a name and its enter that come in one piece are a name and an enter', () => {
    const story = new CureStory().asked();
    story.take();
    expect(story.type('work', true).take()).toEqual([]);
    expect(story.frame).toContain('That was not its name');
    expect(story.type(NAME, true).take()).toMatchObject([{ do: 'carry-out' }]);
  });

  it('names the cluster first of all', () => {
    const story = new CureStory(orphaned, { columns: 100, rows: 40 }).asked();
    expect(story.frame).toMatch(/^Cluster: +prod \(https:\/\/10\.0\.0\.1:6443\)\nLock: /m);
  });

  it('a paste fills the answer and confirms nothing; letters are no keys', () => {
    const story = new CureStory().asked();
    story.take();
    story.type(`${NAME}\n`).press('q', 'j', 'backspace', 'backspace');
    expect(story.take()).toEqual([]);
    expect(story.line('> worker')).toMatch(/^> worker /);
    expect(story.press('ctrl-u').line('> ')).not.toContain('worker');
  });

  it('says who took it, and where the backup is, and again when the list is left', () => {
    const story = new CureStory().confirmed().saved().written();
    story.hear({ is: 'doing', text: 'waiting for somebody to take it, 1 of 30 s', left: 'takeover' });
    expect(story.frame).toContain('waiting for somebody to take it, 1 of 30 s');
    story.ended();
    for (const text of ['saved to /kept/worker.yaml', 'lease/worker vacated', 'Taken over by worker-2']) {
      expect(story.frame).toContain(text);
    }
    expect(story.state.told).toEqual([
      'apps/lease/worker: lease/worker saved to /kept/worker.yaml',
      'apps/lease/worker: lease/worker vacated',
      'apps/lease/worker: Taken over by worker-2 after 2 s',
    ]);
    story.press('esc');
    expect(story.state.cures.size).toBe(0);
  });

  it('a refusal says why, what to do instead, and that only the command overrides it', () => {
    const healthy = reportOf('Healthy');
    const refused = plan(healthy);
    if (refused.is !== 'refusal') throw new Error('not refused');
    const setting = { sameCluster: ['--context', 'prod'] };
    const story = new CureStory(healthy, { setting })
      .press('r')
      .hear({ is: 'refused', report: healthy, refused, notes: [] });
    expect(story.frame).toContain('apps/lease/worker is not released:');
    const text = story.frame.replace(/\s+/g, ' ');
    expect(text).toContain(
      'Instead: Depose the holder: kubectl leader depose --context prod apps/lease/worker',
    );
    expect(text).toContain('kubectl leader release --context prod apps/lease/worker --force');
    story.take();
    story.type(NAME).press('enter');
    expect(story.take()).toEqual([]);
  });
});

describe('leaving the dialog', () => {
  it('before it was confirmed drops it, and of what still comes nothing is shown', () => {
    const story = new CureStory().press('r');
    story.take();
    story.press('esc');
    expect(story.take()).toEqual([{ do: 'abandon', session: 1 }]);
    story.hear({ is: 'watching', progress: { elapsedMs: 1, forMs: 2, seen: 0 } });
    expect(story.state.cures.size).toBe(0);
    story.press('r').hear({ is: 'doing', text: 'of the first one', left: 'work' }, 1);
    expect(story.stage).toBe('examining');
  });

  it('between confirming and the write leaves it undone', () => {
    const story = new CureStory().confirmed().saved();
    story.take();
    story.press('esc');
    expect(story.take()).toEqual([{ do: 'abandon', session: 1 }]);
    expect(story.frame).toContain('leaving, unless the write is on its way already');
    story.failed('interrupted', 'interrupted before anything was written');
    expect(story.state.screens).toEqual([]);
    expect(story.frame).toContain('lease/worker: nothing was written');
  });

  it('when the write was on its way already, says what came of it', () => {
    const story = new CureStory().confirmed().press('esc').written().ended('It was not waited for');
    expect(story.frame).toContain('It was not waited for');
  });

  it('after the write says that it is done; it goes on, and its outcome is told', () => {
    const story = new CureStory().confirmed().saved().written();
    story.take();
    story.press('esc');
    expect(story.take()).toEqual([]);
    expect(story.frame).toContain('the write is done: lease/worker is freed');
    expect(story.press('r').frame).toContain('lease/worker vacated');
    story.press('esc').ended();
    expect(story.frame).toContain('lease/worker: Taken over by worker-2');
    expect(story.state.cures.size).toBe(0);
  });

  it('the list is not quit while something is being done, unless by ctrl-c', () => {
    const story = new CureStory().confirmed().written().press('esc');
    story.take();
    expect(story.press('q').take()).toEqual([]);
    expect(story.frame).toContain('ctrl-c quits all the same');
    expect(story.press('ctrl-c').take()).toEqual([{ do: 'quit', interrupted: true }]);
  });
});

describe('while the question is open', () => {
  test.each([
    ['the lock vanishes', (s: CureStory) => s.remove(orphaned), 'lease/worker was deleted by somebody else'],
    [
      'a candidate takes it',
      (s: CureStory) => s.show(rewritten(orphaned, 'worker-2', 'Healthy')),
      'Good news: worker-2 took lease/worker meanwhile',
    ],
    [
      'its holder renews it',
      (s: CureStory) => s.show(rewritten(orphaned, HOLDER, 'Orphaned')),
      'renewed lease/worker meanwhile, so it is not stuck',
    ],
    ['its verdict changes', (s: CureStory) => s.show({ ...orphaned, verdict: 'Frozen' }), 'It is Frozen now'],
  ])('and %s, it is withdrawn, and enter begins again', (_, happens, expected) => {
    const story = new CureStory(orphaned, { columns: 160 }).asked().type(NAME);
    story.take();
    happens(story);
    expect(story.frame).toContain(expected);
    expect(story.frame).toContain('Nothing was written');
    story.press('enter');
    expect(story.take()).toMatchObject([{ do: 'examine', session: 2 }]);
    story.failed('not-found', 'no lock apps/lease/worker');
    expect(story.frame).toContain('Nothing was written: no lock apps/lease/worker');
  });

  it('the one that begins again begins at its first line, however far the one before was read', () => {
    const story = new CureStory(orphaned, { columns: 80, rows: 12 }).asked().press('pgdn');
    expect(story.frame).not.toContain('Type worker');
    story.show({ ...orphaned, verdict: 'Frozen' }).press('enter');
    expect(story.proposed().frame).toContain('Type worker and enter');
  });

  test.each([
    ['nothing about it changes', (s: CureStory) => s.show(orphaned)],
    ['it is lost from sight', (s: CureStory) => s.show({ ...orphaned, verdict: 'Undecided' })],
    ['its holder is looked for again', (s: CureStory) => s.showPending({ ...orphaned, verdict: 'Vacant' })],
    ['another lock changes', (s: CureStory) => s.show(reportOf('Ghost', 'endpoints'))],
  ])('and %s, it stays', (_, happens) => {
    const story = new CureStory().asked();
    happens(story);
    expect(story.stage).toBe('asking');
  });
});

describe('the dialog of depose', () => {
  it('asks as the command does, and tells each step with its time', () => {
    const story = deposing({ columns: 120, rows: 40 });
    expect(story.frame).toMatch(/^Depose the holder of {2}apps\/lease\/worker/);
    expect(story.frame).toMatch(/^Type worker and enter to depose its holder/m);
    story.take();
    expect(story.type(NAME).press('enter').take()).toMatchObject([{ do: 'carry-out', session: 1 }]);
    const text = '12:00:00Z  lease/worker taken';
    story.hear({ is: 'said', saying: saying(text), written: true });
    story.hear({
      is: 'doing',
      text: 'holding it until the old leader must have stopped, 3 of 17 s',
      left: 'work',
    });
    expect(story.frame).toMatch(/12:00:00Z {2}lease\/worker taken *\nholding it .* 3 of 17 s/);
    story.take();
    story.press('esc');
    expect(story.take()).toEqual([]);
    expect(story.frame).toContain('lease/worker was taken; whatever comes of it, it is freed as planned');
  });

  it.each([
    ['its holder renews it', (s: CureStory) => s.show(rewritten(ghost, HOLDER, 'Ghost')), 'asking'],
    ['somebody else takes it', (s: CureStory) => s.show(rewritten(ghost, 'worker-2', 'Ghost')), 'halted'],
    ['its holder is found after all', (s: CureStory) => s.show({ ...ghost, verdict: 'Healthy' }), 'halted'],
    ['it vanishes', (s: CureStory) => s.remove(ghost), 'halted'],
  ])('when %s while the question is open', (_, happens, stage) => {
    const story = deposing();
    happens(story);
    expect(story.stage).toBe(stage);
  });

  it('opens again, and not a release beside it, while it goes on', () => {
    const story = deposing().type(NAME).press('enter');
    story.hear({ is: 'said', saying: saying('taken'), written: true });
    story.press('esc').take();
    expect(story.press('r').take()).toEqual([]);
    expect(story.frame).toContain('Depose the holder of');
  });
});

describe('what may go wrong after confirming', () => {
  it('the connection is lost: what is known of it is said, and that one is blind', () => {
    const story = new CureStory().confirmed().saved().written();
    story.blind('no route to host', undefined, 0);
    expect(story.stage).toBe('working');
    expect(story.frame).toMatch(/blind for .*no route/);
    story.ended('What became of it could not be seen: no route to host', true);
    expect(story.frame).toContain('What became of it could not be seen: no route to host');
  });

  it('the lock changes or vanishes: the write finds out, not the list', () => {
    const story = new CureStory().confirmed().remove(orphaned);
    expect(story.stage).toBe('working');
    story.hear({ is: 'said', saying: saying('Not vacated. It was deleted', true), written: false });
    story.hear({ is: 'ended', sayings: [], deletable: false, ending: 'changed' });
    expect(story.frame).toContain('Not vacated. It was deleted');
    story.press('esc');
    expect(story.state.screens).toEqual([]);
  });

  it('no backup can be made: nothing was written, and it may be tried again', () => {
    const story = new CureStory().confirmed().failed('refused', 'no space left');
    expect(story.frame).toContain('Nothing was written: no space left');
    expect(story.frame).toContain('Do this.');
    expect(story.state.told.join()).toContain('no space left');
    story.take();
    expect(story.press('enter').take()).toMatchObject([{ do: 'examine', session: 2 }]);
  });
});

describe('what the list offers', () => {
  const writing = BINDINGS.filter(({ writes }) => writes === true);

  it('nothing that writes, read-only: not as a key, nor in footer and help', () => {
    const story = new CureStory(orphaned, { columns: 200, rows: 90, setting: { readOnly: true } });
    expect(story.frame).not.toMatch(/r release|x depose/);
    expect(story.press('r', 'x').take()).toEqual([]);
    const help = story.press('?').frame;
    for (const binding of writing) expect(help).not.toContain(binding.help);
    expect(new CureStory(orphaned, { columns: 200, rows: 90 }).press('?').frame).toContain(writing[0]!.help);
  });

  it('a word on what to do where a lock is to be chosen', () => {
    const story = new CureStory(orphaned, { setting: { choosing: true } });
    expect(story.frame).toMatch(/^choose a lock to release, r {2}prod/);
  });

  it('r in the details is about the lock that they show', () => {
    const story = new CureStory().press('enter');
    story.take();
    story.press('r');
    expect(story.take()).toMatchObject([{ do: 'examine', id: story.id }]);
    story.press('esc');
    expect(story.state.screens.at(-1)?.name).toBe('detail');
  });
});

describe('events', () => {
  it('are read when asked for', () => {
    const story = new CureStory().press('e');
    expect(story.take()).toMatchObject([{ do: 'read', what: 'events' }]);
    const text = '2026-11-21T11:00:00Z  worker-1 became leader';
    story.read('events', orphaned, { state: 'read', text });
    expect(story.frame).toContain('Events  apps/lease/worker');
    expect(story.frame).toContain(text);
  });
});
