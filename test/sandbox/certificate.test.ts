import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../src/sandbox/api/certificate.ts';

describe('the certificate of the sandbox', () => {
  it('is for 127.0.0.1 and localhost, is its own authority, and no two are alike', () => {
    const now = Date.UTC(2026, 5, 1);
    const made = makeCertificate(now);
    const certificate = new X509Certificate(made.certificate);
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkHost('example.com')).toBeUndefined();
    expect([
      certificate.ca,
      certificate.checkIssued(certificate),
      certificate.verify(certificate.publicKey),
    ]).toEqual([true, true, true]);
    expect(certificate.validFromDate.getTime()).toBeLessThan(now);
    expect(certificate.validToDate.getTime()).toBeGreaterThan(now + 86_400_000);
    expect(makeCertificate(now).certificate).not.toBe(made.certificate);
  });
});
