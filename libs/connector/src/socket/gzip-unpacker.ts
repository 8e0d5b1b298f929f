import { Inflater } from './inflater.js';

/** The shortest header and the trailer: checksum and size (RFC 1952). */
const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
const FLAGS_AT = 3;
/** Small payloads share memory of this size, because to set memory aside costs as much as to unpack a kilobyte. */
const SLAB_BYTES = 65_536;
/** A payload that is larger has memory of its own: who keeps a message keeps at most a slab. */
const LARGEST_SHARED = 16_384;

const NO_SLAB = Buffer.alloc(0);

/**
 * Unpacks gzip with one inflater: `gunzipSync` makes a handle of zlib each time, which for frames of a few kilobytes costs as
 * much as the unpacking. What it lends lies where it was unpacked, in memory that is used again and again; what it gives is a copy.
 *
 * The checksum is not looked at, as browsers do not (ADR 0048): TLS has seen to it that the bytes are the ones that were sent.
 */
export class GzipUnpacker {
  readonly #inflater: Inflater | null;
  #slab = NO_SLAB;
  #slabAt = 0;
  #lent: Uint8Array | undefined;

  constructor(inflater: Inflater | null = Inflater.create()) {
    this.#inflater = inflater;
  }

  /**
   * The payload unpacked, when it is one member with the shortest header, well-formed, of exactly `size` bytes. Undefined for anything
   * else, while bytes are lent, and where there is no inflater: then `gunzipSync` gives the answer, or the error.
   */
  unpack(payload: Uint8Array, size: number): Uint8Array | undefined {
    const inflater = this.#inflated(payload, size);
    if (inflater === undefined) return undefined;
    if (size > LARGEST_SHARED) {
      const own = Buffer.allocUnsafeSlow(size);
      inflater.copyTo(own, 0, size);
      return own;
    }
    if (this.#slabAt + size > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#slabAt = 0;
    }
    const from = this.#slabAt;
    inflater.copyTo(this.#slab, from, size);
    this.#slabAt = from + size;
    return this.#slab.subarray(from, from + size);
  }

  /** As `unpack`, without a copy: the bytes are valid until they are given back, and nothing else is unpacked until then. */
  lend(payload: Uint8Array, size: number): Uint8Array | undefined {
    const bytes = this.#inflated(payload, size)?.view(size);
    if (bytes !== undefined) this.#lent = bytes;
    return bytes;
  }

  /** Ends a loan; any other bytes are none of its business. */
  giveBack(bytes: Uint8Array): void {
    if (bytes === this.#lent) this.#lent = undefined;
  }

  #inflated(payload: Uint8Array, size: number): Inflater | undefined {
    const inflater = this.#inflater;
    if (inflater === null || this.#lent !== undefined || payload[FLAGS_AT] !== 0) return undefined;
    return inflater.inflate(payload, HEADER_BYTES, payload.length - TRAILER_BYTES, size) ? inflater : undefined;
  }
}
