import { afterEach, describe, expect, it, test } from 'vitest';
import { ENDPOINTS } from '../../src/core/resources.ts';
import { NAME, ReleaseStage, writes } from '../app/release-stage.ts';
import { plan, reportOf } from '../core/release-stage.ts';
import { CureStory, orphaned } from './cure-stage.ts';
import { Session } from './session.ts';

const frozen = reportOf('Frozen', 'endpoints');

/** A story about a lock to which updates may not get through, so that the plan to delete it is at hand. */
function choosing(options: ConstructorParameters<typeof CureStory>[1] = {}): CureStory {
  const story = new CureStory(frozen, options);
  const deletion = plan(frozen, { strategy: 'delete' });
  if (deletion.is === 'refusal') throw new Error(deletion.why);
  story.deletion = deletion;
  return story.asked();
}

/** Confirmed, and answered 409 again and again. */
function stuck(options: ConstructorParameters<typeof CureStory>[1] = {}): CureStory {
  const said = 'Not vacated. endpoints/worker cannot be updated: every write is answered 409 Conflict';
  return choosing(options).type(NAME).press('enter').ended(said, true, true);
}

describe('deleting a lock instead of vacating it', () => {
  it('is a key away in the question; the name has to be typed for it anew', () => {
    const story = choosing({ columns: 120, rows: 40 }).type('work');
    expect(story.frame).toMatch(/^Type worker and enter to release it/m);
    expect(story.frame).toContain('ctrl-d delete instead');
    story.take();
    story.press('ctrl-d');
    expect(story.take()).toEqual([]);
    expect(story.frame).toMatch(/^Type worker and enter to delete it/m);
    expect(story.frame).toMatch(/Plan: +1\. endpoints\/worker is deleted/);
    expect(story.frame).not.toContain('ctrl-d');
    story.press('enter');
    expect(story.take()).toEqual([]);
    story.type(NAME).press('enter');
    expect(story.take()).toMatchObject([
      { do: 'carry-out', session: 1, proposal: { plan: { strategy: 'delete' } } },
    ]);
  });

  it('is offered once no update got through, and examines the lock anew for it', () => {
    const story = stuck({ columns: 120, rows: 40 });
    expect(story.frame).toContain('ctrl-d examines it again, to delete it instead; esc leaves.');
    expect(story.frame).toContain('ctrl-d delete instead');
    story.take();
    story.press('ctrl-d');
    expect(story.take()).toMatchObject([{ do: 'examine', session: 2, verb: 'release', strategy: 'delete' }]);
    expect(story.stage).toBe('examining');
  });

  it('stays what was asked for when the question is withdrawn and begun again', () => {
    const story = choosing()
      .press('ctrl-d')
      .show({ ...frozen, verdict: 'Orphaned' });
    story.take();
    story.press('enter');
    expect(story.take()).toMatchObject([{ do: 'examine', strategy: 'delete' }]);
  });

  test.each([
    ['of a lock that updates get through to, in the question', new CureStory(orphaned).asked()],
    ['of such a lock, when it is at its end', new CureStory(orphaned).confirmed().written().ended()],
    ['while it goes on', choosing().type(NAME).press('enter')],
    ['while it is examined', new CureStory(frozen).press('r')],
  ])('is not offered %s', (_, story) => {
    story.take();
    const before = story.state;
    expect(story.frame).not.toContain('delete instead');
    story.press('ctrl-d');
    expect([story.take(), story.state]).toEqual([[], before]);
  });

  it('that is refused says how the command does it all the same', () => {
    const story = stuck({ columns: 160, rows: 40 }).press('ctrl-d');
    const why = 'endpoints/worker should not be deleted: a Service has its name';
    const refused = { why, instead: [], forceable: true };
    story.hear({ is: 'refused', report: frozen, refused, notes: [] });
    expect(story.frame).toContain(why);
    expect(story.frame).toContain('kubectl leader release apps/endpoints/worker --strategy delete --force');
  });

  test.each([
    ['release-frozen-80x24', () => choosing({ columns: 80, rows: 24 }).frame],
    ['release-deletion-80x24', () => choosing({ columns: 80, rows: 24 }).press('ctrl-d').frame],
    ['release-stuck-80x12', () => stuck({ columns: 80, rows: 12 }).frame],
    ['release-stuck-40x16', () => stuck({ columns: 40, rows: 16 }).frame],
  ])('%s', async (name, frame) => {
    await expect(`${frame()}\n`).toMatchFileSnapshot(`golden/${name}.txt`);
  });
});

describe('a frozen lock in the live list', () => {
  const sessions: Session[] = [];
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.end()));
  });

  async function type(session: Session, text: string): Promise<void> {
    for (const letter of text) await session.press(letter);
    await session.press('\r');
  }

  async function examined(): Promise<{ stage: ReleaseStage; session: Session }> {
    const stage = new ReleaseStage();
    const { identity } = await stage.leader(NAME, { lock: 'endpoints' });
    stage.cluster.conflictOn(ENDPOINTS, 'default', NAME);
    await stage.clock.advance(20_000);
    const session = new Session(stage);
    sessions.push(session);
    await session.wait(1_000);
    await session.until(`endpoints/${NAME}`);
    stage.elector(identity, { name: NAME, lock: 'endpoints' });
    await session.press('r');
    await session.wait(25_000);
    await session.until('Type worker and enter to release it');
    return { stage, session };
  }

  it('is deleted at once where one knows it, kept in a file before', async () => {
    const { stage, session } = await examined();
    await session.press('\u0004');
    await session.until('deleted, with its labels');
    await type(session, NAME);
    await session.wait(10_000);
    await session.until('endpoints/worker deleted');
    await session.until('Taken back by the same holder');
    expect([writes(stage), session.kept.size]).toEqual([['delete endpoints'], 1]);
  });

  it('is vacated in vain, and then deleted', async () => {
    const { stage, session } = await examined();
    await type(session, NAME);
    await session.wait(5_000);
    await session.until('to delete it instead');
    session.terminal.written = '';
    await session.press('\u0004');
    await session.wait(25_000);
    await session.until('Type worker and enter to delete it');
    await type(session, NAME);
    await session.wait(10_000);
    await session.until('endpoints/worker deleted');
    expect(writes(stage)).toEqual([...Array(3).fill('patch endpoints'), 'delete endpoints']);
  });
});
