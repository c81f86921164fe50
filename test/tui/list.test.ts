import { describe, expect, it, test } from 'vitest';
import type { LockReport } from '../../src/core/report.ts';
import { frozen, ghost, healthy, sampleReport } from '../output/sample-reports.ts';
import { idOf, Story } from './story.ts';

function named(name: string, report: Partial<LockReport> = {}, renewedAgo = 1_000): LockReport {
  return sampleReport({ namespace: 'apps', name, renewedAgo, report: { grade: 'watched', ...report } });
}

const many = Array.from({ length: 100 }, (_, at) => named(`lock-${String(at).padStart(3, '0')}`));

describe('the order', () => {
  it('has problems first', () => {
    expect(new Story().show(healthy, frozen, ghost).listed).toEqual([
      'volume-provisioner',
      'kube-controller-manager',
      'kube-scheduler',
    ]);
  });

  it('shows the first rows at once, and lets holders fill in later', () => {
    const story = new Story({ columns: 200 }).showPending(healthy, frozen);
    expect(story.listed).toHaveLength(2);
    expect(story.line('kube-controller-manager')).toMatch(/^> … {2}/);
    expect(story.frame).not.toContain('Frozen');
    expect(story.show(healthy, frozen).line('kube-controller-manager')).toContain('✗ Frozen');
  });

  it('does not dance: rows change places once a second at most', () => {
    const story = new Story().show(...many.slice(0, 3));
    story.wait(300).show(named('lock-002', { verdict: 'Ghost' }));
    expect(story.listed[0]).toBe('lock-000');
    story.wait(1_000);
    expect(story.listed[0]).toBe('lock-002');
  });

  it('lets a lock that is gone go at once', () => {
    const story = new Story().show(healthy, ghost).wait(100).remove(ghost);
    expect(story.listed).toEqual(['kube-scheduler']);
  });

  it('sorts by what the menu says, and the other way round', () => {
    const story = new Story().show(named('b', {}, 5_000), named('a', {}, 9_000), named('c', {}, 1_000));
    const choices = story.press('s').state.screens[0];
    if (choices?.name !== 'sort') throw new Error('no menu');
    story.press(...Array<string>(choices.choices.indexOf('renewed')).fill('down'), 'enter');
    expect(story.listed).toEqual(['c', 'b', 'a']);
    expect(story.press('S').listed).toEqual(['a', 'b', 'c']);
    expect(story.line('VERDICT')).toContain('RENEWED↓');
    expect(story.press('s', 'g', 'enter').listed).toEqual(['a', 'b', 'c']);
    expect(story.state.sort).toBeNull();
  });
});

describe('the selection', () => {
  it('stays on the worst until a row is chosen', () => {
    const story = new Story().show(healthy).wait(2_000).show(ghost).wait(2_000);
    expect(story.selected).toBe('volume-provisioner');
  });

  test.each(['enter', 'y', 'r', 'x'])('follows its lock once something about it was opened: %s', (key) => {
    const story = new Story().show(healthy).press(key, 'esc').wait(2_000).show(ghost).wait(2_000);
    expect(story.selected).toBe(healthy.lock.primary.ref.name);
  });

  it('follows its lock once a row is chosen, at the same height', () => {
    const story = new Story().show(...many).press('pgdn', 'pgdn', 'up', 'up', 'up');
    const selected = story.selected;
    const line = story.frame.split('\n').findIndex((text) => text.startsWith('>'));
    story
      .wait(2_000)
      .show(named('zzz', { verdict: 'Ghost' }), named('yyy', { verdict: 'Ghost' }))
      .wait(2_000);
    expect(story.selected).toBe(selected);
    expect(story.frame.split('\n').findIndex((text) => text.startsWith('>'))).toBe(line);
  });

  it('goes to the neighbour when its lock vanishes', () => {
    const story = new Story()
      .show(...many.slice(0, 4))
      .press('down', 'down')
      .wait(2_000);
    expect(story.selected).toBe('lock-002');
    expect(story.remove(many[2]!).selected).toBe('lock-003');
    expect(story.remove(many[3]!).selected).toBe('lock-001');
  });

  it('is on its lock again when that is back, deleted and made anew, unless another was chosen meanwhile', () => {
    const gone = (): Story =>
      new Story()
        .show(...many.slice(0, 4))
        .press('down', 'down')
        .wait(2_000)
        .remove(many[2]!)
        .wait(2_000);
    expect(gone().show(many[2]!).wait(2_000).selected).toBe('lock-002');
    expect(gone().press('k', 'j').show(many[2]!).wait(2_000).selected).toBe('lock-003');
    expect(gone().press('d', 'esc').show(many[2]!).wait(2_000).selected).toBe('lock-003');
    expect(gone().wait(90_000).show(many[2]!).wait(2_000).selected).toBe('lock-003');
  });

  test.each([
    [['G'], 'lock-099'],
    [['end', 'up'], 'lock-098'],
    [['G', 'g'], 'lock-000'],
    [['j', 'j', 'k'], 'lock-001'],
    [['pgdn'], 'lock-020'],
    [['pgdn', 'pgup'], 'lock-000'],
    [['up'], 'lock-000'],
    [['G', 'down'], 'lock-099'],
  ])('%j', (keys, expected) => {
    const story = new Story().show(...many).press(...keys);
    expect(story.selected).toBe(expected);
    expect(story.frame).toMatch(new RegExp(`^>.*${expected}`, 'm'));
  });

  it('stays on screen when the terminal shrinks', () => {
    const story = new Story({ rows: 40 }).show(...many).press(...Array<string>(30).fill('j'));
    expect(story.resize(80, 12).frame).toMatch(/^>.*lock-030/m);
  });

  test.each<[string, (story: Story) => Story]>([
    ['a note', (s) => s.glimpse({ notes: [{ code: 'unreadable', text: 'pods: forbidden', hint: null }] })],
    ['what is told', (s) => s.send({ type: 'narration', text: 'The kubelet stopped' })],
  ])('stays on screen when %s takes a row', (_, happens) => {
    const story = new Story().show(...many).press(...Array<string>(19).fill('j'));
    expect(story.frame.split('\n').at(-2)).toMatch(/^>.*lock-019/);
    expect(happens(story).frame).toMatch(/^>.*lock-019/m);
    expect(story.glimpse({ notes: [] }).press('G').frame).toMatch(/^>.*lock-099/m);
  });

  it('is not lost by a key while no lock passes the filter', () => {
    const story = new Story().show(...many).press('j', 'j', '/', ...'none', 'enter', 'G', 'esc');
    expect(story.selected).toBe('lock-002');
  });
});

describe('time', () => {
  it('RENEWED counts up and snaps back, LEFT counts down', () => {
    const story = new Story({ columns: 160 }).show(named('worker'));
    expect(story.line('worker')).toMatch(/ 1s .* 14s /);
    expect(story.wait(3_000).line('worker')).toMatch(/ 4s .* 11s /);
    expect(story.show(named('worker', {}, 0)).line('worker')).toMatch(/ 0s .* 15s /);
    expect(story.wait(20_000).line('worker')).toMatch(/ 20s .* over /);
  });

  it('a verdict that changes stands out for some seconds, one that was only looked for does not', () => {
    const story = new Story().show(named('worker')).wait(2_000);
    expect(story.line('worker')).toMatch(/^> ✓/);
    story.show(named('worker', { verdict: 'Frozen' }));
    expect(story.line('worker')).toMatch(/^>\* ?✗ Frozen/);
    expect(story.wait(9_000).line('worker')).toMatch(/^> ✗ Frozen/);
    const pending = { ...story.lock(named('worker', { verdict: 'Undecided' })), pending: true };
    story.glimpse({ changed: [pending] }).show(named('worker', { verdict: 'Frozen' }));
    expect(story.line('worker')).toMatch(/^> ✗ Frozen/);
  });

  it('a provisional verdict is marked, and proven while one watches', () => {
    const story = new Story().show(frozen);
    expect(story.line('manager')).toContain('Frozen? ');
    expect(story.show({ ...frozen, grade: 'watched' }).line('manager')).not.toContain('?');
  });

  it('says for how long it is blind, and that it sees again', () => {
    const story = new Story().show(healthy);
    const why = 'connection refused';
    story.blind(why).wait(12_000);
    expect(story.line('blind')).toMatch(/blind for 12s, reconnecting: connection refused$/);
    expect(story.glimpse({}).line('leader')).toMatch(/● live$/);
  });

  it('says why it is blind in the few cells there are: the cause, and not the address that everybody knows', () => {
    const story = new Story({ columns: 120 }).show(healthy);
    const refused = 'https://10.0.0.1:6443 does not accept the credentials (Unauthorized)';
    for (const why of [
      `leases.coordination.k8s.io cannot be watched in all namespaces: ${refused}`,
      `cannot watch endpoints in apps: ${refused}`,
    ]) {
      story.blind(why).wait(9_000);
      expect(story.line('blind')).toContain('reconnecting: the server does not accept the cred');
    }
  });
});

describe('the filter', () => {
  const story = () => new Story().show(healthy, frozen, ghost).press('/');

  test.each([
    ['ghost', ['volume-provisioner']],
    ['KUBE-SYSTEM', ['kube-controller-manager', 'kube-scheduler']],
    ['master-2', ['kube-controller-manager']],
    ['m1', ['kube-scheduler']],
    ['endpoints/', ['volume-provisioner', 'kube-controller-manager']],
    ['!endpoints/', ['kube-scheduler']],
    ['/^(ghost|frozen)$/', ['volume-provisioner', 'kube-controller-manager']],
    ['!/kube-.*r$/', ['volume-provisioner']],
    ['/[/', []],
    ['', ['volume-provisioner', 'kube-controller-manager', 'kube-scheduler']],
  ])('%j', (text, expected) => {
    expect(story().press(...text).listed).toEqual(expected);
  });

  it('shows what is typed last where it is longer than the line', () => {
    const long = new Story({ columns: 40 }).show(healthy).press('/', ...'kube-controller-manager');
    expect(long.frame.trimEnd()).toMatch(/\n\/oller-manager {2}enter keep {2}esc cancel$/);
  });

  it('works while it is typed, and says when an expression is not one yet', () => {
    expect(
      story()
        .press(...'/[')
        .line('not a regular'),
    ).toMatch(/^\/\/\[ .*not a regular expression yet$/);
  });

  it('keys are letters in it, esc brings back what was, enter keeps it, esc in the list takes it away', () => {
    const filtering = story().press('q', 'p', 'backspace', 'backspace', 'g', 'h', 'enter');
    expect(filtering.effects).toEqual([]);
    expect(filtering.listed).toEqual(['volume-provisioner']);
    expect(filtering.press('/', 'ctrl-u', 'x', 'esc').listed).toEqual(['volume-provisioner']);
    expect(filtering.press('esc').listed).toHaveLength(3);
  });

  it('takes a pasted text in, in one line and not for ever', () => {
    const pasted = story().type('gho\nst\u001b[31m');
    expect(pasted.state.typing?.text).toBe('gho st^[[31m');
    expect(story().type('ghost', true).state).toMatchObject({ typing: null, order: { length: 1 } });
    expect(story().type('x'.repeat(5_000)).state.typing?.text).toHaveLength(200);
  });

  it('keeps the row where it is while nobody is found', () => {
    const empty = story().press(...'nothing is called this').frame;
    expect(empty).toContain('No lock is like that: esc takes the filter away.');
  });
});

describe('other choices', () => {
  it('problems only, and back', () => {
    const story = new Story().show(healthy, frozen, ghost).press('p');
    expect(story.listed).toEqual(['volume-provisioner', 'kube-controller-manager']);
    expect(story.line('problems only')).toContain('2 of 3 shown');
    expect(story.press('p').listed).toHaveLength(3);
  });

  it('a namespace', () => {
    const story = new Story().show(healthy, frozen, ghost).press('n', 'G', 'enter');
    expect(story.listed).toEqual(['volume-provisioner']);
    expect(story.line('leader')).toContain('namespace volumes');
    expect(story.press('n').frame).toContain('> volumes');
    expect(story.press('esc').state.screens).toEqual([]);
  });

  it('only the verdicts that the command line named', () => {
    const story = new Story({ setting: { verdicts: new Set(['Ghost']) } }).show(healthy, ghost);
    expect(story.listed).toEqual(['volume-provisioner']);
  });

  it('wide: more columns, and sideways', () => {
    const story = new Story({ columns: 100 }).show(ghost).press('w');
    expect(story.line('VERDICT')).toMatch(/LOCK +HOLDER/);
    expect(story.press('right', 'right', 'right').line('VERDICT')).toMatch(/LOCK +PULSE/);
    expect(story.press('left').line('VERDICT')).toMatch(/LOCK +RENEWED/);
    expect(story.press('w', 'right').state.shift).toBe(0);
  });

  test.each([40, 60, 80, 120])('wide in %d columns: there is room to push, and an end to it', (columns) => {
    const named = { namespace: 'a-namespace-with-a-long-name', name: 'a-lock-whose-name-takes-all-the-room' };
    const story = new Story({ columns }).show(ghost, sampleReport(named)).press('w');
    const header = (): string => story.line('VERDICT');
    const first = header();
    expect(story.press('l').line('VERDICT')).not.toBe(first);
    story.press(...Array<string>(50).fill('l'));
    const last = header();
    expect(story.press('h').line('VERDICT')).not.toBe(last);
    expect(story.press('l').line('VERDICT')).toBe(last);
  });

  it('wide where all columns fit: nothing is pushed out', () => {
    const story = new Story({ columns: 500 }).show(ghost).press('w');
    const all = story.line('VERDICT');
    expect(story.press('l').line('VERDICT')).toBe(all);
  });

  it('messages: what could not be read, or that there is nothing of that', () => {
    const story = new Story().show(ghost).press('m');
    expect([story.state.screens, story.line('everything')]).toEqual([[], 'everything could be read']);
    story.glimpse({ notes: [{ code: 'unreadable', text: 'pods: forbidden', hint: null }] }).press('m');
    expect(story.frame).toMatch(/^Messages/);
  });

  it('messages: the whole of why it is blind', () => {
    const story = new Story().show(ghost);
    const why = 'getting credentials: exec: executable login failed with exit code 1: session expired';
    story.blind(why).press('m');
    expect(story.frame.replace(/\s+/g, ' ')).toContain(`Nothing is seen for now: ${why}`);
  });
});

it('finds no lock only in what could be read', () => {
  const notes = [{ code: 'unreadable' as const, text: 'configmaps could not be read', hint: null }];
  expect(new Story().glimpse({ notes }).frame).toMatch(/No .* locks found in what could be read\./);
  const setting = { namespace: 'apps' };
  const story = new Story({ setting }).glimpse({ notes });
  expect(story.frame).toMatch(/No .* locks found in namespace apps in what could be read\./);
});

describe('what the terminal is asked for', () => {
  it('copies the name of the lock, and says so', () => {
    const story = new Story().show(ghost).press('c');
    expect(story.effects).toEqual([{ do: 'copy', text: idOf(ghost) }]);
    expect(story.frame).toContain('volumes/endpoints/volume-provisioner');
    expect(story.wait(4_000).frame).not.toContain('volumes/endpoints/');
  });

  test.each([
    ['q', { do: 'quit', interrupted: false }],
    ['ctrl-c', { do: 'quit', interrupted: true }],
    ['ctrl-z', { do: 'suspend' }],
  ])('%s', (key, effect) => {
    expect(new Story().show(ghost).press(key).effects).toEqual([effect]);
  });

  it('a paste is no storm of keys', () => {
    const story = new Story().show(healthy, ghost).type('quit pjc\n');
    expect(story.effects).toEqual([]);
    expect(story.state).toMatchObject({ problemsOnly: false, screens: [], order: { length: 2 } });
    expect(story.frame).toContain('pasted text is ignored');
    expect(story.type('d', true).state.screens).toEqual([]);
  });
});
