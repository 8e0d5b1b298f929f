import type { JournalDisk, SegmentFile, SegmentWriter } from './journal-disk.port.js';

/** The directory of a journal in memory, for tests: can be copied as a crash would leave it, damaged, and made to fail. */
export class MemoryJournalDisk implements JournalDisk {
  readonly files = new Map<number, Buffer>();
  readonly documents = new Map<string, string>();
  /** Writes so far; each counts as one flush. */
  flushes = 0;
  /** Reads of segments so far. */
  reads = 0;
  /** What every later write fails with. */
  failure: Error | undefined;
  /** The next writes fail, one for each entry, with this code and after so many of their bytes (all: the flush failed). */
  readonly refusals: { readonly code: string; readonly bytes: number }[] = [];

  /** The state at this moment: what a process finds that starts after this one was killed. */
  copy(): MemoryJournalDisk {
    const copy = new MemoryJournalDisk();
    for (const [name, bytes] of this.files) copy.files.set(name, Buffer.from(bytes));
    for (const [name, text] of this.documents) copy.documents.set(name, text);
    return copy;
  }

  /** Offset that names the newest segment. */
  get newest(): number {
    return Math.max(...this.files.keys());
  }

  /** Replaces the bytes of a segment. */
  change(firstOffset: number, change: (bytes: Buffer) => Buffer): void {
    this.files.set(firstOffset, change(Buffer.from(this.#file(firstOffset))));
  }

  async readDocument(name: 'identity' | 'cursors'): Promise<string | undefined> {
    return this.documents.get(name);
  }

  async writeDocument(name: 'identity' | 'cursors', text: string): Promise<void> {
    this.#refuse(() => undefined);
    this.documents.set(name, text);
  }

  async segments(): Promise<readonly SegmentFile[]> {
    return [...this.files]
      .map(([firstOffset, { length: size }]) => ({ firstOffset, size }))
      .sort((a, b) => a.firstOffset - b.firstOffset);
  }

  async read(firstOffset: number, position: number, length: number): Promise<Buffer> {
    this.reads += 1;
    return Buffer.from(this.#file(firstOffset).subarray(position, position + length));
  }

  async createSegment(firstOffset: number, header: Uint8Array): Promise<SegmentWriter> {
    this.files.set(firstOffset, Buffer.alloc(0));
    const writer = this.#writer(firstOffset);
    await writer.append(header);
    return writer;
  }

  async openSegment(firstOffset: number, size: number): Promise<SegmentWriter> {
    this.change(firstOffset, (bytes) => bytes.subarray(0, size));
    return this.#writer(firstOffset);
  }

  async deleteSegment(firstOffset: number): Promise<void> {
    this.files.delete(firstOffset);
  }

  fileName(firstOffset: number): string {
    return `${firstOffset}.segment`;
  }

  async release(): Promise<void> {
    return Promise.resolve();
  }

  #file(firstOffset: number): Buffer {
    const bytes = this.files.get(firstOffset);
    if (bytes === undefined) throw Object.assign(new Error('no such segment'), { code: 'ENOENT' });
    return bytes;
  }

  #refuse(leave: (bytes: number) => void): void {
    if (this.failure !== undefined) throw this.failure;
    const refusal = this.refusals.shift();
    if (refusal === undefined) return;
    leave(refusal.bytes);
    throw Object.assign(new Error('refused by the test'), { code: refusal.code });
  }

  #writer(firstOffset: number): SegmentWriter {
    let position = this.#file(firstOffset).length;
    const write = (bytes: Uint8Array): void =>
      this.change(firstOffset, (held) =>
        Buffer.concat([held.subarray(0, position), bytes, held.subarray(position + bytes.length)]),
      );
    return {
      append: async (bytes) => {
        this.#refuse((left) => write(bytes.subarray(0, left)));
        this.flushes += 1;
        write(bytes);
        position += bytes.length;
      },
      close: () => Promise.resolve(),
    };
  }
}
