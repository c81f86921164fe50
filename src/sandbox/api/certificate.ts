import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate for 127.0.0.1 that is its own authority, and its key, both as PEM. */
export interface Certificate {
  certificate: string;
  key: string;
}

const VALID_MS = 30 * 86_400_000;

/** One value of DER: its tag, its length, its content. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts);
const bytes = (...values: number[]): Buffer => Buffer.from(values);

/** An object identifier: the first two numbers in one byte, the others in groups of seven bits. */
function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const encoded = rest.flatMap((number) => {
    const groups = [number & 0x7f];
    for (let left = number >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(0x06, bytes(first * 40 + second, ...encoded));
}

function utcTime(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]/g, '');
  return der(0x17, Buffer.from(`${digits.slice(2, 14)}Z`));
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(isCritical ? [der(0x01, bytes(0xff))] : []), der(0x04, value));
}

const NAME = sequence(der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from('kubectl-leader-demo')))));

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

const EXTENSIONS = sequence(
  // Basic constraints: an authority, with nobody below it.
  extension('2.5.29.19', true, sequence(der(0x01, bytes(0xff)), der(0x02, bytes(0)))),
  // Key usage: digital signature, certificate signing.
  extension('2.5.29.15', true, der(0x03, bytes(2, 0x84))),
  // Extended key usage: server authentication.
  extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))),
  // Alternative names: localhost, 127.0.0.1.
  extension(
    '2.5.29.17',
    false,
    sequence(der(0x82, Buffer.from('localhost')), der(0x87, bytes(127, 0, 0, 1))),
  ),
);

function pem(label: string, content: Buffer): string {
  const lines = content.toString('base64').replace(/.{64}/g, '$&\n').trim();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function signed(publicKey: KeyObject, privateKey: KeyObject, now: number): Buffer {
  const serial = Buffer.concat([bytes(0x01), randomBytes(15)]);
  const body = sequence(
    der(0xa0, der(0x02, bytes(2))),
    der(0x02, serial),
    ECDSA_WITH_SHA256,
    NAME,
    sequence(utcTime(now - 86_400_000), utcTime(now + VALID_MS)),
    NAME,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, EXTENSIONS),
  );
  return sequence(body, ECDSA_WITH_SHA256, der(0x03, bytes(0), sign('sha256', body, privateKey)));
}

/** Makes a certificate that nobody else has. `now`: wall clock, milliseconds. */
export function makeCertificate(now: number): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    certificate: pem('CERTIFICATE', signed(publicKey, privateKey, now)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
