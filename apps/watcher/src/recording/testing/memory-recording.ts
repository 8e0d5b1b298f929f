import { decodeEntries, encodeEntry } from '../entry-codec.js';
import type { RecordingEntry, RecordingWriter } from '../recording.js';

/** A recording in memory; entries go through their bytes, as in a file. */
export class MemoryRecording implements RecordingWriter {
  readonly #entries: Buffer[] = [];
  closed = false;
  /** Set: nothing becomes durable. */
  failure: Error | undefined;

  get bytes(): number {
    return this.#entries.reduce((sum, { length }) => sum + length, 0);
  }

  write(entry: RecordingEntry): void {
    this.#entries.push(encodeEntry(entry));
  }

  durable(): Promise<void> {
    return this.failure === undefined ? Promise.resolve() : Promise.reject(this.failure);
  }

  close(): Promise<void> {
    this.closed = true;
    return this.durable();
  }

  get content(): Buffer {
    return Buffer.concat(this.#entries);
  }

  entries(): RecordingEntry[] {
    return MemoryRecording.read(this.content);
  }

  /** @throws RecordingError WATCHER_RECORDING_DAMAGED */
  static read(content: Buffer): RecordingEntry[] {
    return [...decodeEntries(content)];
  }
}

export async function* inOrder<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}
