/**
 * Measures the live list as it is used: the built program in a pseudo-terminal, on a cluster that another process serves
 * over TLS. How long a key takes to become a frame with 10,000 locks, and what it costs to leave the list open on 1,000
 * locks that are renewed every two seconds. `node scripts/bench-tui.ts [SECONDS] [BUNDLE]`, on Linux, with `script`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NODE_FLAGS } from './package/executable.ts';

const ROOT = resolve(import.meta.dirname, '..');
const SECONDS = Number(process.argv[2] ?? 180);
const BUNDLE = resolve(process.argv[3] ?? join(ROOT, 'dist/kubectl-leader.cjs'));

const SIZE = { columns: 160, rows: 50 };
const KEYS = 1_000;

/** Until holders are found, and everything that is run often is compiled. Milliseconds. */
const WARM_UP_MS = 15_000;

/** Until as many renewals of each lock were seen as are remembered: the memory for them is no leak. Milliseconds. */
const FILL_UP_MS = 80_000;

/** How often memory is looked at while the list is left open. */
const SAMPLES = 24;

/** Every key moves the selection, whichever came before it. */
const MOVES = ['j', 'j', 'j', '\u001b[6~', 'k', '\u001b[6~', 'j', 'G', 'k', '\u001b[5~', 'k', 'g'];

/** A frame ends with the end of a synchronized update. */
const FRAME_END = '\u001b[?2026l';

/** The beginning of the selected row, or a holder: times alone change nothing as far left as that. */
const MOVED = ['\u001b[7m>', 'node/'];

/** What a process was given, and what it had to wait for, in milliseconds of its main thread. */
interface Share {
  ranMs: number;
  waitedMs: number;
}

function mainThread(pid: number): Share {
  const [ran = 0, waited = 0] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8')
    .split(' ')
    .map(Number);
  return { ranMs: ran / 1e6, waitedMs: waited / 1e6 };
}

/** Processor time of all threads of a process, milliseconds. */
function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Time that all processors of the machine were busy so far, milliseconds. */
function busyMs(): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)
    .join('')
    .split(/\s+/)
    .map(Number);
  return (user + nice + system + irq + soft) * 10;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function spread(values: readonly number[]): string {
  const at = (share: number): string => percentile(values, share).toFixed(1).padStart(5);
  return `median ${at(0.5)}  95th ${at(0.95)}  99th ${at(0.99)}  worst ${at(1)} ms`;
}

/** First quarter against last quarter, and the slope of the line through all. */
function growth(values: readonly number[], seconds: number): string {
  const quarter = Math.max(1, Math.floor(values.length / 4));
  const [first, last] = [mean(values.slice(0, quarter)), mean(values.slice(-quarter))];
  const middle = (values.length - 1) / 2;
  const slope =
    values.reduce((sum, value, at) => sum + (at - middle) * (value - mean(values)), 0) /
    values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
  const perHour = (slope * values.length * 3_600) / seconds;
  return `first quarter ${first.toFixed(1)} MB, last quarter ${last.toFixed(1)} MB, ${perHour.toFixed(1)} MB an hour by the line through all`;
}

async function until<T>(what: string, look: () => T | null): Promise<T> {
  for (const end = performance.now() + 60_000; performance.now() < end; await sleep(50)) {
    const found = look();
    if (found !== null) return found;
  }
  throw new Error(`${what} did not come about`);
}

/** The program in a pseudo-terminal, and the cluster that it looks at. */
class Screen {
  /** Of the program itself. */
  pid = 0;
  readonly feed: ChildProcess;
  readonly #terminal: ChildProcess;
  readonly #folder: string;
  frames = 0;
  bytes = 0;
  #text = '';
  #onFrame: (frame: string) => void = () => {};

  private constructor(feed: ChildProcess, folder: string) {
    this.feed = feed;
    this.#folder = folder;
    const words = [
      ...[process.execPath, ...NODE_FLAGS, '--expose-gc'],
      ...['--import', join(ROOT, 'scripts/bench-tui-heap.ts'), BUNDLE],
      ...['--kubeconfig', join(folder, 'kubeconfig'), '--read-only'],
    ];
    const command = `stty cols ${SIZE.columns} rows ${SIZE.rows}; echo $$ > ${folder}/pid; exec ${words.join(' ')}`;
    const env = { ...process.env, TERM: 'xterm-256color', LEADER_BENCH_HEAP: join(folder, 'heap') };
    this.#terminal = spawn('script', ['-qefc', command, '/dev/null'], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#terminal.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text));
  }

  static async open(locks: number, everyMs: number): Promise<Screen> {
    const folder = mkdtempSync(join(tmpdir(), 'leader-bench-'));
    const words = [
      join(ROOT, 'scripts/bench-tui-feed.ts'),
      `${locks}`,
      `${everyMs}`,
      join(folder, 'kubeconfig'),
    ];
    const feed = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    let served = false;
    feed.stdout?.once('data', () => {
      served = true;
    });
    await until('the cluster', () => served || null);
    const screen = new Screen(feed, folder);
    await until('the list', () => (screen.frames > 0 ? true : null));
    screen.pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    return screen;
  }

  #take(text: string): void {
    this.bytes += text.length;
    this.#text += text;
    for (;;) {
      const end = this.#text.indexOf(FRAME_END);
      if (end === -1) return;
      const frame = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + FRAME_END.length);
      this.frames += 1;
      this.#onFrame(frame);
    }
  }

  /** Presses a key; resolves when the frame in which the selection moved is complete. */
  async press(key: string): Promise<void> {
    await new Promise<void>((done, fail) => {
      const late = setTimeout(() => fail(new Error(`no frame came after ${JSON.stringify(key)}`)), 5_000);
      this.#onFrame = (frame) => {
        if (!MOVED.some((text) => frame.includes(text))) return;
        clearTimeout(late);
        done();
      };
      this.#terminal.stdin?.write(key);
    });
  }

  /** What is left on the heap after a collection, MB. */
  async heapMb(): Promise<number> {
    const file = join(this.#folder, 'heap');
    const lines = (): string[] => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
    const before = lines().length;
    process.kill(this.pid, 'SIGUSR2');
    await until('a collection', () => (lines().length > before ? true : null));
    return Number(lines().at(-1)) / 2 ** 20;
  }

  async close(): Promise<void> {
    const ended = new Promise((done) => this.#terminal.once('close', done));
    this.#terminal.kill();
    await ended;
    this.feed.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Runs something, and gives what it cost this program, the server that feeds it, and everybody else on the machine. */
async function costing(screen: Screen, run: () => Promise<number>): Promise<{ ours: number; text: string }> {
  const read = () => ({
    at: performance.now(),
    ours: processorMs(screen.pid),
    feed: processorMs(screen.feed.pid ?? 0),
    all: busyMs(),
  });
  const before = read();
  const excludedMs = await run();
  const after = read();
  const percent = (ms: number): number => (100 * ms) / (after.at - before.at);
  const ours = percent(after.ours - before.ours - excludedMs);
  const feed = percent(after.feed - before.feed);
  const all = percent(after.all - before.all);
  const load = `machine: ${cpus().length} cores, ${all.toFixed(0)} % of one busy in all, load ${loadavg()[0]?.toFixed(1)}`;
  return { ours, text: `program ${ours.toFixed(1)} % of a core, server ${feed.toFixed(1)} %; ${load}` };
}

async function keysToFrames(screen: Screen): Promise<void> {
  await sleep(WARM_UP_MS);
  const [clock, ran, waited]: [number[], number[], number[]] = [[], [], []];
  const { text } = await costing(screen, async () => {
    for (let at = 0; at < KEYS; at++) {
      const before = mainThread(screen.pid);
      const begun = performance.now();
      await screen.press(MOVES[at % MOVES.length] ?? 'j');
      clock.push(performance.now() - begun);
      const after = mainThread(screen.pid);
      ran.push(after.ranMs - before.ranMs);
      waited.push(after.waitedMs - before.waitedMs);
      await sleep(15 + (at % 13) * 2);
    }
    return 0;
  });
  console.log(`  by the clock        ${spread(clock)}`);
  console.log(`  running meanwhile   ${spread(ran)}`);
  // A program that has to wait for a processor is late through no fault of its own.
  console.log(`  waiting for a core  ${spread(waited)}`);
  console.log(`  ${text}`);
}

async function leftOpen(screen: Screen): Promise<void> {
  await sleep(FILL_UP_MS);
  const heap: number[] = [];
  const resident: number[] = [];
  const begun = { frames: screen.frames, bytes: screen.bytes, at: performance.now() };
  const { text } = await costing(screen, async () => {
    let collecting = 0;
    for (let sample = 0; sample < SAMPLES; sample++) {
      await sleep((SECONDS * 1000) / SAMPLES);
      resident.push(residentMb(screen.pid));
      const before = processorMs(screen.pid);
      heap.push(await screen.heapMb());
      collecting += processorMs(screen.pid) - before;
    }
    return collecting;
  });
  const seconds = (performance.now() - begun.at) / 1000;
  const [frames, bytes] = [screen.frames - begun.frames, screen.bytes - begun.bytes];
  console.log(`  ${text}`);
  console.log(
    `  ${(frames / seconds).toFixed(1)} frames and ${(bytes / seconds / 1024).toFixed(1)} kB a second to the terminal`,
  );
  console.log(`  heap after collection: ${growth(heap, seconds)}`);
  console.log(`  resident: ${growth(resident, seconds)}`);
}

async function measure(what: string, locks: number, everyMs: number, how: typeof leftOpen): Promise<void> {
  console.log(`${what}, ${locks} locks renewed every ${everyMs / 1000} s, ${SIZE.columns}x${SIZE.rows}`);
  const screen = await Screen.open(locks, everyMs);
  try {
    await how(screen);
  } finally {
    await screen.close();
  }
}

await measure(`key to frame, ${KEYS} keys`, 10_000, 10_000, keysToFrames);
if (SECONDS > 0) await measure(`left open for ${SECONDS} s`, 1_000, 2_000, leftOpen);
