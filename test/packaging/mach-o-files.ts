import { createHash } from 'node:crypto';

const PAGE = 0x4000;

function segment(name: string, at: number, bytes: number, sectionAt: number | null): Buffer {
  const command = Buffer.alloc(72 + (sectionAt === null ? 0 : 80));
  command.writeUInt32LE(0x19, 0);
  command.writeUInt32LE(command.length, 4);
  command.write(name, 8);
  command.writeBigUInt64LE(BigInt(at), 24);
  command.writeBigUInt64LE(BigInt(Math.ceil(bytes / PAGE) * PAGE), 32);
  command.writeBigUInt64LE(BigInt(at), 40);
  command.writeBigUInt64LE(BigInt(bytes), 48);
  if (sectionAt !== null) {
    command.writeUInt32LE(1, 64);
    command.writeUInt32LE(sectionAt, 72 + 48);
  }
  return command;
}

/** A small program for Macs with Apple Silicon: a segment of code, and one for the linker, which ends the file. */
export function machO({
  room = 4096,
  linkEditBytes = 5_003,
}: {
  room?: number;
  linkEditBytes?: number;
} = {}) {
  const commandBytes = 72 + 80 + 72;
  const code = segment('__TEXT', 0, PAGE, 32 + commandBytes + room);
  const commands = [code, segment('__LINKEDIT', PAGE, linkEditBytes, null)];
  const header = Buffer.alloc(32);
  [0xfeedfacf, 0x0100000c, 0, 2, commands.length, commandBytes].forEach((word, index) => {
    header.writeUInt32LE(word, index * 4);
  });
  const content = Buffer.alloc(PAGE + linkEditBytes, 'content ');
  content.fill(0, 0, 32 + commandBytes + room);
  Buffer.concat([header, ...commands]).copy(content);
  return content;
}

/** What macOS checks before it runs a program, read from the file alone. Throws where a part is not where it is said to be. */
export function signatureOf(file: Buffer) {
  let at = 32;
  let signature: { at: number; bytes: number } | null = null;
  let linkEditEnd = 0;
  for (let left = file.readUInt32LE(16); left > 0; left -= 1) {
    const type = file.readUInt32LE(at);
    if (type === 0x1d) signature = { at: file.readUInt32LE(at + 8), bytes: file.readUInt32LE(at + 12) };
    if (type === 0x19 && file.toString('latin1', at + 8, at + 18) === '__LINKEDIT') {
      linkEditEnd = Number(file.readBigUInt64LE(at + 40) + file.readBigUInt64LE(at + 48));
    }
    at += file.readUInt32LE(at + 4);
  }
  const commandsEndAsSaid = at === 32 + file.readUInt32LE(20);
  if (signature === null) return { commandsEndAsSaid, linkEditEnd, directory: null };
  const blob = file.subarray(signature.at, signature.at + signature.bytes);
  const directory = blob.subarray(blob.readUInt32BE(16));
  const word = (index: number): number => directory.readUInt32BE(index * 4);
  const [hashesAt, identifierAt, pages, limit] = [word(4), word(5), word(7), word(8)];
  const wrongPages = Array.from({ length: pages }, (_, page) => page).filter((page) => {
    const content = file.subarray(page * 4096, Math.min((page + 1) * 4096, limit));
    const hash = createHash('sha256').update(content).digest();
    return !hash.equals(directory.subarray(hashesAt + page * 32, hashesAt + (page + 1) * 32));
  });
  return {
    commandsEndAsSaid,
    linkEditEnd,
    directory: {
      magics: [blob.readUInt32BE(0), word(0)],
      flags: word(3),
      limit,
      signatureAt: signature.at,
      signatureEnd: signature.at + signature.bytes,
      directoryEnd: signature.at + blob.readUInt32BE(16) + word(1),
      identifier: directory.toString('latin1', identifierAt, directory.indexOf(0, identifierAt)),
      pages,
      wrongPages,
    },
  };
}
