/** Executables of Windows, as far as their signature goes. */

const PE32_PLUS = 0x20b;
const HEADER_POINTER = 0x3c;
const OPTIONAL_HEADER = 24;
const CHECKSUM = 64;
const DATA_DIRECTORIES = 112;
const DIRECTORY_BYTES = 8;
const CERTIFICATE_TABLE = 4;

/** The file without its signature, which would be wrong once something is added. Throws if that is not at its end. */
export function withoutCertificate(original: Buffer): Buffer {
  const header = original.readUInt32LE(HEADER_POINTER);
  if (original.toString('latin1', header, header + 4) !== 'PE\0\0')
    throw new Error('not a Windows executable');
  const optional = header + OPTIONAL_HEADER;
  if (original.readUInt16LE(optional) !== PE32_PLUS) throw new Error('not a 64-bit Windows executable');
  const entry = optional + DATA_DIRECTORIES + CERTIFICATE_TABLE * DIRECTORY_BYTES;
  const start = original.readUInt32LE(entry);
  const bytes = original.readUInt32LE(entry + 4);
  if (bytes !== 0 && start + bytes !== original.length) {
    throw new Error('the certificates of the Windows executable are not at its end');
  }
  const file = Buffer.from(bytes === 0 ? original : original.subarray(0, start));
  file.fill(0, entry, entry + DIRECTORY_BYTES);
  // Zero says that there is none; only drivers need one.
  file.writeUInt32LE(0, optional + CHECKSUM);
  return file;
}
