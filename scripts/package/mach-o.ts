import { createHash } from 'node:crypto';

/**
 * 64-bit Mach-O files, as far as an ad-hoc signature needs it: Apple Silicon runs nothing that is not signed, and there
 * is no signing tool but on a Mac. The layout is that of the signatures that Apple's and LLVM's linkers write.
 */

const MAGIC = 0xfeedfacf;
const HEADER_BYTES = 32;
const SEGMENT = 0x19;
const CODE_SIGNATURE = 0x1d;
const CODE_SIGNATURE_BYTES = 16;
const SIGNATURE_ALIGNMENT = 16;
const CPU_ARM64 = 0x0100000c;

const SUPER_BLOB = 0xfade0cc0;
const SUPER_BLOB_BYTES = 20;
const CODE_DIRECTORY = 0xfade0c02;
const CODE_DIRECTORY_BYTES = 88;
const CODE_DIRECTORY_VERSION = 0x20400;
const ADHOC_AND_LINKER_SIGNED = 0x20002;
const SHA256 = 2;
const HASH_BYTES = 32;
const PAGE_BITS = 12;
const MAIN_BINARY = 1n;

interface LoadCommand {
  type: number;
  at: number;
  bytes: number;
}

interface Segment {
  at: number;
  name: string;
  fileOffset: number;
  fileBytes: number;
}

function loadCommands(file: Buffer): LoadCommand[] {
  if (file.readUInt32LE(0) !== MAGIC) throw new Error('not a 64-bit Mach-O file');
  const commands: LoadCommand[] = [];
  let at = HEADER_BYTES;
  for (let left = file.readUInt32LE(16); left > 0; left -= 1) {
    const bytes = file.readUInt32LE(at + 4);
    commands.push({ type: file.readUInt32LE(at), at, bytes });
    at += bytes;
  }
  return commands;
}

function segments(file: Buffer): Segment[] {
  return loadCommands(file)
    .filter(({ type }) => type === SEGMENT)
    .map(({ at }) => ({
      at,
      name: file.toString('latin1', at + 8, at + 24).replace(/\0.*$/s, ''),
      fileOffset: Number(file.readBigUInt64LE(at + 40)),
      fileBytes: Number(file.readBigUInt64LE(at + 48)),
    }));
}

function segment(file: Buffer, name: string): Segment {
  const found = segments(file).find((each) => each.name === name);
  if (found === undefined) throw new Error(`the Mach-O file has no segment ${name}`);
  return found;
}

/** Where the first section's content begins: load commands may grow up to there. */
function firstContent(file: Buffer): number {
  const offsets = segments(file).flatMap(({ at }) => {
    const sections = file.readUInt32LE(at + 64);
    return Array.from({ length: sections }, (_, index) => file.readUInt32LE(at + 72 + index * 80 + 48));
  });
  return Math.min(...offsets.filter((offset) => offset > 0));
}

/** Lets the last segment end where the file does. */
function endLinkEdit(file: Buffer, end: number): void {
  const { at, fileOffset } = segment(file, '__LINKEDIT');
  const page = file.readUInt32LE(4) === CPU_ARM64 ? 0x4000 : 0x1000;
  const bytes = end - fileOffset;
  file.writeBigUInt64LE(BigInt(Math.ceil(bytes / page) * page), at + 32);
  file.writeBigUInt64LE(BigInt(bytes), at + 48);
}

/** The file without its signature; itself if it has none. */
export function withoutMachOSignature(original: Buffer): Buffer {
  const commands = loadCommands(original);
  const found = commands.find(({ type }) => type === CODE_SIGNATURE);
  const last = commands.at(-1);
  if (found === undefined || last === undefined) return original;
  const start = original.readUInt32LE(found.at + 8);
  if (start + original.readUInt32LE(found.at + 12) !== original.length) {
    throw new Error('the signature of the Mach-O file is not at its end');
  }
  const file = Buffer.from(original.subarray(0, start));
  const end = last.at + last.bytes;
  file.copyWithin(found.at, found.at + found.bytes, end);
  file.fill(0, end - found.bytes, end);
  file.writeUInt32LE(commands.length - 1, 16);
  file.writeUInt32LE(file.readUInt32LE(20) - found.bytes, 20);
  endLinkEdit(file, start);
  return file;
}

function codeDirectory(code: Buffer, identifier: string): Buffer {
  const name = Buffer.from(`${identifier}\0`);
  const pageBytes = 2 ** PAGE_BITS;
  const pages = Math.ceil(code.length / pageBytes);
  const hashesAt = CODE_DIRECTORY_BYTES + name.length;
  const text = segment(code, '__TEXT');
  const directory = Buffer.alloc(hashesAt + pages * HASH_BYTES);
  const words = [
    ...[CODE_DIRECTORY, directory.length, CODE_DIRECTORY_VERSION, ADHOC_AND_LINKER_SIGNED],
    ...[hashesAt, CODE_DIRECTORY_BYTES, 0, pages, code.length],
  ];
  words.forEach((word, index) => {
    directory.writeUInt32BE(word, index * 4);
  });
  directory.set([HASH_BYTES, SHA256, 0, PAGE_BITS], 36);
  directory.writeBigUInt64BE(BigInt(text.fileOffset), 64);
  directory.writeBigUInt64BE(BigInt(text.fileBytes), 72);
  directory.writeBigUInt64BE(MAIN_BINARY, 80);
  name.copy(directory, CODE_DIRECTORY_BYTES);
  for (let page = 0; page < pages; page += 1) {
    const content = code.subarray(page * pageBytes, (page + 1) * pageBytes);
    createHash('sha256')
      .update(content)
      .digest()
      .copy(directory, hashesAt + page * HASH_BYTES);
  }
  return directory;
}

/** The file with an ad-hoc signature, instead of the one it may have: enough to be run, not to be notarised. */
export function signedMachO(original: Buffer, identifier: string): Buffer {
  const unsigned = withoutMachOSignature(original);
  const padding = Buffer.alloc(
    (SIGNATURE_ALIGNMENT - (unsigned.length % SIGNATURE_ALIGNMENT)) % SIGNATURE_ALIGNMENT,
  );
  const code = Buffer.concat([unsigned, padding]);
  const commands = loadCommands(code);
  const commandAt = HEADER_BYTES + code.readUInt32LE(20);
  if (commandAt + CODE_SIGNATURE_BYTES > firstContent(code)) {
    throw new Error('the Mach-O file has no room for the load command of a signature');
  }
  const pages = Math.ceil(code.length / 2 ** PAGE_BITS);
  const directoryBytes = CODE_DIRECTORY_BYTES + Buffer.byteLength(identifier) + 1 + pages * HASH_BYTES;
  const signatureBytes = SUPER_BLOB_BYTES + directoryBytes;
  [CODE_SIGNATURE, CODE_SIGNATURE_BYTES, code.length, signatureBytes].forEach((word, index) => {
    code.writeUInt32LE(word, commandAt + index * 4);
  });
  code.writeUInt32LE(commands.length + 1, 16);
  code.writeUInt32LE(code.readUInt32LE(20) + CODE_SIGNATURE_BYTES, 20);
  endLinkEdit(code, code.length + signatureBytes);
  // The header is part of what is hashed: it had to be finished first.
  const superBlob = Buffer.alloc(SUPER_BLOB_BYTES);
  [SUPER_BLOB, signatureBytes, 1, 0, SUPER_BLOB_BYTES].forEach((word, index) => {
    superBlob.writeUInt32BE(word, index * 4);
  });
  return Buffer.concat([code, superBlob, codeDirectory(code, identifier)]);
}
