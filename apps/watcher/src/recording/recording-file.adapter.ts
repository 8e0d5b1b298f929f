import { open, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, deflateRaw, inflateRaw } from 'node:zlib';
import type { Clock, TimerHandle } from '../common/clock.port.js';
import {
  BLOCK_HEADER_BYTES,
  blockHeader,
  FILE_HEADER_BYTES,
  fileHeader,
  readBlockHeader,
  readFileHeader,
  RECORDING_VERSION,
} from './block-codec.js';
import { decodeEntries, encodeEntry } from './entry-codec.js';
import type { RecordingEntry, RecordingWriter } from './recording.js';
import { RecordingError } from './recording.errors.js';

const pack = promisify(deflateRaw);
const unpack = promisify(inflateRaw);

/** A block is written when it has so many bytes … */
const BLOCK_BYTES = 256 * 1024;
/** … or is so old, ms. */
const BLOCK_AGE_MS = 250;

/** A recording that is being written: one block after the other, each flushed to the disk before the next. */
export class RecordingFile implements RecordingWriter {
  readonly #handle: FileHandle;
  readonly #clock: Clock;
  #entries: Buffer[] = [];
  #entryBytes = 0;
  #written = FILE_HEADER_BYTES;
  /** The block that is being filled: `done` when it is on the disk. */
  #block: { readonly done: Promise<void>; readonly follow: (append: Promise<void>) => void } | undefined;
  #timer: TimerHandle | undefined;
  #last: Promise<void> = Promise.resolve();

  private constructor(handle: FileHandle, clock: Clock) {
    this.#handle = handle;
    this.#clock = clock;
  }

  /** @throws RecordingError WATCHER_RECORDING_NOT_CREATED when there is such a file (unless `replace`), or none can be made */
  static async create(
    path: string,
    options: { readonly clock: Clock; readonly replace: boolean },
  ): Promise<RecordingFile> {
    try {
      const handle = await open(path, options.replace ? 'w' : 'wx');
      await handle.writeFile(fileHeader());
      return new RecordingFile(handle, options.clock);
    } catch (error) {
      const exists = codeOf(error) === 'EEXIST';
      const words = exists ? 'exists already; choose another name or --force' : `cannot be created (${codeOf(error)})`;
      throw new RecordingError('WATCHER_RECORDING_NOT_CREATED', `The file ${path} ${words}.`, { cause: error });
    }
  }

  get bytes(): number {
    return this.#written + this.#entryBytes;
  }

  write(entry: RecordingEntry): void {
    const bytes = encodeEntry(entry);
    this.#block ??= newBlock();
    this.#entries.push(bytes);
    this.#entryBytes += bytes.length;
    if (this.#entryBytes >= BLOCK_BYTES) this.#flush();
    else this.#timer ??= this.#clock.setTimeout(() => this.#flush(), BLOCK_AGE_MS);
  }

  durable(): Promise<void> {
    return this.#block?.done ?? this.#last;
  }

  async close(): Promise<void> {
    this.#flush();
    try {
      await this.#last;
    } finally {
      await this.#handle.close();
    }
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#entries.length === 0) return;
    const entries = Buffer.concat(this.#entries, this.#entryBytes);
    this.#entries = [];
    this.#entryBytes = 0;
    // What is on its way counts at its full size until it is packed.
    this.#written += entries.length;
    this.#last = this.#last.then(() => this.#append(entries));
    this.#block?.follow(this.#last);
    this.#block = undefined;
  }

  async #append(entries: Buffer): Promise<void> {
    try {
      const stored = await pack(entries);
      await this.#handle.writeFile(Buffer.concat([blockHeader(stored, entries.length), stored]));
      await this.#handle.datasync();
      this.#written += BLOCK_HEADER_BYTES + stored.length - entries.length;
    } catch (error) {
      const words = `The recording cannot be written (${codeOf(error)}).`;
      throw new RecordingError('WATCHER_RECORDING_NOT_WRITTEN', words, { cause: error });
    }
  }
}

function newBlock(): { readonly done: Promise<void>; readonly follow: (append: Promise<void>) => void } {
  let follow: (append: Promise<void>) => void = () => undefined;
  const done = new Promise<void>((resolve) => (follow = resolve));
  // A failure is told to everyone who waits, at the latest by `close`.
  done.catch(() => undefined);
  return { done, follow };
}

/** Reads a recording, block by block: in memory is one of them. */
export class RecordingReader {
  /** Bytes at the end of the file that are no whole block: its writer was ended in the middle of it. Known after `entries`. */
  tornBytes = 0;
  /** Size of the file, and how much of it is read, bytes; 0 before `entries` has begun. */
  size = 0;
  position = 0;

  constructor(private readonly path: string) {}

  /**
   * The entries in order; payloads share the memory of their block. A torn tail ends them without an error.
   * @throws RecordingError WATCHER_RECORDING_UNREADABLE, _EMPTY, _FORMAT, _VERSION, _DAMAGED
   */
  async *entries(): AsyncGenerator<RecordingEntry> {
    const { path } = this;
    const handle = await openToRead(path);
    try {
      const { size } = await handle.stat();
      await checkFileHeader(handle, path);
      let position = FILE_HEADER_BYTES;
      this.size = size;
      while (position < size) {
        this.position = position;
        const block = await readBlock(handle, position, size, path);
        if (block === undefined) {
          this.tornBytes = size - position;
          return;
        }
        yield* decodeEntries(block.entries);
        position = block.end;
      }
    } finally {
      await handle.close();
    }
  }
}

async function openToRead(path: string): Promise<FileHandle> {
  try {
    const handle = await open(path, 'r');
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    throw new RecordingError('WATCHER_RECORDING_UNREADABLE', `${path} is not a file.`);
  } catch (error) {
    if (error instanceof RecordingError) throw error;
    const words = `The recording ${path} cannot be read (${codeOf(error)}).`;
    throw new RecordingError('WATCHER_RECORDING_UNREADABLE', words, { cause: error });
  }
}

async function checkFileHeader(handle: FileHandle, path: string): Promise<void> {
  const bytes = await readAt(handle, 0, FILE_HEADER_BYTES);
  if (bytes.length === 0) throw new RecordingError('WATCHER_RECORDING_EMPTY', `The recording ${path} is empty.`);
  const version = readFileHeader(bytes);
  if (version === undefined) throw new RecordingError('WATCHER_RECORDING_FORMAT', `${path} is not a recording.`);
  if (version !== RECORDING_VERSION) {
    const words = `The recording ${path} has version ${version} of the format; this program reads ${RECORDING_VERSION}.`;
    throw new RecordingError('WATCHER_RECORDING_VERSION', words, { context: { version } });
  }
}

/** undefined when the file ends within the block. */
async function readBlock(
  handle: FileHandle,
  position: number,
  size: number,
  path: string,
): Promise<{ readonly entries: Buffer; readonly end: number } | undefined> {
  const header = await readAt(handle, position, BLOCK_HEADER_BYTES);
  if (header.length < BLOCK_HEADER_BYTES) return undefined;
  const facts = readBlockHeader(header);
  // After a loss of power a file may be longer than what reached the disk: zeros to its end.
  if (facts === undefined && (await isZeroFrom(handle, position))) return undefined;
  if (facts === undefined) throw damagedAt(path, position);
  const start = position + BLOCK_HEADER_BYTES;
  if (start + facts.storedBytes > size) return undefined;
  const stored = await readAt(handle, start, facts.storedBytes);
  const end = start + facts.storedBytes;
  if (crc32(stored) !== facts.crc) {
    if (end === size && (await isZeroFrom(handle, start))) return undefined;
    throw damagedAt(path, position);
  }
  try {
    const entries = await unpack(stored, { maxOutputLength: Math.max(1, facts.unpackedBytes) });
    if (entries.length !== facts.unpackedBytes) throw damagedAt(path, position);
    return { entries, end };
  } catch (error) {
    throw error instanceof RecordingError ? error : damagedAt(path, position, error);
  }
}

function damagedAt(path: string, position: number, cause?: unknown): RecordingError {
  const words = `The recording ${path} is damaged at byte ${position}: its checksum does not fit. What stands before is sound.`;
  return new RecordingError('WATCHER_RECORDING_DAMAGED', words, { context: { position }, cause });
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

const LOOK_BYTES = 64 * 1024;

async function isZeroFrom(handle: FileHandle, start: number): Promise<boolean> {
  for (let position = start; ; position += LOOK_BYTES) {
    const bytes = await readAt(handle, position, LOOK_BYTES);
    if (bytes.some((byte) => byte !== 0)) return false;
    if (bytes.length < LOOK_BYTES) return true;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}
