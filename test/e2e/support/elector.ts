import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LockType } from '../../support/fake-resource-lock.ts';
import type { ApiAccess } from './api-access.ts';
import { Child, type ExitStatus } from './child-process.ts';
import { findOnPath } from './find-on-path.ts';

/** Long enough for a standby that has to wait out a whole term on a busy machine. */
const PATIENCE_MS = 60_000;

/** A candidate in a process of its own, with the real client-go elector. */
export interface RunningElector {
  pid: number;
  /** Everything it printed. */
  lines: readonly string[];
  /** `leading` and `stopped` are about itself; `leader`: it saw somebody (`identity`, if given) lead. */
  until(what: 'leading' | 'stopped' | 'leader', options?: { identity?: string; ms?: number }): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  exited: Promise<ExitStatus>;
  /** Ends it, whatever state it is in. */
  stop(): Promise<void>;
}

export interface ElectorOptions {
  assets: string;
  kubeconfig: string;
  lock: LockType;
  namespace: string;
  name: string;
  identity: string;
  /** Go durations: 15s, 10s and 2s by default. */
  leaseDuration?: string;
  renewDeadline?: string;
  retryPeriod?: string;
  releaseOnCancel?: boolean;
  /** Its user agent, and so its field manager. */
  agent?: string;
}

/** Whether the folder has the program: setup-envtest brings etcd, kube-apiserver and kubectl only. */
export function hasAsset(assets: string, program: 'elector' | 'kube-controller-manager'): boolean {
  return existsSync(join(assets, program));
}

/** Whether there are a control plane with the elector, and these programs on the PATH. */
export function canElect(shared: ApiAccess | null, ...programs: readonly string[]): shared is ApiAccess {
  const assets = shared?.coordinates.assets;
  return (
    assets !== undefined && hasAsset(assets, 'elector') && programs.every((one) => findOnPath(one) !== null)
  );
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function running(
  child: Child,
  patterns: (identity: string | undefined) => Record<string, RegExp>,
): RunningElector {
  return {
    pid: child.pid,
    lines: child.lines,
    until: async (what, { identity, ms = PATIENCE_MS } = {}) => {
      await child.line(patterns(identity)[what] as RegExp, ms);
    },
    signal: (signal) => child.signal(signal),
    exited: child.exited,
    stop: () => child.stop(),
  };
}

/** Starts the elector that campaigns for one lock of any type. */
export function startElector(options: ElectorOptions): RunningElector {
  const flags = {
    kubeconfig: options.kubeconfig,
    lock: options.lock,
    namespace: options.namespace,
    name: options.name,
    id: options.identity,
    'lease-duration': options.leaseDuration,
    'renew-deadline': options.renewDeadline,
    'retry-period': options.retryPeriod,
    agent: options.agent,
  };
  const args = Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : [`-${flag}`, value],
  );
  if (options.releaseOnCancel) args.push('-release-on-cancel');
  const child = new Child(`elector ${options.identity}`, join(options.assets, 'elector'), args);
  const self = escaped(options.identity);
  return running(child, (identity) => ({
    leading: new RegExp(`^leading ${self}$`),
    stopped: new RegExp(`^stopped ${self}$`),
    leader: identity === undefined ? /^leader \S/ : new RegExp(`^leader ${escaped(identity)}$`),
  }));
}

export interface ControllerManagerOptions {
  assets: string;
  kubeconfig: string;
  /** Which kind of lock it campaigns for; not every release knows every kind. */
  lock: LockType;
  /** Its host name, and so the first part of its identity, where this machine allows host names of one's own. */
  hostname: string;
}

/**
 * Starts a real kube-controller-manager that campaigns for `kube-system/kube-controller-manager` as
 * `<hostname>_<uuid>` and does nothing else. Rejects when this release does not know the kind of lock.
 */
export async function startControllerManager(options: ControllerManagerOptions): Promise<RunningElector> {
  const program = join(options.assets, 'kube-controller-manager');
  const { stdout: help } = await promisify(execFile)(program, ['--help'], { maxBuffer: 8 << 20 });
  const kinds = /--leader-elect-resource-lock.*?(?=\n\s+--)/s.exec(help)?.[0] ?? '';
  if (!kinds.includes(`'${options.lock}'`)) {
    throw new Error(`this kube-controller-manager cannot elect through ${options.lock}`);
  }
  const args = [
    ...['--kubeconfig', options.kubeconfig, '--leader-elect', '--controllers=bootstrapsigner'],
    ...[`--leader-elect-resource-lock=${options.lock}`, '--secure-port', '0'],
    ...(/\s--port int/.test(help) ? ['--port', '0'] : []),
  ];
  const unshare = findOnPath('unshare');
  const named = unshare !== null && spawnSync(unshare, ['--uts', 'true']).status === 0;
  const script = 'hostname "$0" && exec "$@"';
  const child = named
    ? new Child(`kube-controller-manager ${options.hostname}`, unshare, [
        ...['--uts', 'sh', '-c', script, options.hostname, program, ...args],
      ])
    : new Child('kube-controller-manager', program, args);
  return running(child, (identity) => ({
    leading: /successfully acquired lease/,
    stopped: /leaderelection lost|failed to renew lease/,
    leader: identity === undefined ? /is held by|new leader/ : new RegExp(`held by ${escaped(identity)}`),
  }));
}
