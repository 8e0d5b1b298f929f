import { constants, createGunzip, type Gunzip } from 'node:zlib';

/** Room behind the expected end, so that the unpacker sees the end without a second piece of memory. */
const SLACK_BYTES = 16;
/** Small payloads share memory of this size, because to set memory aside costs as much as to unpack a kilobyte. */
const SLAB_BYTES = 65_536;
/** A payload that is larger has memory of its own: who keeps a message keeps at most a slab. */
const LARGEST_SHARED = 16_384;

/**
 * What Node's own synchronous functions work with: `writeSync` unpacks in one go and leaves in the state how much room was
 * left and how much input. It is not documented, so it is looked at before it is used.
 */
interface ZlibHandle {
  onerror: (message: string, errno: number, code: string) => void;
  reset(): void;
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputLength: number,
    output: Uint8Array,
    outputAt: number,
    outputLength: number,
  ): void;
}

interface WithHandle {
  readonly _handle?: Partial<ZlibHandle> | null;
  readonly _writeState?: Uint32Array;
}

const NO_SLAB = Buffer.alloc(0);

/**
 * Unpacks gzip with one handle of zlib, reset for each payload: `gunzipSync` makes a new one each time, which for frames of
 * a few kilobytes costs as much as the unpacking. Keeps nothing from one call to the next.
 */
export class GzipUnpacker {
  readonly #handle: ZlibHandle | undefined;
  readonly #state: Uint32Array;
  #failed = false;
  #slab = NO_SLAB;
  #slabAt = 0;

  constructor(gunzip: Gunzip = createGunzip()) {
    const { _handle: handle, _writeState: state } = gunzip as unknown as WithHandle;
    this.#state = state ?? new Uint32Array(2);
    if (typeof handle?.writeSync !== 'function' || typeof handle.reset !== 'function' || state === undefined) return;
    this.#handle = handle as ZlibHandle;
    this.#handle.onerror = () => {
      this.#failed = true;
    };
  }

  /**
   * The payload unpacked, when it is well-formed gzip of exactly `size` bytes. Undefined for anything else, and where zlib
   * does not offer what is needed: then `gunzipSync` gives the answer, or the error.
   */
  unpack(payload: Uint8Array, size: number): Uint8Array | undefined {
    const handle = this.#handle;
    if (handle === undefined) return undefined;
    const room = size + SLACK_BYTES;
    const shared = room <= LARGEST_SHARED;
    if (shared && this.#slabAt + room > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#slabAt = 0;
    }
    const output = shared ? this.#slab : Buffer.allocUnsafeSlow(room);
    const from = shared ? this.#slabAt : 0;
    this.#failed = false;
    handle.reset();
    handle.writeSync(constants.Z_FINISH, payload, 0, payload.length, output, from, room);
    const [roomLeft = 0, inputLeft = 0] = this.#state;
    if (this.#failed || roomLeft !== SLACK_BYTES || inputLeft !== 0) return undefined;
    if (shared) this.#slabAt += size;
    return output.subarray(from, from + size);
  }
}
