import type { Command } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { EXITS } from '../../src/cli/errors.ts';
import { type FlagTable, GLOBAL_FLAGS, shownFlags } from '../../src/cli/flags.ts';
import { VERDICTS } from '../../src/core/verdict.ts';
import type { Place } from '../../src/tui/binding.ts';
import { BINDINGS } from '../../src/tui/keymap.ts';
import { outputFields } from './output-fields.ts';

const GENERATED = '<!-- Written by scripts/docs.ts from the code: npm run docs. Do not edit. -->';

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(headers), line(headers.map(() => '---')), ...rows.map(line)].join('\n');
}

function page(title: string, ...parts: readonly string[]): string {
  return `${[GENERATED, `# ${title}`, ...parts].join('\n\n')}\n`;
}

function flagTable(flags: FlagTable): string {
  const rows = shownFlags(flags).map(([name, { short, fallback, help, completes }]) => {
    const isTold = typeof completes !== 'object' || completes.every((word) => help.includes(word));
    const words = isTold ? '' : ` (${completes.map((word) => `\`${word}\``).join(', ')})`;
    const spelled = `\`--${name}\`${short === undefined ? '' : `, \`-${short}\``}`;
    return [spelled, fallback === "''" ? '' : `\`${fallback}\``, `${cell(help)}${words}`];
  });
  return table(['flag', 'default', 'meaning'], rows);
}

function section(command: Command): string {
  const { name, aliases, about, usage, examples, flags } = command;
  const shown = examples.map(({ what, line }) => `    # ${what}\n    kubectl leader ${line}`);
  const parts = [
    `## ${name}`,
    `    kubectl leader ${name} ${usage}`.trimEnd(),
    about
      .split('\n\n')
      .map((paragraph) => (/^ {2}/m.test(paragraph) ? paragraph.replace(/^/gm, '    ') : cell(paragraph)))
      .join('\n\n'),
    ...(aliases.length === 0 ? [] : [`Also called ${aliases.map((alias) => `\`${alias}\``).join(', ')}.`]),
    ...(shown.length === 0 ? [] : [shown.join('\n\n')]),
    ...(shownFlags(flags).length === 0 ? [] : [flagTable(flags)]),
  ];
  return parts.join('\n\n');
}

const EXIT_MEANINGS = {
  ok: 'Fine. With `release` and `depose`: taken over by somebody who exists, or nothing was to be waited for',
  error: 'An error, which stderr tells',
  problems: 'A lock with a problem is listed (`ls --exit-code` only)',
  refused: 'Refused because it would do harm, or not confirmed: nothing was written',
  notAsHoped: 'Done, but what it was done for did not come about',
  interrupted: 'Interrupted by ctrl-C; 129 after SIGHUP, 143 after SIGTERM',
} as const satisfies Record<keyof typeof EXITS, string>;

const PLACES: Readonly<Record<Place, string>> = {
  list: 'The list',
  page: 'A page of text: details, YAML, help',
  picker: 'A choice: namespaces, columns to sort by',
  filter: 'Typing a filter',
  dialog: 'The dialogs of release and depose',
  confirm: 'Typing the name of a lock',
};

function keys(place: Place): string {
  const rows = BINDINGS.filter(({ places }) => places.includes(place)).map(({ keys: all, help }) => [
    all.map((key) => `\`${key}\``).join(', '),
    cell(help),
  ]);
  return `## ${PLACES[place]}\n\n${table(['key', 'what it does'], rows)}`;
}

/** Every page of the reference, by its file name. */
export function referencePages(): Readonly<Record<string, string>> {
  const verdicts = Object.entries(VERDICTS).map(([code, { severity, meaning }]) => [
    `[\`${code}\`](../verdicts.md#${code.toLowerCase()})`,
    severity,
    cell(meaning),
  ]);
  const exits = Object.entries(EXITS).map(([name, code]) => [
    `\`${code}\``,
    EXIT_MEANINGS[name as keyof typeof EXITS],
  ]);
  return {
    'commands.md': page(
      'Commands',
      'Without a command, `kubectl leader ls` runs.',
      ...COMMANDS.map(section),
      '## Options that every command has',
      flagTable(GLOBAL_FLAGS),
    ),
    'output.md': page(
      'Structured output',
      '`ls -o json` and `-o yaml` print one document of `kind: LockList`; `-o jsonl` prints its items, one a line, and with ' +
        '`--watch` an item for each change, with `event` and `at` before its other fields. Every field is always there: what ' +
        'is unknown is null. Times are RFC 3339 in UTC. `describe`, `release` and `depose` have a lock of the same shape ' +
        'under `lock`.',
      table(
        ['field', 'meaning'],
        outputFields().map(({ path, meaning }) => [`\`${path}\``, cell(meaning)]),
      ),
    ),
    'verdicts.md': page(
      'Verdicts',
      'The worst first, which is the order of the list. `bad` and `warn` call for somebody.',
      table(['verdict', 'severity', 'meaning'], verdicts),
    ),
    'keys.md': page('Keys of the live list', ...(Object.keys(PLACES) as Place[]).map(keys)),
    'exit-codes.md': page(
      'Exit codes',
      table(['code', 'meaning'], exits),
      'On Windows kubectl exits with 1 whenever a plugin fails: call `kubectl-leader` itself where the code matters.',
    ),
  };
}
