import { tmpdir } from 'node:os';
import { LeaderError } from '../core/errors.ts';
import { type Demo, type DemoOptions, startDemo } from '../sandbox/demo.ts';
import { isScenarioName, SCENARIO_NAMES, type ScenarioName } from '../sandbox/scenario-names.ts';
import { SCENARIOS } from '../sandbox/scenarios/index.ts';
import type { Narration } from '../sandbox/scenarios/play.ts';
import type { Terminal } from '../tui/terminal.ts';
import type { DemoValues } from './demo.ts';
import { EXITS } from './errors.ts';
import type { Host } from './host.ts';
import { listOnScreen, screenOf } from './list-on-screen.ts';
import { readLsRequest } from './ls-request.ts';

const FASTEST = 10;

function usage(message: string, hint: string): LeaderError {
  return new LeaderError('usage', message, { hint });
}

function readScenario(args: readonly string[]): ScenarioName {
  const [name = SCENARIO_NAMES[0], ...more] = args;
  if (more.length > 0) throw usage(`demo plays one scenario, got "${args.join(' ')}"`, 'Name one.');
  if (isScenarioName(name)) return name;
  throw usage(`unknown scenario "${name}"`, `Scenarios are ${SCENARIO_NAMES.join(', ')}.`);
}

function readSpeed(text: string | undefined): number {
  const speed = Number(text || '1');
  if (speed >= 1 && speed <= FASTEST) return speed;
  throw usage(`invalid value "${text}" for --speed`, `It is a number from 1 to ${FASTEST}.`);
}

function listScenarios(host: Host): number {
  const width = Math.max(...SCENARIO_NAMES.map((name) => name.length));
  const lines = SCENARIO_NAMES.map((name) => `${name.padEnd(width)}  ${SCENARIOS[name].summary}\n`);
  host.stdout.write(lines.join(''));
  return EXITS.ok;
}

/** What is told in the last lines of the live list. */
function spoken({ text, command, keys, last }: Narration, { kubeconfig }: Demo): string {
  const elsewhere = command === null ? null : `In another terminal: ${command} --kubeconfig ${kubeconfig}`;
  const hint = keys ?? elsewhere;
  const end = last ? 'That was it: q leaves the demo.' : null;
  return [text, hint, end].filter((part) => part !== null).join('\n');
}

/** Only serves the cluster. What is told goes to stderr, so that stdout has nothing but what a shell can read. */
async function serveDemo(host: Host, demo: Demo, narrations: Narrations): Promise<number> {
  host.stdout.write(`export KUBECONFIG=${demo.kubeconfig}\n`);
  host.stderr.write('The cluster is there until ctrl-C. Paste the line above into another terminal.\n');
  narrations.listen(({ text, command, last }) => {
    const time = new Date(host.clock.now()).toISOString().slice(11, 19);
    host.stderr.write(`${time}Z  ${text}\n`);
    if (command !== null) host.stderr.write(`           try: ${command}\n`);
    if (last) host.stderr.write('           That was the story; the cluster lives on until ctrl-C.\n');
  });
  if (!host.signal.aborted) {
    await new Promise((resolve) => host.signal.addEventListener('abort', resolve, { once: true }));
  }
  return EXITS.interrupted;
}

async function showDemo(
  host: Host,
  demo: Demo,
  narrations: Narrations,
  values: DemoValues,
  terminal: Terminal,
): Promise<number> {
  const cluster = await host.connect({ kubeconfig: demo.kubeconfig });
  const { color } = values;
  const flags = { kubeconfig: demo.kubeconfig, ...(color !== undefined && { color }) };
  const request = readLsRequest(flags, []);
  // What to do next is told by the story, and there is no cluster any more when the list is left.
  const silent = { ...request, output: { ...request.output, forPeople: false } };
  return listOnScreen(host, cluster, silent, terminal, {
    choosing: false,
    backupDir: demo.folder,
    narrate: (show) => narrations.listen((narration) => show(spoken(narration, demo))),
  });
}

/** What a story tells, for whoever begins to listen a moment later. */
class Narrations {
  #told: Narration[] = [];
  #listener: ((narration: Narration) => void) | null = null;

  tell(narration: Narration): void {
    if (this.#listener === null) this.#told.push(narration);
    else this.#listener(narration);
  }

  listen(listener: (narration: Narration) => void): void {
    this.#listener = listener;
    for (const narration of this.#told.splice(0)) listener(narration);
  }
}

async function begun(options: DemoOptions): Promise<Demo> {
  try {
    return await startDemo(options);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const hint = `It needs a folder of its own in ${options.temporaryFolder} (TMPDIR) and a port of 127.0.0.1.`;
    throw new LeaderError('config', `cannot start the demo: ${why}`, { hint, cause });
  }
}

/** Plays a scenario until the user leaves it. Resolves to the exit code, rejects with a LeaderError. */
export async function runDemo(host: Host, values: DemoValues, args: readonly string[]): Promise<number> {
  if (values.list === true) return listScenarios(host);
  const name = readScenario(args);
  const speed = readSpeed(values.speed);
  const screen = values.serve === true ? null : screenOf(host);
  if (values.serve !== true && screen === null) {
    throw usage(
      'demo opens the live list, and there is no terminal for it',
      'Give --serve, and look at the cluster with kubectl and kubectl leader.',
    );
  }
  const narrations = new Narrations();
  const tell = (narration: Narration): void => narrations.tell(narration);
  const options = { clock: host.clock, scenario: SCENARIOS[name], speed, tell, temporaryFolder: tmpdir() };
  const demo = await begun(options);
  try {
    return screen === null
      ? await serveDemo(host, demo, narrations)
      : await showDemo(host, demo, narrations, values, screen);
  } finally {
    await demo.end();
  }
}
