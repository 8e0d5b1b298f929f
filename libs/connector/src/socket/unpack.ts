import { gunzipSync } from 'node:zlib';
import { FrameDecodeError } from '../errors/connection-errors.js';
import { GzipUnpacker } from './gzip-unpacker.js';

const SMALLEST_GZIP = 18;
/** Largest piece of memory that is set aside on the word of a gzip trailer, in bytes; the trailer may lie. */
const MAX_CHUNK_BYTES = 1024 * 1024;
const MIN_CHUNK_BYTES = 64;
/** Room behind the expected end, so that the unpacker sees the end without a second piece of memory. */
const SLACK_BYTES = 16;

/**
 * One for all connections, because its memory is large and has no state that outlives a call. Made at the first frame, so
 * that to import the library costs nothing.
 */
let unpacker: GzipUnpacker | undefined;

/** True when the bytes begin like gzip; frames do not say so reliably in their headers. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 0x08;
}

/**
 * The payload as protobuf bytes: unpacked when it is gzip, else itself. Synchronous, so that frames keep their order.
 * @throws FrameDecodeError when it is broken or larger than `maxBytes` unpacked (the frame is lost, the socket is not)
 */
export function unpackPayload(payload: Uint8Array, maxBytes: number): Uint8Array {
  if (!isGzip(payload)) return payload;
  const size = promisedSize(payload, maxBytes);
  unpacker ??= new GzipUnpacker();
  return (size <= MAX_CHUNK_BYTES ? unpacker.unpack(payload, size) : undefined) ?? gunzip(payload, size, maxBytes);
}

/**
 * As `unpackPayload`, but the bytes may lie in memory that is used for the next payload: they are to be given back, by
 * `givePayloadBack`, when nothing needs them any more. What is lent meanwhile, from within, has memory of its own.
 */
export function lendPayload(payload: Uint8Array, maxBytes: number): Uint8Array {
  if (!isGzip(payload)) return payload;
  const size = promisedSize(payload, maxBytes);
  unpacker ??= new GzipUnpacker();
  return (size <= MAX_CHUNK_BYTES ? unpacker.lend(payload, size) : undefined) ?? gunzip(payload, size, maxBytes);
}

/** From now on the memory of bytes that `lendPayload` gave may hold others. */
export function givePayloadBack(bytes: Uint8Array): void {
  unpacker?.giveBack(bytes);
}

/** The size that the trailer promises. */
function promisedSize(payload: Uint8Array, maxBytes: number): number {
  if (payload.length < SMALLEST_GZIP) throw new FrameDecodeError('The gzip payload of the frame is cut short.');
  const size = new DataView(payload.buffer, payload.byteOffset + payload.length - 4, 4).getUint32(0, true);
  if (size > maxBytes) throw new FrameDecodeError(`The frame would unpack to ${size} bytes, more than ${maxBytes}.`);
  return size;
}

function gunzip(payload: Uint8Array, size: number, maxBytes: number): Uint8Array {
  const chunkSize = Math.max(MIN_CHUNK_BYTES, Math.min(size + SLACK_BYTES, MAX_CHUNK_BYTES));
  try {
    return gunzipSync(payload, { chunkSize, maxOutputLength: maxBytes });
  } catch (cause) {
    throw new FrameDecodeError('The gzip payload of the frame cannot be unpacked.', cause);
  }
}
