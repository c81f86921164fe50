import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate authority with a server certificate and a client certificate, in a temporary folder. */
export interface Certificates {
  folder: string;
  path(name: string): string;
  pem(name: string): Buffer;
  base64(name: string): string;
  remove(): void;
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
/** Whom the server certificate is for. */
const NAMES = 'IP:127.0.0.1,DNS:localhost,DNS:api.example';

/** `ca.crt`; `server.crt` and `.key` for 127.0.0.1, localhost and api.example; `jane.crt` and `john.crt` with keys. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'leader-certificates-'));
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  };
  openssl('req', '-x509', ...EC, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test-ca', '-days', '2');
  writeFileSync(path('server.ext'), `subjectAltName=${NAMES}\n`);
  writeFileSync(path('client.ext'), 'extendedKeyUsage=clientAuth\n');
  for (const [name, extensions] of [
    ['server', 'server.ext'],
    ['jane', 'client.ext'],
    ['john', 'client.ext'],
  ] as const) {
    openssl('req', ...EC, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.crt`, '-extfile', extensions);
  }
  const pem = (name: string): Buffer => readFileSync(path(name));
  return {
    folder,
    path,
    pem,
    base64: (name) => pem(name).toString('base64'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
