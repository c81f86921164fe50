import { LeaderError } from '../core/errors.ts';
import { toJson, toYaml } from '../output/structured.ts';
import type { Command } from './command.ts';
import { EXITS } from './errors.ts';
import type { FlagTable, Values } from './flags.ts';
import type { Host } from './host.ts';
import { versionLine } from './version-line.ts';

const FLAGS = {
  client: {
    type: 'boolean',
    fallback: 'false',
    help: 'As kubectl has it: there is no other version.',
    hidden: true,
  },
  output: { type: 'text', short: 'o', fallback: "''", completes: ['json', 'yaml'], help: 'json or yaml.' },
} as const satisfies FlagTable;

async function render(host: Host, format: string): Promise<string> {
  const { version, nodeVersion, platform } = host;
  const document = { clientVersion: { gitVersion: `v${version}`, nodeVersion, platform } };
  switch (format) {
    case '':
      return versionLine(version);
    case 'json':
      return toJson(document);
    case 'yaml':
      return toYaml(document);
    default:
      throw new LeaderError('usage', `unknown output format "${format}"`, {
        hint: 'Formats are json, yaml.',
      });
  }
}

export const version: Command = {
  name: 'version',
  aliases: [],
  summary: 'Show the version of this program',
  about: 'Show the version of this program. No cluster is contacted.',
  examples: [
    { what: 'The version in one line', line: 'version' },
    { what: 'For programs', line: 'version -o json' },
  ],
  usage: '[options]',
  flags: FLAGS,
  async run(host, values: Values<typeof FLAGS>, args) {
    if (args.length > 0)
      throw new LeaderError('usage', `version takes no arguments, got "${args.join(' ')}"`);
    host.stdout.write(await render(host, values.output ?? ''));
    return EXITS.ok;
  },
};
