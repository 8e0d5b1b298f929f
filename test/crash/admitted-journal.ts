import { link, mkdir, readdir, readFile, rename, stat, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalDisk, SegmentFile, SegmentWriter } from '../../apps/watcher/src/journal/journal-disk.port.js';
import { recoverJournal } from '../../apps/watcher/src/journal/journal-recovery.js';
import type { StoredEvent } from '../../apps/watcher/src/journal/journal.port.js';
import { SegmentSource } from '../../apps/watcher/src/journal/segment-source.js';

const SEGMENT_NAME = /^(\d{16})\.segment$/;
const DOCUMENTS = { identity: 'journal.json', cursors: 'cursors.json' } as const;
const READ_LIMITS = { maxEvents: 5_000, maxBytes: 8 * 1024 * 1024 };

/** What the journal of a process that has ended holds. */
export interface JournalState {
  /** Offset of the last event that the next start will find: everything up to it was admitted. */
  readonly lastOffset: number;
  /** Stored position of the reader: events after it are sent (again) by the next start. */
  readonly cursor: number;
}

/**
 * Says what was admitted: reads the journal of a watcher that has just ended, before the next one starts, with the
 * service's own recovery, but changes nothing. Segments are kept by hard links, so that those which the watcher deletes
 * while it runs can be read all the same.
 */
export class AdmittedJournal {
  readonly #passed: string;
  readonly #known = new Set<string>();
  #next = 1;

  /** `kept`: an empty folder on the same file system. */
  constructor(
    private readonly directory: string,
    private readonly kept: string,
    private readonly reader: string,
  ) {
    this.#passed = join(kept, 'passed');
  }

  /** Call it again and again while the watcher runs: new segments are kept. */
  async keep(): Promise<void> {
    await mkdir(this.#passed, { recursive: true });
    const names = await readdir(this.directory).catch(() => []);
    for (const name of names) {
      if (!SEGMENT_NAME.test(name) || this.#known.has(name)) continue;
      try {
        await link(join(this.directory, name), join(this.kept, name));
        this.#known.add(name);
      } catch (error) {
        // Deleted this moment: if it held anything that was not read yet, the hole shows at the next reading.
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      }
    }
  }

  /**
   * Only while no watcher runs. Calls `admitted` for every event that was not read before, in order.
   * @throws JournalError WATCHER_JOURNAL_CORRUPT when something that was durable is not readable any more
   */
  async read(admitted: (event: StoredEvent) => void): Promise<JournalState> {
    await this.keep();
    const disk = new ReadOnlyDisk(this.directory, this.kept);
    const recovered = await recoverJournal(disk, { now: () => 0, monotonic: () => 0, setTimeout: noTimer });
    const source = new SegmentSource(disk, () => recovered.segments);
    while (this.#next <= recovered.lastOffset) {
      for (const event of await source.fetch(this.#next, READ_LIMITS)) {
        if (event.offset !== this.#next) throw new RangeError(`event ${this.#next} is missing before ${event.offset}`);
        admitted(event);
        this.#next += 1;
      }
    }
    // Out of the way of the next reading, and still there if somebody wants to look.
    for (const segment of recovered.segments.slice(0, -1)) {
      await rename(
        join(this.kept, disk.fileName(segment.firstOffset)),
        join(this.#passed, disk.fileName(segment.firstOffset)),
      );
    }
    return { lastOffset: recovered.lastOffset, cursor: recovered.cursors.get(this.reader) ?? 0 };
  }
}

const noTimer = (): never => {
  throw new Error('recovery needs no timer');
};

/** The directory as it is; what recovery would write is left out. */
class ReadOnlyDisk implements JournalDisk {
  constructor(
    private readonly documents: string,
    private readonly kept: string,
  ) {}

  async readDocument(name: 'identity' | 'cursors'): Promise<string | undefined> {
    return readFile(join(this.documents, DOCUMENTS[name]), 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    });
  }

  async writeDocument(): Promise<void> {
    // The identity of a journal that does not exist yet.
  }

  async segments(): Promise<readonly SegmentFile[]> {
    const found: SegmentFile[] = [];
    for (const name of await readdir(this.kept)) {
      const [, offset] = SEGMENT_NAME.exec(name) ?? [];
      if (offset !== undefined)
        found.push({ firstOffset: Number(offset), size: (await stat(join(this.kept, name))).size });
    }
    return found.sort((a, b) => a.firstOffset - b.firstOffset);
  }

  async read(firstOffset: number, position: number, length: number): Promise<Buffer> {
    const file = await open(join(this.kept, this.fileName(firstOffset)), 'r');
    try {
      const bytes = Buffer.alloc(length);
      let held = 0;
      while (held < length) {
        const { bytesRead } = await file.read(bytes, held, length - held, position + held);
        if (bytesRead === 0) break;
        held += bytesRead;
      }
      return bytes.subarray(0, held);
    } finally {
      await file.close();
    }
  }

  async createSegment(): Promise<SegmentWriter> {
    return NO_WRITER;
  }

  async openSegment(): Promise<SegmentWriter> {
    return NO_WRITER;
  }

  async deleteSegment(): Promise<void> {
    throw new Error('recovery deletes nothing');
  }

  fileName(firstOffset: number): string {
    return `${String(firstOffset).padStart(16, '0')}.segment`;
  }

  async release(): Promise<void> {
    // There is no lock: nobody else is there.
  }
}

const NO_WRITER: SegmentWriter = {
  append: () => Promise.reject(new Error('recovery appends nothing')),
  close: () => Promise.resolve(),
};
