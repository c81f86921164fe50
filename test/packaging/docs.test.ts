import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { load, loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { stalePages } from '../../scripts/docs.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { GLOBAL_FLAGS } from '../../src/cli/flags.ts';
import { VERDICTS } from '../../src/core/verdict.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const DOCS = resolve(ROOT, 'docs');
const PAGES = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: ROOT })].toSorted();

function page(name: string): string {
  return readFileSync(resolve(ROOT, name), 'utf8');
}

/** What stands in a page as code: indented lines, and spans between backticks. */
function codeOf(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('    ')) return [line];
    return [...line.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
  });
}

/** Every call of the program in a page: the command's name, and its flags as they are written there. */
function callsIn(text: string): { command: string; flags: string[] }[] {
  return codeOf(text).flatMap((code) => {
    const [, command, rest = ''] = /^[^#]*\bkubectl[ -]leader ([a-z]+)\b([^#|;]*)/.exec(code) ?? [];
    if (command === undefined) return [];
    return [
      {
        command,
        flags: [...rest.matchAll(/(?<= )(?:--[a-z][a-z-]*|-[a-zA-Z]\b(?!-))/g)].map(([flag]) => flag),
      },
    ];
  });
}

function flagsOf(command: string): string[] {
  const called = COMMANDS.find(({ name, aliases }) => [name, ...aliases].includes(command));
  const known = Object.entries({ ...GLOBAL_FLAGS, ...called?.flags });
  return known.flatMap(([name, { short }]) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]);
}

describe.each(PAGES)('%s', (name) => {
  test('calls commands and flags that there are', () => {
    const names = [...COMMANDS.flatMap((command) => [command.name, ...command.aliases]), 'help'];
    const wrong = callsIn(page(name)).flatMap(({ command, flags }) =>
      names.includes(command)
        ? flags.filter((flag) => !flagsOf(command).includes(flag)).map((flag) => `${command} ${flag}`)
        : [command],
    );
    expect(wrong).toEqual([]);
  });

  test('links to what there is', () => {
    const targets = [...page(name).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
    const missing = targets.filter((target) => !existsSync(resolve(ROOT, dirname(name), target)));
    expect(missing).toEqual([]);
  });
});

test('the verdicts in README.md are those of the program, in its words', () => {
  const rows = [...page('README.md').matchAll(/^\| `([A-Z][a-z]+)` \| (.+) \|$/gm)];
  const told = Object.fromEntries(rows.map(([, verdict, meaning]) => [verdict, meaning]));
  const meant = Object.entries(VERDICTS).map(([verdict, { meaning }]) => [verdict, meaning]);
  expect(told).toEqual(Object.fromEntries(meant));
});

describe('the rights of those who read', () => {
  interface Role {
    kind: string;
    rules?: { resources: string[]; verbs: string[] }[];
  }

  test.each(['read-only.yaml', 'describing.yaml'])('%s grants no write', (file) => {
    const documents = loadAll(readFileSync(resolve(DOCS, 'rbac', file), 'utf8')) as Role[];
    expect(documents.map(({ kind }) => kind)).toEqual(['ClusterRole', 'ClusterRoleBinding']);
    const writes = documents
      .flatMap(({ rules = [] }) => rules)
      .filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)));
    // A question to the API server that is sent as an object; nothing is stored.
    for (const { resources } of writes) expect(resources).toEqual(['subjectaccessreviews']);
  });
});

test('the reference says what the code does (npm run docs writes it)', () => {
  expect(stalePages()).toEqual([]);
});

describe('the plugins for k9s', () => {
  interface Plugin {
    shortCut: string;
    description: string;
    scopes: string[];
    command: string;
    args: string[];
    dangerous?: boolean;
  }
  const { plugins } = load(readFileSync(resolve(DOCS, 'k9s/plugins.yaml'), 'utf8')) as {
    plugins: Record<string, Plugin>;
  };

  test.each(Object.entries(plugins))(
    '%s calls a command that there is, on what k9s shows',
    (_name, plugin) => {
      const line = [plugin.command, ...plugin.args].join(' ');
      const [, called] = /kubectl leader (\w+)/.exec(line) ?? [];
      expect(COMMANDS.map(({ name }) => name)).toContain(called);
      for (const word of ['--context "$CONTEXT"', '--kubeconfig "$KUBECONFIG"']) expect(line).toContain(word);
      expect(plugin).toMatchObject({ scopes: ['leases'], description: expect.stringMatching(/./) });
    },
  );

  test('have a key each, and those that write are marked as dangerous', () => {
    const all = Object.entries(plugins);
    expect(new Set(all.map(([, { shortCut }]) => shortCut)).size).toBe(all.length);
    const dangerous = all.filter(([, plugin]) => plugin.dangerous === true).map(([name]) => name);
    expect(dangerous).toEqual(['leader-release', 'leader-depose']);
  });
});
