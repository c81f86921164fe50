import type { IncomingHttpHeaders } from 'node:http';

/** One HTTP request to the API server. Path and query only: where it goes is the transport's business. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute, escaped: `/apis/coordination.k8s.io/v1/leases`. */
  path: string;
  query?: URLSearchParams;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** A watch: its answer goes on and on, so no limit on the time of the whole answer other than --request-timeout. */
  streaming?: boolean;
  signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** The decompressed body. Not reading it to its end keeps the connection busy: read it or `discard()`. */
  body: AsyncIterable<Uint8Array>;
  discard(): void;
}

/** Sends requests to one API server with one set of credentials. Rejects with a LeaderError when no answer came. */
export interface Transport {
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Ends idle connections, so that the process can end. */
  close(): void;
}
