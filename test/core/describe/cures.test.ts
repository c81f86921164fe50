import { load, loadAll } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { type Clue, ghostPlaces } from '../../../src/core/describe/ghost-places.ts';
import { missingRole } from '../../../src/core/describe/missing-role.ts';
import { nextSteps } from '../../../src/core/describe/next-steps.ts';
import { commandLine } from '../../../src/core/next-step.ts';
import { VERDICTS, type VerdictCode } from '../../../src/core/verdict.ts';
import { holder, lock } from '../cases.ts';

const LEASE = { kind: 'lease', namespace: 'apps', name: 'worker' } as const;

describe('the missing Role', () => {
  it('grants what an elector does to both halves, and nothing more', () => {
    const endpoints = { ...LEASE, kind: 'endpoints' } as const;
    const text = missingRole([endpoints, LEASE], [{ namespace: 'other', name: 'runner' }]);
    const [role, binding] = loadAll(text!) as Record<string, unknown>[];
    expect(role).toMatchObject({
      kind: 'Role',
      metadata: { name: 'worker-leader-election', namespace: 'apps' },
      rules: [
        { apiGroups: [''], resources: ['endpoints'], resourceNames: ['worker'], verbs: ['get', 'update'] },
        { apiGroups: [''], resources: ['endpoints'], verbs: ['create'] },
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: ['worker'] },
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
      ],
    });
    expect(binding).toMatchObject({
      kind: 'RoleBinding',
      metadata: { namespace: 'apps' },
      roleRef: { kind: 'Role', name: 'worker-leader-election' },
      subjects: [{ kind: 'ServiceAccount', namespace: 'other', name: 'runner' }],
    });
  });

  it('is safe YAML whatever the names are, and absent where nothing is missing', () => {
    const odd = { ...LEASE, name: 'x: "y"\n- z' };
    const [role] = loadAll(missingRole([odd], [{ namespace: 'a', name: 'yes' }])!) as Record<string, never>[];
    expect(load(JSON.stringify(role))).toMatchObject({ metadata: { name: 'x: "y"\n- z-leader-election' } });
    expect(missingRole([LEASE], [])).toBeNull();
  });
});

describe('where a ghost may live', () => {
  const clue = (node: string, about: Clue['about'], text = `${node} ${about}`): Clue => ({
    node,
    about,
    evidence: { text, grade: 'read', from: 'x' },
  });
  const places = (clues: Clue[], named: string[] = [], existing: string[] | null = ['m1']) =>
    ghostPlaces(clues, named, existing === null ? null : new Set(existing), new Map([['warm', 5]])).map(
      ({ node, likely }) => `${node}${likely ? '!' : ''}`,
    );

  it.each([
    ['where its pod ran, though the node is there', [clue('m1', 'holder')], [], ['m1!']],
    ['a machine that the cluster lost', [clue('lost', 'machine')], [], ['lost']],
    ['not a machine that is there', [clue('m1', 'machine')], [], []],
    ['a machine that the identity names', [clue('lost', 'machine')], ['lost'], ['lost!']],
    [
      'the likeliest first, then those that were heard',
      [clue('cold', 'machine'), clue('warm', 'machine'), clue('home', 'holder')],
      [],
      ['home!', 'warm', 'cold'],
    ],
  ] as const)('%s', (_name, clues, named, expected) => {
    expect(places([...clues], [...named])).toEqual(expected);
  });

  it('names no machine as lost where nodes could not be read', () => {
    expect(places([clue('m1', 'machine'), clue('m2', 'holder')], [], null)).toEqual(['m2!']);
  });
});

describe('next steps', () => {
  const NOTHING = { findings: [], probe: [], ghost: null };
  const facts = { lock: lock(), holder: holder('alive'), candidates: null, commonCause: false };
  const verdicts = Object.keys(VERDICTS) as VerdictCode[];

  it.each(verdicts)('%s: at most five, no command that leads back here', (verdict) => {
    const steps = nextSteps(verdict, facts, NOTHING);
    expect(steps.length).toBeLessThanOrEqual(5);
    expect(steps.map(({ command }) => command)).not.toContain('kubectl leader describe apps/lease/worker');
  });

  it.each<VerdictCode>(['Ghost', 'Split', 'Failing', 'Late', 'Flapping', 'Yielding'])(
    '%s: what must not be done comes first',
    (verdict) => {
      const finding = { code: 'service', serious: true, text: '', from: '' } as const;
      const found = { ...NOTHING, findings: [{ ...finding, step: { text: 'rename it', command: null } }] };
      const [first, second] = nextSteps(verdict, facts, found);
      expect(first?.text).toMatch(/^Do not /);
      expect(second?.text).toBe('rename it');
    },
  );

  it('a conflict that was seen replaces what would only find it out', () => {
    const conflict = {
      object: { kind: 'lease', namespace: 'apps', name: 'worker' },
      outcome: 'conflict',
      text: '',
    } as const;
    const commands = nextSteps('Frozen', facts, { ...NOTHING, probe: [conflict] }).map(
      ({ command }) => command,
    );
    expect(commands).toEqual(['kubectl leader release apps/lease/worker --strategy delete', null]);
  });

  it('a ghost that is met with a conflict is not freed by deposing it', () => {
    const object = { kind: 'lease', namespace: 'apps', name: 'worker' };
    const place = { node: 'm9', likely: true, exists: false, lastHeartbeat: null, evidence: [] };
    const found = {
      findings: [],
      probe: [{ object, outcome: 'conflict', text: '' } as const],
      ghost: { places: [place], tokens: null, serviceAccount: null },
    };
    const steps = nextSteps('Ghost', facts, found);
    const deposing = steps.find(({ command }) => command === 'kubectl leader depose apps/lease/worker');
    expect(deposing?.text).toMatch(/^Depose the ghost/);
  });

  it('nobody is given more than five', () => {
    const findings = Array.from({ length: 9 }, (_, at) => ({
      ...({ code: 'service', serious: true, text: '', from: '' } as const),
      step: { text: `step ${at}`, command: null },
    }));
    const steps = nextSteps('Ghost', facts, { ...NOTHING, findings });
    expect(steps).toHaveLength(5);
    expect(steps[0]?.text).toMatch(/^Do not/);
  });

  it('a step that two things call for is said once', () => {
    const step = { text: 'rename it', command: 'kubectl x' };
    const finding = { code: 'service', serious: true, text: '', from: '', step } as const;
    expect(nextSteps('Healthy', facts, { ...NOTHING, findings: [finding, finding] })).toEqual([step]);
  });
});

describe('a command', () => {
  it.each([
    [['kubectl', 'get', 'a/b'], 'kubectl get a/b'],
    [['kubectl', 'get', 'a b'], "kubectl get 'a b'"],
    [['kubectl', "it's"], `kubectl 'it'\\''s'`],
    [['kubectl', '$(rm)'], "kubectl '$(rm)'"],
    [['kubectl', ''], "kubectl ''"],
  ])('%j', (words, expected) => {
    expect(commandLine(...words)).toBe(expected);
  });
});
