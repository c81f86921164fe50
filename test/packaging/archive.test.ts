import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, gunzipSync, inflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { type ArchiveEntry, tarGz, zip } from '../../scripts/package/archive.ts';

const ENTRIES: ArchiveEntry[] = [
  { name: 'kubectl-leader', content: Buffer.alloc(70_000, 'program '), executable: true },
  { name: 'LICENSE', content: Buffer.from('words\n'), executable: false },
  { name: 'empty', content: Buffer.alloc(0), executable: false },
];

const folder = mkdtempSync(join(tmpdir(), 'kubectl-leader-archive-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a tar archive', () => {
  test('is unpacked by tar to the same files, with their modes', () => {
    writeFileSync(join(folder, 'x.tar.gz'), tarGz(ENTRIES));
    execFileSync('tar', ['-xzf', 'x.tar.gz'], { cwd: folder });
    for (const { name, content, executable } of ENTRIES) {
      expect(readFileSync(join(folder, name)).equals(content)).toBe(true);
      expect((statSync(join(folder, name)).mode & 0o111) !== 0).toBe(executable);
    }
  });

  test('has plain files only, which is all that krew takes', () => {
    const listed = execFileSync('tar', ['-tvzf', 'x.tar.gz'], { cwd: folder, encoding: 'utf8' });
    expect(
      listed
        .trimEnd()
        .split('\n')
        .map((line) => line[0]),
    ).toEqual(['-', '-', '-']);
  });

  test('is whole blocks, two empty ones at the end', () => {
    const tar = gunzipSync(tarGz(ENTRIES));
    expect(tar.length % 512).toBe(0);
    expect(tar.subarray(-1024).every((byte) => byte === 0)).toBe(true);
  });

  test('refuses a name that would be cut', () => {
    const entry = { name: 'x'.repeat(101), content: Buffer.alloc(1), executable: false };
    expect(() => tarGz([entry])).toThrow('too long for an archive');
  });
});

describe('a zip archive', () => {
  test('has the same files, with their modes and checksums, where its directory says', () => {
    const archive = zip(ENTRIES);
    const end = archive.length - 22;
    expect(archive.toString('latin1', end, end + 4)).toBe('PK\x05\x06');
    let at = archive.readUInt32LE(end + 16);
    for (const { name, content, executable } of ENTRIES) {
      expect(archive.toString('latin1', at, at + 4)).toBe('PK\x01\x02');
      expect(archive.readUInt32LE(at + 38) >>> 16).toBe(executable ? 0o100755 : 0o100644);
      expect(archive.toString('utf8', at + 46, at + 46 + archive.readUInt16LE(at + 28))).toBe(name);
      const file = archive.readUInt32LE(at + 42);
      expect(archive.toString('latin1', file, file + 4)).toBe('PK\x03\x04');
      expect(archive.subarray(file + 4, file + 30)).toEqual(archive.subarray(at + 6, at + 32));
      const packed = file + 30 + Buffer.byteLength(name);
      const unpacked = inflateRawSync(archive.subarray(packed, packed + archive.readUInt32LE(file + 18)));
      expect(unpacked.equals(content)).toBe(true);
      expect(archive.readUInt32LE(file + 14)).toBe(crc32(content));
      at += 46 + Buffer.byteLength(name);
    }
    expect(at).toBe(end);
  });
});

test.each([
  ['tar', tarGz],
  ['zip', zip],
])('the same files give the same %s archive', (_kind, pack) => {
  expect(pack(ENTRIES).equals(pack(ENTRIES))).toBe(true);
});
