import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { checkServerIdentity, createSecureContext, getCACertificates } from 'node:tls';
import { LeaderError } from '../core/errors.ts';
import type { ClientCertificate } from './auth.ts';
import type { TlsSettings } from './config-resolve.ts';

/** What the operating system trusts; where it has no such store, what Node.js was built with. */
function systemRoots(): string[] {
  const roots = getCACertificates('system');
  return roots.length > 0 ? roots : getCACertificates('bundled');
}

function checkedAuthority(ca: Buffer): Buffer {
  try {
    new X509Certificate(ca);
    return ca;
  } catch (error) {
    throw new LeaderError('config', 'unable to load root certificates: there is no PEM certificate in them', {
      hint: 'Check the certificate-authority of the cluster in the kubeconfig, or --certificate-authority.',
      cause: error,
    });
  }
}

/** TLS options for any server whose certificate the operating system's roots can vouch for. */
export function publicTls(hostname: string): ConnectionOptions {
  return {
    ca: systemRoots(),
    servername: isIP(hostname) === 0 ? hostname : '',
    checkServerIdentity: (_host, peer) => checkServerIdentity(hostname, peer),
    ALPNProtocols: ['http/1.1'],
  };
}

/**
 * TLS options for the API server at `hostname`. `certificate` replaces the configured client certificate. Throws a
 * LeaderError of code `config`, or `credentials` for an unusable client certificate.
 */
export function apiServerTls(
  settings: TlsSettings,
  hostname: string,
  certificate: ClientCertificate | null,
): ConnectionOptions {
  const client = certificate ?? settings.certificate;
  const ca = settings.ca === null ? null : checkedAuthority(settings.ca);
  const name = settings.serverName || hostname;
  try {
    return {
      secureContext: createSecureContext({
        ...(settings.insecure ? {} : { ca: ca ?? systemRoots() }),
        ...(client === null ? {} : { cert: client.cert, key: client.key }),
      }),
      // An address cannot be sent as a name, but the certificate is checked against it all the same.
      servername: isIP(name) === 0 ? name : '',
      checkServerIdentity: (_host, peer) => checkServerIdentity(name, peer),
      rejectUnauthorized: !settings.insecure,
      ALPNProtocols: ['http/1.1'],
    };
  } catch (error) {
    throw new LeaderError(
      certificate === null ? 'config' : 'credentials',
      'unable to load the client certificate: certificate and key are damaged, or do not belong together',
      {
        hint: 'Check the client-certificate and client-key of the user, or what the exec plugin returns.',
        cause: error,
      },
    );
  }
}
