import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Certificates } from './certificates.ts';

/** One request as the server saw it. */
export interface Recorded {
  method: string;
  url: string;
  authorization: string | null;
  /** `name: value`, one for each header line, names in lower case, sorted. */
  impersonation: string[];
  /** The common name of the client certificate. */
  certificate: string | null;
  serverName: string | null;
  headers: http.IncomingHttpHeaders;
  body: string;
  /** The same number for the same connection. */
  connection: number;
}

type Answer = (request: http.IncomingMessage, response: http.ServerResponse, recorded: Recorded) => void;

export interface RecordingServer {
  port: number;
  url: string;
  seen: Recorded[];
  /** How to answer from now on; until then every request gets 200 and `{}`. */
  answer: Answer;
  close(): Promise<void>;
}

function impersonationOf(request: http.IncomingMessage): string[] {
  const lines: string[] = [];
  request.rawHeaders.forEach((name, index) => {
    if (index % 2 !== 0 || !/^impersonate-/i.test(name)) return;
    lines.push(`${name.toLowerCase()}: ${request.rawHeaders[index + 1]}`);
  });
  return lines.sort();
}

function certificateOf(socket: Socket | TLSSocket): Pick<Recorded, 'certificate' | 'serverName'> {
  if (!('getPeerCertificate' in socket)) return { certificate: null, serverName: null };
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return {
    certificate: typeof name === 'string' ? name : null,
    serverName: typeof socket.servername === 'string' ? socket.servername : null,
  };
}

/** An API server that writes down what it is asked: with TLS, or without if there are no certificates. */
export async function startRecordingServer(certificates: Certificates | null): Promise<RecordingServer> {
  const connections = new Map<Socket, number>();
  const handle = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    const known = connections.get(request.socket) ?? connections.size + 1;
    connections.set(request.socket, known);
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const recorded: Recorded = {
        method: request.method ?? '',
        url: request.url ?? '',
        authorization: request.headers.authorization ?? null,
        impersonation: impersonationOf(request),
        ...certificateOf(request.socket),
        headers: request.headers,
        body,
        connection: known,
      };
      recording.seen.push(recorded);
      recording.answer(request, response, recorded);
    });
  };
  const server =
    certificates === null
      ? http.createServer(handle)
      : https.createServer(
          {
            key: certificates.pem('server.key'),
            cert: certificates.pem('server.crt'),
            ca: certificates.pem('ca.crt'),
            requestCert: true,
            rejectUnauthorized: false,
          },
          handle,
        );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const recording: RecordingServer = {
    port,
    url: `${certificates === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    seen: [],
    answer: (_request, response) => response.end('{}'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return recording;
}
