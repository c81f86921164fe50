import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

/** A file of an archive. Nothing else may be in one that krew unpacks. */
export interface ArchiveEntry {
  name: string;
  content: Buffer;
  executable: boolean;
}

// The same content gives the same archive: 2020-01-01T00:00:00Z, which every unpacker takes for a possible time.
const MODIFIED = 1_577_836_800;
const DOS_DATE = ((2020 - 1980) << 9) | (1 << 5) | 1;

const TAR_BLOCK = 512;
const BEST = { level: 9 } as const;

function mode({ executable }: ArchiveEntry): number {
  return executable ? 0o755 : 0o644;
}

function tarHeader(entry: ArchiveEntry): Buffer {
  const header = Buffer.alloc(TAR_BLOCK);
  if (Buffer.byteLength(entry.name) > 100) throw new Error(`too long for an archive: ${entry.name}`);
  const octal = (value: number, at: number, digits: number): void => {
    header.write(`${value.toString(8).padStart(digits, '0')}\0`, at, 'latin1');
  };
  header.write(entry.name, 0);
  octal(mode(entry), 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(entry.content.length, 124, 11);
  octal(MODIFIED, 136, 11);
  header.write('        0', 148, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** A gzipped tar archive of plain files. */
export function tarGz(entries: readonly ArchiveEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const fill = (TAR_BLOCK - (entry.content.length % TAR_BLOCK)) % TAR_BLOCK;
    return [tarHeader(entry), entry.content, Buffer.alloc(fill)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * TAR_BLOCK)]), BEST);
}

const MADE_ON_UNIX = (3 << 8) | 20;
const REGULAR_FILE = 0o100000;

/** The part that a file's own header and its entry in the directory share. */
function zipFacts({ name, content }: ArchiveEntry, packed: Buffer): Buffer {
  const facts = Buffer.alloc(26);
  [20, 0x800, 8, 0, DOS_DATE].forEach((value, index) => {
    facts.writeUInt16LE(value, index * 2);
  });
  [crc32(content), packed.length, content.length].forEach((value, index) => {
    facts.writeUInt32LE(value, 10 + index * 4);
  });
  facts.writeUInt16LE(Buffer.byteLength(name), 22);
  return facts;
}

/** A zip archive of plain files, with their modes. */
export function zip(entries: readonly ArchiveEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const packed = deflateRawSync(entry.content, BEST);
    const [name, facts] = [Buffer.from(entry.name), zipFacts(entry, packed)];
    const listed = Buffer.alloc(46);
    listed.writeUInt32LE(0x02014b50, 0);
    listed.writeUInt16LE(MADE_ON_UNIX, 4);
    facts.copy(listed, 6);
    listed.writeUInt32LE(((REGULAR_FILE | mode(entry)) << 16) >>> 0, 38);
    listed.writeUInt32LE(at, 42);
    directory.push(listed, name);
    const file = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), facts, name, packed]);
    files.push(file);
    at += file.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, list, end]);
}
