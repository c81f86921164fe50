import { describe, expect, test } from 'vitest';
import { signedMachO, withoutMachOSignature } from '../../scripts/package/mach-o.ts';
import { withoutCertificate } from '../../scripts/package/portable-executable.ts';
import { machO, signatureOf } from './mach-o-files.ts';

describe('a signed program for macOS', () => {
  const signed = signedMachO(machO(), 'kubectl-leader');

  test('has an ad-hoc signature at its end, over every page before it', () => {
    const { commandsEndAsSaid, linkEditEnd, directory } = signatureOf(signed);
    expect({ commandsEndAsSaid, linkEditEnd }).toEqual({
      commandsEndAsSaid: true,
      linkEditEnd: signed.length,
    });
    expect(directory).toEqual({
      magics: [0xfade0cc0, 0xfade0c02],
      flags: 0x20002,
      limit: directory?.signatureAt,
      signatureAt: expect.any(Number),
      signatureEnd: signed.length,
      directoryEnd: signed.length,
      identifier: 'kubectl-leader',
      pages: Math.ceil((directory?.limit ?? 0) / 4096),
      wrongPages: [],
    });
    expect((directory?.limit ?? 1) % 16).toBe(0);
  });

  test('fails the check once a byte of it is changed', () => {
    const changed = Buffer.from(signed);
    changed[0x4100] = 0;
    expect(signatureOf(changed).directory?.wrongPages).toEqual([4]);
  });

  test('can be signed again, and comes out the same', () => {
    expect(signedMachO(signed, 'kubectl-leader').equals(signed)).toBe(true);
  });

  test('loses its signature whole', () => {
    const bare = withoutMachOSignature(signed);
    expect(signatureOf(bare)).toEqual({ commandsEndAsSaid: true, linkEditEnd: bare.length, directory: null });
    expect(withoutMachOSignature(bare)).toBe(bare);
  });

  test('is refused where it cannot be made', () => {
    expect(() => signedMachO(machO({ room: 15 }), 'x')).toThrow('no room for the load command');
    expect(signatureOf(signedMachO(machO({ room: 16 }), 'x')).directory?.wrongPages).toEqual([]);
    expect(() => signedMachO(Buffer.alloc(64), 'x')).toThrow('not a 64-bit Mach-O file');
    expect(() => withoutMachOSignature(Buffer.concat([signed, Buffer.alloc(1)]))).toThrow('not at its end');
  });
});

/** A Windows program with a certificate of so many bytes behind it. */
function windowsProgram(certificateBytes: number): Buffer {
  const program = Buffer.alloc(1024, 1);
  program.writeUInt32LE(0x80, 0x3c);
  program.write('PE\0\0', 0x80, 'latin1');
  program.writeUInt16LE(0x20b, 0x98);
  program.writeUInt32LE(0x1234, 0x98 + 64);
  program.writeUInt32LE(certificateBytes === 0 ? 0 : program.length, 0x98 + 112 + 32);
  program.writeUInt32LE(certificateBytes, 0x98 + 112 + 36);
  return Buffer.concat([program, Buffer.alloc(certificateBytes, 2)]);
}

describe('a program for Windows', () => {
  test.each([0, 64])('with %i bytes of certificates has none, and no checksum, afterwards', (bytes) => {
    const bare = withoutCertificate(windowsProgram(bytes));
    expect(bare.length).toBe(1024);
    expect([bare.readUInt32LE(0x98 + 64), bare.readBigUInt64LE(0x98 + 144)]).toEqual([0, 0n]);
    expect(bare.subarray(0x98 + 152).equals(windowsProgram(0).subarray(0x98 + 152))).toBe(true);
  });

  test('is refused if something follows its certificates, or it is no such program', () => {
    const followed = Buffer.concat([windowsProgram(64), Buffer.alloc(8)]);
    expect(() => withoutCertificate(followed)).toThrow('not at its end');
    expect(() => withoutCertificate(Buffer.alloc(1024))).toThrow('not a Windows executable');
  });
});
