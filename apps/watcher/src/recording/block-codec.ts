import { crc32 } from 'node:zlib';

/**
 * A recording begins with 6 bytes, `LTREC` and the version of the format, and goes on in blocks. All numbers are
 * big-endian.
 *
 * Block header (16 bytes): length of the block as stored u32, length unpacked u32, CRC-32 of the stored bytes, CRC-32 of the
 * 12 bytes before. The stored bytes are the entries, packed with DEFLATE (raw).
 */
export const RECORDING_VERSION = 1;
export const FILE_HEADER_BYTES = 6;
export const BLOCK_HEADER_BYTES = 16;
/** A block above this cannot be one: it holds 256 KiB and one entry at most. */
export const MAX_BLOCK_BYTES = 64 * 1024 * 1024;

const MAGIC = Buffer.from('LTREC', 'latin1');

export function fileHeader(): Buffer {
  return Buffer.concat([MAGIC, Uint8Array.of(RECORDING_VERSION)]);
}

/** The version that a file header says; undefined when it is none. */
export function readFileHeader(bytes: Buffer): number | undefined {
  return bytes.length >= FILE_HEADER_BYTES && bytes.subarray(0, MAGIC.length).equals(MAGIC)
    ? bytes[MAGIC.length]
    : undefined;
}

export function blockHeader(stored: Buffer, unpackedBytes: number): Buffer {
  const header = Buffer.alloc(BLOCK_HEADER_BYTES);
  header.writeUInt32BE(stored.length, 0);
  header.writeUInt32BE(unpackedBytes, 4);
  header.writeUInt32BE(crc32(stored), 8);
  header.writeUInt32BE(crc32(header.subarray(0, 12)), 12);
  return header;
}

export interface BlockFacts {
  readonly storedBytes: number;
  readonly unpackedBytes: number;
  readonly crc: number;
}

/** undefined when the header is not what was written. */
export function readBlockHeader(header: Buffer): BlockFacts | undefined {
  if (header.readUInt32BE(12) !== crc32(header.subarray(0, 12))) return undefined;
  const facts = {
    storedBytes: header.readUInt32BE(0),
    unpackedBytes: header.readUInt32BE(4),
    crc: header.readUInt32BE(8),
  };
  return facts.storedBytes > MAX_BLOCK_BYTES || facts.unpackedBytes > MAX_BLOCK_BYTES ? undefined : facts;
}
