import { parseRfc3339 } from '../core/time.ts';
import type { Credential } from './auth.ts';
import { textOf } from './wire-objects.ts';

/** What a plugin replied: a credential, and until when it is good (milliseconds since the epoch; null: for ever). */
export interface ExecReply {
  credential: Credential;
  expiresAt: number | null;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
}

/**
 * Reads an ExecCredential of `apiVersion`. Where it is none, the result is the reason, in kubectl's words; the output
 * itself is never quoted, as it may hold a token.
 */
export function readExecReply(stdout: string, apiVersion: string): ExecReply | string {
  let reply: Readonly<Record<string, unknown>> | null;
  try {
    reply = objectOf(JSON.parse(stdout));
  } catch {
    reply = null;
  }
  if (reply === null) return 'decoding stdout: it is not a JSON object';
  if (reply['kind'] !== 'ExecCredential') return 'decoding stdout: it is no object of kind ExecCredential';
  if (reply['apiVersion'] !== apiVersion) {
    const returned = textOf(reply['apiVersion']);
    return `exec plugin is configured to use API version ${apiVersion}, plugin returned version ${returned}`;
  }
  const status = objectOf(reply['status']);
  if (status === null) return "exec plugin didn't return a status field";
  const token = textOf(status['token']);
  const cert = textOf(status['clientCertificateData']);
  const key = textOf(status['clientKeyData']);
  if (token === '' && cert === '' && key === '') return "exec plugin didn't return a token or cert/key pair";
  if ((cert === '') !== (key === '')) return 'exec plugin returned only certificate or key, not both';
  const expiry = status['expirationTimestamp'] ?? null;
  const expiresAt = parseRfc3339(expiry);
  if (expiry !== null && expiresAt === null) return 'decoding stdout: expirationTimestamp is not a time';
  return {
    credential: {
      authorization: token === '' ? null : `Bearer ${token}`,
      certificate: cert === '' ? null : { cert, key },
    },
    expiresAt,
  };
}
