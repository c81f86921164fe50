import { randomUUID } from 'node:crypto';
import type { Clock } from '../../app/ports.ts';
import type { Api } from '../api/api.ts';
import { localClient } from '../api/local-client.ts';
import { Elector, type ElectorOptions } from '../elector.ts';
import type { LockType } from '../resource-lock.ts';
import type { Pace } from './pace.ts';
import type { Process, Program, Surroundings } from './program.ts';

/** How one kind of process campaigns. Times are seconds of a real cluster. */
export interface Election {
  lock: LockType;
  namespace: string;
  name: string;
  leaseSeconds: number;
  renewSeconds: number;
  retrySeconds: number;
  clientGo: '0.20' | '0.36';
  releaseOnCancel: boolean;
  recordsEvents: boolean;
  /** Whether its identity ends in a UUID of the process, as client-go's users have it. */
  hasUuid: boolean;
  /** Its wall clock against the cluster's, milliseconds. */
  clockSkewMs: number;
}

/** client-go's defaults. */
export function election(options: Partial<Election> & Pick<Election, 'namespace' | 'name'>): Election {
  return {
    lock: 'leases',
    leaseSeconds: 15,
    renewSeconds: 10,
    retrySeconds: 2,
    clientGo: '0.36',
    releaseOnCancel: false,
    recordsEvents: true,
    hasUuid: true,
    clockSkewMs: 0,
    ...options,
  };
}

/** What one second of an election comes to: records know whole seconds only, and all its times stay in proportion. */
export function electionSecondMs(leaseSeconds: number, pace: Pace): number {
  return (pace.wholeSeconds(leaseSeconds) * 1_000) / leaseSeconds;
}

/** The options of an elector; a renew deadline stays shorter than its duration however fast time is. */
export function timersOf({ leaseSeconds, renewSeconds, retrySeconds }: Election, pace: Pace) {
  const second = electionSecondMs(leaseSeconds, pace);
  return {
    leaseDurationMs: Math.round(leaseSeconds * second),
    renewDeadlineMs: renewSeconds * second,
    retryPeriodMs: retrySeconds * second,
  };
}

export interface ElectingMeans {
  api: Api;
  clock: Clock;
  pace: Pace;
  /** From 0 to 1. */
  random: () => number;
}

export interface ElectingOptions {
  election: Election;
  /** The program's user agent, and so its field manager. */
  agent: string;
  /** The identity of the process that held the lock before the sandbox began, by its Pod; empty where it held none. */
  holders: ReadonlyMap<string, string>;
}

/** A program that campaigns for a lock, leads while it has it, and exits when it loses it. */
export function electing(
  means: ElectingMeans,
  { election: wanted, agent, holders }: ElectingOptions,
): Program {
  const { api, clock, pace, random } = means;
  return ({ pod, hostname, user, resumed }: Surroundings): Process => {
    const known = resumed ? holders.get(pod) : undefined;
    const identity = known ?? (wanted.hasUuid ? `${hostname}_${randomUUID()}` : hostname);
    const { lock, namespace, name, clientGo, releaseOnCancel, recordsEvents, clockSkewMs } = wanted;
    const options: ElectorOptions = {
      ...{ identity, lock, namespace, name, clientGo, releaseOnCancel, recordsEvents, clockSkewMs },
      ...timersOf(wanted, pace),
      jitter: random,
      announces: known === undefined,
    };
    const elector = new Elector(localClient(api, { user, agent }), clock, options);
    let killed = (_code: number): void => {};
    const dead = new Promise<number>((resolve) => {
      killed = resolve;
    });
    const starting = new AbortController();
    const run = async (): Promise<number> => {
      // Processes do not all start at the same moment.
      if (resumed) await clock.sleep(random() * pace.ms(wanted.retrySeconds), starting.signal);
      if (starting.signal.aborted) return 0;
      await elector.start().done;
      return 1;
    };
    return {
      get leads() {
        return elector.leading ? [identity] : [];
      },
      exited: Promise.race([run(), dead]),
      stop: async () => {
        starting.abort();
        await elector.stop();
      },
      kill: () => {
        starting.abort();
        elector.kill();
        killed(137);
      },
      freeze: () => elector.freeze(),
      thaw: () => elector.thaw(),
    };
  };
}
