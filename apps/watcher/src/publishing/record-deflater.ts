import { crc32 } from 'node:zlib';
import { DEFLATE_MODULE } from './generated/deflate-module.js';

/** What the module exports (assembly/deflate.ts). Addresses and numbers of bytes. */
interface DeflateExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  prepare(): void;
  input(): number;
  output(): number;
  most(): number;
  deflate(size: number): number;
}

/** As much of WebAssembly as is used; the types of Node 20 do not declare it. Absent where Node runs without a compiler. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
}

/** Deflate, no name, no time, fastest, system unknown (RFC 1952). */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff]);
/** Checksum and size. */
const GZIP_TRAILER_BYTES = 8;

/**
 * Packs the records of batches as gzip, in WebAssembly and with one code for all of them (ADR 0049): a fifth to a half of the time that
 * zlib takes at its fastest, for 9 to 20 % more bytes. Memory of its own, 2.5 MiB that is taken as it is touched.
 */
export class RecordDeflater {
  readonly #module: DeflateExports;
  readonly #memory: Buffer;
  readonly #input: number;
  readonly #output: number;
  /** Bytes that are packed at once at most. */
  readonly largest: number;

  private constructor(module: DeflateExports) {
    module.prepare();
    this.#module = module;
    this.#memory = Buffer.from(module.memory.buffer);
    this.#input = module.input();
    this.#output = module.output();
    this.largest = module.most();
  }

  /** Null where there is no WebAssembly, or not as much of it as is needed. */
  static create(api: unknown = (globalThis as { WebAssembly?: unknown }).WebAssembly): RecordDeflater | null {
    try {
      const { Module, Instance } = api as WebAssemblyApi;
      const module = new Module(Buffer.from(DEFLATE_MODULE, 'base64'));
      return new RecordDeflater(new Instance(module).exports as DeflateExports);
    } catch {
      // None at all, or a process that may not set aside addresses: zlib does without.
      return null;
    }
  }

  /**
   * Writes the bytes as gzip into `target` at `at` and returns where that ends: at most as many bytes as there were. -1 where it
   * would be more, or they are more than `largest`; then some of `target` may be written.
   */
  pack(plain: Uint8Array, target: Buffer, at: number): number {
    const size = plain.length;
    if (size > this.largest) return -1;
    this.#memory.set(plain, this.#input);
    const packed = this.#module.deflate(size);
    const end = at + GZIP_HEADER.length + packed + GZIP_TRAILER_BYTES;
    if (packed === 0 || end > at + size) return -1;
    target.set(GZIP_HEADER, at);
    this.#memory.copy(target, at + GZIP_HEADER.length, this.#output, this.#output + packed);
    target.writeUInt32LE(size, target.writeUInt32LE(crc32(plain), end - GZIP_TRAILER_BYTES));
    return end;
  }
}
