import { describe, expect, it, test } from 'vitest';
import type { CaseFile } from '../../src/core/describe/case-file.ts';
import type { Note } from '../../src/core/evidence.ts';
import type { Gap } from '../../src/core/gap.ts';
import type { NextStep } from '../../src/core/next-step.ts';
import type { LockReport } from '../../src/core/report.ts';
import { BINDINGS } from '../../src/tui/keymap.ts';
import { pulseOf, timeLeft } from '../../src/tui/pulse.ts';
import { frozen, ghost, healthy, NOW, sampleReport, split, unproven } from '../output/sample-reports.ts';
import { idOf, Story } from './story.ts';

function caseOf(report: LockReport, step: NextStep): CaseFile {
  const told = { at: NOW, text: 'worker-1 became leader', count: 1, from: 'event' };
  return {
    ...{ report, takenAt: NOW, watchedMs: 0, objects: [], contenders: null, ghost: null },
    ...{ findings: [], probe: [], notes: [], nextSteps: [step] },
    history: { entries: [told], leaders: ['worker-1'], signs: [] },
    holder: { reading: null, pod: null, node: null, owners: [], incarnation: null },
  };
}

const tall = { columns: 100, rows: 60 };

test.each([
  ['no distance below a second, which clocks do not agree to', 0.9, /^ {2}Renewed: .*\(0s ago\)/m],
  ['told where it is more', 5, /^ {2}Renewed: .*\(5 s ahead\)/m],
])('a renewal that lies ahead of the clock: %s', (_name, seconds, expected) => {
  const { frame } = new Story(tall).show(sampleReport({ renewedAgo: -seconds * 1_000 })).press('enter');
  expect(frame).toMatch(expected);
});

describe('details', () => {
  it('say what it means, what to do, what it rests on, who holds it and what is recorded', () => {
    const { frame } = new Story(tall).show(ghost).press('enter');
    expect(frame).toMatchInlineSnapshot(`
      "volumes/endpoints/volume-provisioner                                                          ● live

      ✗ Ghost  renewed by a holder that exists nowhere in the cluster
        Proof:        watched
        Pulse:        |||
        Time left:    14s

      What to do
        1. Depose it.

      Evidence
        - renewed 7 times in 15 s  (watched, the watch)
        - no such pod in any namespace  (read, pods)

      Holder
        Identity:     volume-provisioner-zkb5w_59e1f0aa-1111-4222-8333-444455556666
        Found:        gone (DaemonSet pod)
        Was:          DaemonSet pod
        Workload:     DaemonSet volume-provisioner
        Also fits:    node zkb5w
        Candidates:   2 running that could take the lock

      Record  endpoints/volume-provisioner
        Holder:       volume-provisioner-zkb5w_59e1f0aa-1111-4222-8333-444455556666
        Renewed:      2026-11-21T11:59:59Z (1s ago)
        Acquired:     2026-09-22T12:00:00Z (60d ago)
        Duration:     15 s
        Transitions:  4
        Created:      2026-04-25T12:00:00Z (210d ago)
        Version:      4711
        Format:       annotation

      looking around it…


























      r release  x depose  y yaml  e events  c copy  ? help  esc back"
    `);
  });

  it('show both halves of a split', () => {
    const { frame } = new Story(tall).show(split).press('d');
    expect(frame).toContain('Record  endpoints/two-halves');
    expect(frame).toContain('Other half  lease/two-halves');
    expect(frame).toContain('Invalid:      no JSON');
  });

  it('put a command on a line of its own', () => {
    expect(new Story(tall).show(frozen).press('d').frame).toMatch(/^ {5}kubectl leader release \S+$/m);
  });

  it('a command goes to the cluster that the list looks at, read or not', () => {
    const story = new Story({ ...tall, setting: { sameCluster: ['--context', 'prod'] } });
    expect(story.show(frozen).press('d').frame).toMatch(/^ {5}kubectl leader release --context prod \S+$/m);
    const step = { text: 'Read its log', command: 'kubectl -n a logs b' };
    story.send({
      type: 'surroundings',
      id: idOf(frozen),
      around: { state: 'read', file: caseOf(frozen, step) },
    });
    expect(story.frame).toMatch(/^ {5}kubectl --context prod -n a logs b$/m);
  });

  it('are live', () => {
    const story = new Story(tall).show(ghost).press('enter');
    story.show({
      ...ghost,
      verdict: 'Failing',
      evidence: [{ text: 'the pod is back', grade: 'read', from: 'x' }],
    });
    expect(story.frame).toContain('! Failing');
    expect(story.frame).toContain('the pod is back');
  });

  it('stay when the lock vanishes, and say so', () => {
    const story = new Story(tall).show(ghost, healthy).press('enter').wait(2_000).remove(ghost).wait(2_000);
    expect(story.frame).toContain('This lock is no more');
    expect(story.frame).toContain('✗ Ghost');
    expect(story.press('esc').selected).toBe('kube-scheduler');
  });

  it('scroll, and no further than to their end', () => {
    const story = new Story({ rows: 10 }).show(ghost).press('enter', 'G');
    expect(story.line('looking around')).toContain('looking around it');
    expect(story.line('volumes/')).toMatch(/ \d+-(\d+)\/\1$/);
    const end = story.frame;
    expect(story.press('j', 'pgdn').frame).toBe(end);
    expect(story.press('g').frame).toContain('✗ Ghost');
  });

  it('q and esc go back to the list, q there leaves', () => {
    const story = new Story().show(ghost).press('enter', 'q');
    expect(story.state.screens).toEqual([]);
    expect(story.effects.map((effect) => effect.do)).toEqual(['look-around']);
    expect(story.press('d', 'esc', 'q').effects.at(-1)).toEqual({ do: 'quit', interrupted: false });
  });

  it('say what was found around the lock, and what to do about that', () => {
    const step = { text: 'Stop its container', command: null };
    const story = new Story(tall).show(ghost).press('enter');
    const around = (verdict: LockReport['verdict']) => ({
      type: 'surroundings' as const,
      id: idOf(ghost),
      around: { state: 'read' as const, file: caseOf({ ...ghost, verdict }, step) },
    });
    story.send(around('Ghost'));
    expect(story.frame).toMatch(/What to do\n {2}1\. Stop its container *\n/);
    expect(story.frame).toMatch(/^History *\n(.*\n)*.*worker-1 became leader/m);
    // Another verdict than the list's, which has watched the lock: what it calls for is not to be done.
    story.send(around('Orphaned'));
    expect(story.frame).toContain('1. Depose it.');
    // The same verdict on somebody else.
    story.send(around('Ghost')).show({ ...ghost, holder: { ...ghost.holder, identity: 'another' } });
    expect(story.frame).toContain('1. Depose it.');
  });

  it('say how long ago that was, and count its ages on', () => {
    const file = caseOf(ghost, { text: 'Stop its container', command: null });
    const story = new Story(tall).show(ghost).press('enter');
    story.send({ type: 'surroundings', id: idOf(ghost), around: { state: 'read', file } }).wait(90_000);
    expect(story.frame).toContain('around it, looked at 90s ago');
    expect(story.frame).toMatch(/\(90s ago\): worker-1 became leader/);
  });

  it('are drawn at once however long an identity is', () => {
    const story = new Story(tall).show(sampleReport({ identity: 'é'.repeat(200_000) })).press('enter');
    expect(story.frame).toMatch(/^ {2}Identity: +é{84}$/m);
  });

  it('say why nothing was found around it', () => {
    const story = new Story(tall).show(ghost).press('enter');
    const around = { state: 'failed', message: 'no answer. Look at the network.' } as const;
    story.send({ type: 'surroundings', id: idOf(ghost), around });
    expect(story.frame).toContain('could not be looked at: no answer. Look at the network.');
  });

  it('an empty list has none', () => {
    expect(new Story().glimpse({}).press('enter', 'y', 'c').state.screens).toEqual([]);
  });
});

describe('YAML', () => {
  const open = () => new Story().show(ghost).press('y');

  it('asks for the object, and shows it in full however long its lines are', () => {
    const story = open();
    expect(story.effects).toEqual([{ do: 'read', what: 'manifest', lock: story.lock(ghost) }]);
    expect(story.frame).toContain('reading…');
    const read = { state: 'read' as const, text: `kind: Lease\nannotation: ${'x'.repeat(150)}end` };
    expect(story.read('manifest', ghost, read).frame).toMatch(/^x+end$/m);
  });

  it('says why there is none', () => {
    const read = { state: 'failed' as const, message: 'endpoints "x" is forbidden' };
    expect(open().read('manifest', ghost, read).frame).toContain('is forbidden');
  });

  it('an answer that comes after it was closed changes nothing', () => {
    const story = open().press('esc');
    const before = story.frame;
    const read = { state: 'read' as const, text: 'late' };
    expect(story.read('manifest', ghost, read).frame).toBe(before);
  });

  test.each([
    ['y', 'manifest'],
    ['e', 'events'],
  ] as const)('of %s says how long ago it was read, and never that it is live', (key, what) => {
    const story = new Story().show(ghost).press(key);
    const title = (): string => story.frame.split('\n')[0]?.trimEnd() ?? '';
    expect(title()).not.toMatch(/live|ago/);
    story.read(what, ghost, { state: 'read', text: 'x\n'.repeat(30) });
    expect(title()).toMatch(/ read 0s ago {2}1-21\/31$/);
    expect(story.wait(12_000).show(ghost) && title()).toMatch(/ read 12s ago {2}1-21\/31$/);
    story.press('esc', key).read(what, ghost, { state: 'failed', message: 'no answer' }).wait(3_000);
    expect(title()).toMatch(/ tried 3s ago$/);
  });
});

describe('help', () => {
  it('has every key', () => {
    const { frame } = new Story({ columns: 100, rows: 90 }).show(ghost).press('?');
    for (const { help } of BINDINGS) expect(frame).toContain(help);
  });

  it('the last line shows only keys that do something here', () => {
    const story = new Story({ columns: 200 }).glimpse({});
    expect(story.frame.trimEnd().split('\n').at(-1)).not.toMatch(/details|yaml|copy|messages|namespace/);
    story.show(ghost).glimpse({ notes: [{ code: 'unreadable', text: 'pods', hint: null }] });
    expect(story.frame.trimEnd().split('\n').at(-1)).toMatch(/details.*yaml.*copy.*messages/);
  });

  test.each([20, 40, 60])('leaving is in sight at %i columns', (columns) => {
    const story = new Story({ columns, rows: 10 }).show(healthy);
    expect(story.frame.trimEnd()).toMatch(/q quit$/);
    expect(story.press('enter').frame.trimEnd()).toMatch(/esc back$/);
  });
});

it('what has one cause is said once, in the line and on its page', () => {
  const gap = (resource: string): Gap => ({
    ...{ about: 'holders', verb: 'list', resource, where: ' in all namespaces', clusterWide: true },
    ...{ code: 'forbidden', why: 'forbidden', consequence: 'holders cannot be told from missing ones' },
  });
  const notes = ['nodes', 'pods', 'replicasets.apps'].map((resource): Note => {
    return { code: 'unreadable', text: `cannot list ${resource}`, hint: null, gap: gap(resource) };
  });
  const story = new Story({ columns: 140 }).show(ghost).glimpse({ notes });
  const said = 'not allowed to list pods, nodes, replicasets.apps in all namespaces';
  expect(story.line('not allowed')).toMatch(new RegExp(`^! ${said}: .*\\(m: more\\)$`));
  story.press('m');
  expect(story.frame).toContain(said);
  expect(story.frame).not.toContain('cannot list');
});

it('what could not be read is said in one line, and in full on its page', () => {
  const notes = [
    { code: 'unreadable' as const, text: 'not allowed to list pods', hint: 'ask for a ClusterRole' },
    { code: 'blind' as const, text: 'something else', hint: null },
  ];
  const story = new Story().show(ghost).glimpse({ notes });
  expect(story.line('not allowed')).toMatch(/^! not allowed to list pods .*\(m: 1 more\)$/);
  expect(story.press('m').frame).toMatch(
    /not allowed to list pods\n {2}ask for a ClusterRole\n\nsomething else/,
  );
});

describe('the pulse', () => {
  const beating = (renewal: Parameters<typeof sampleReport>[0]) => pulseOf(sampleReport(renewal));

  test.each([
    ['not watched yet', { seen: 0, gapsMs: [], watchedSilenceMs: 0 }, ''],
    ['regular', { seen: 4, gapsMs: [2000, 2010, 1990], watchedSilenceMs: 900 }, '||||'],
    ['one missed', { seen: 4, gapsMs: [2000, 4000, 2000], watchedSilenceMs: 0 }, '||.||'],
    ['late now', { seen: 3, gapsMs: [2000, 2000], watchedSilenceMs: 6100 }, '|||..'],
    ['silent', { seen: 1, gapsMs: [], watchedSilenceMs: 60_000 }, '..........'],
    ['never seen', { seen: 0, gapsMs: [], watchedSilenceMs: 8_000 }, '...'],
    ['jitter', { seen: 4, gapsMs: [2000, 2900, 1100], watchedSilenceMs: 2500 }, '||||'],
    ['two in one packet', { seen: 4, gapsMs: [2000, 5, 2000], watchedSilenceMs: 0 }, '||||'],
  ])('%s', (_, renewal, expected) => {
    expect(beating({ renewal })).toBe(expected);
  });

  it('of what is never renewed, or nobody holds, there is none', () => {
    expect(pulseOf(unproven)).toBe('');
    expect(beating({ identity: '', renewal: { seen: 3, gapsMs: [2000] } })).toBe('');
  });

  test.each([
    [sampleReport({ renewedAgo: 4_000 }), '11s'],
    [frozen, 'over'],
    [sampleReport({ identity: '' }), 'free'],
    [unproven, '-'],
    [sampleReport({ renewedAgo: null }), '?'],
  ])('time left %#', (report, expected) => {
    expect(timeLeft(report, false)).toBe(expected);
  });
});
