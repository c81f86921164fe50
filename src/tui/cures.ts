import { examineLock } from '../app/examine-lock.ts';
import { findLock } from '../app/find-lock.ts';
import { isLeaderError } from '../core/errors.ts';
import { lockId } from '../core/lock.ts';
import type { Cure, Proposal } from './cure.ts';
import { type Means, PREPARE, type Prepared, type Tell } from './cure-work.ts';

interface Session {
  readonly leaving: AbortController;
  readonly tell: Tell;
  carryOut: Prepared['carryOut'];
}

/** Examines locks and carries out what was confirmed, beside each other, and tells how that goes. */
export class Cures {
  readonly #means: Means;
  readonly #fail: (error: unknown) => void;
  readonly #sessions = new Map<number, Session>();
  readonly #running = new Set<Promise<void>>();

  /** `fail` hears of what nobody foresaw. */
  constructor(means: Means, fail: (error: unknown) => void) {
    this.#means = means;
    this.#fail = fail;
  }

  examine({ session, verb, ref, strategy }: Omit<Cure, 'stage'>, tell: Tell): void {
    const one: Session = { leaving: new AbortController(), tell, carryOut: null };
    this.#sessions.set(session, one);
    this.#run(one, async ({ signal }) => {
      const { cluster, clock } = this.#means;
      const look = await findLock(cluster, clock, lockId(ref), { namespace: null }, signal);
      const watched: Parameters<typeof examineLock>[5] = (progress) => tell({ is: 'watching', progress });
      const examined = await examineLock(cluster, clock, look, { observeMs: null }, signal, watched);
      const { news, carryOut } = await PREPARE[verb](this.#means, examined, strategy, signal);
      one.carryOut = carryOut;
      tell(news);
    });
  }

  /** Does what was proposed in this session, once. */
  carryOut(session: number, proposal: Proposal): void {
    const one = this.#sessions.get(session);
    const carryOut = one?.carryOut ?? null;
    if (one === undefined || carryOut === null) return;
    one.carryOut = null;
    this.#run(one, ({ signal }) =>
      carryOut(proposal, signal, one.tell).finally(() => this.#sessions.delete(session)),
    );
  }

  /** Ends a session; what was written already is brought to its end, and told. */
  abandon(session: number): void {
    this.#sessions.get(session)?.leaving.abort();
    this.#sessions.delete(session);
  }

  /** Ends all of them, and resolves when the last one is at its end. */
  async end(): Promise<void> {
    for (const session of [...this.#sessions.keys()]) this.abandon(session);
    await Promise.all(this.#running);
  }

  #run(session: Session, work: (leaving: AbortController) => Promise<void>): void {
    const running = work(session.leaving)
      .catch((error: unknown) => {
        if (isLeaderError(error)) session.tell({ is: 'failed', error });
        else this.#fail(error);
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }
}
