import { SCENARIO_NAMES } from '../sandbox/scenario-names.ts';
import { COLOR_FLAG } from './color.ts';
import type { Command } from './command.ts';
import type { FlagTable, Values } from './flags.ts';

const DEMO_FLAGS = {
  color: COLOR_FLAG,
  list: { type: 'boolean', fallback: 'false', help: 'List the scenarios.' },
  serve: {
    type: 'boolean',
    fallback: 'false',
    help: 'Only serve the cluster, for kubectl, k9s or another terminal, until ctrl-C.',
  },
  speed: {
    type: 'text',
    fallback: '1',
    help: 'How many times faster everything happens, lease durations included: 1 to 10.',
  },
} as const satisfies FlagTable;

export type DemoValues = Values<typeof DEMO_FLAGS>;

export const demo: Command = {
  name: 'demo',
  aliases: [],
  summary: 'Play an incident on your own machine, with a small cluster inside this program',
  about:
    'Start a small cluster inside this program, in which elections go wrong on cue, and open the live list on\n' +
    'it. No Kubernetes, no kubeconfig and no network is needed: an API server listens on 127.0.0.1, with nodes,\n' +
    'Pods and electors behind it, and all of it ends with this program.\n' +
    '\n' +
    'A line at the bottom tells what happens and what to try. The commands are the real ones, and so is what\n' +
    'they do: the story goes on when the incident is solved. --serve prints a KUBECONFIG for other terminals\n' +
    "instead; kubectl's get, describe, delete, scale, label, annotate and patch work on it.\n" +
    '\n' +
    `Scenarios are ${SCENARIO_NAMES.slice(0, -1).join(', ')} and ${SCENARIO_NAMES.at(-1)};\n` +
    `--list says what they are about. Without one, ${SCENARIO_NAMES[0]} is played.\n` +
    '\n' +
    'Exit codes: 0 left by q, 1 an error, 130 ended by ctrl-C.',
  examples: [
    { what: 'A lock that is renewed by a Pod which exists nowhere', line: 'demo ghost' },
    { what: 'A lock that nobody can write to', line: 'demo frozen' },
    { what: 'What there is', line: 'demo --list' },
    { what: 'A cluster for kubectl in another terminal', line: 'demo healthy --serve' },
  ],
  usage: '[SCENARIO] [options]',
  takes: { words: SCENARIO_NAMES, atMost: 1 },
  flags: DEMO_FLAGS,
  async run(host, values: DemoValues, args) {
    const { runDemo } = await import('./run-demo.ts');
    return runDemo(host, values, args);
  },
};
