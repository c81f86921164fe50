import * as http from 'node:http';
import * as https from 'node:https';
import type { Route } from './http-transport-dial.ts';
import { dial } from './http-transport-dial.ts';

/** Shorter than what load balancers allow, so that a request seldom meets a connection that was just closed. */
const IDLE_MS = 30_000;

function newAgent(route: Route, signal: AbortSignal): http.Agent {
  const options = { keepAlive: true, timeout: IDLE_MS };
  const agent = route.tls === null ? new http.Agent(options) : new https.Agent(options);
  agent.createConnection = (_options, callback) => {
    dial(route, signal).then(
      (stream) => callback?.(null, stream),
      // On an error no stream is looked at.
      (error: unknown) => (callback as ((error: unknown) => void) | undefined)?.(error),
    );
    return undefined;
  };
  return agent;
}

/** Kept-alive connections to one API server, all opened alike. */
export class ConnectionPool {
  readonly agent: http.Agent;
  readonly #closing = new AbortController();

  constructor(route: Route) {
    this.agent = newAgent(route, this.#closing.signal);
  }

  /** Ends what is idle now, and what is busy as soon as it is idle: for when its credentials have been replaced. */
  retire(): void {
    this.agent.keepSocketAlive = () => false;
    for (const idle of Object.values(this.agent.freeSockets)) {
      for (const socket of idle ?? []) socket.destroy();
    }
  }

  /** Ends everything. */
  close(): void {
    this.#closing.abort();
    this.agent.destroy();
  }
}
