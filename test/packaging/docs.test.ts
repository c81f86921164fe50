import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { stalePages } from '../../scripts/docs.ts';
import { COMMANDS } from '../../src/cli/commands.ts';

const DOCS = resolve(import.meta.dirname, '../../docs');

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
