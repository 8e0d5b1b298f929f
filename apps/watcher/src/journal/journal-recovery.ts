import { randomUUID } from 'node:crypto';
import type { Clock } from '../common/clock.port.js';
import type { JournalDisk, ReadableJournalDisk, SegmentFile, SegmentWriter } from './journal-disk.port.js';
import { JournalError } from './journal.errors.js';
import {
  decodeRecord,
  decodeSegmentHeader,
  encodeSegmentHeader,
  findRecord,
  readRecord,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
} from './record-codec.js';
import { Segment } from './segment.js';

export interface Cursors {
  readonly version: 1;
  /** Offset up to which events were durable when this was written: less than that at open is a loss. */
  readonly durable: number;
  readonly readers: Readonly<Record<string, number>>;
  readonly bookmarks?: Readonly<Record<string, number>>;
}

export interface RecoveredJournal {
  readonly id: string;
  readonly segments: Segment[];
  readonly writer: SegmentWriter;
  readonly cursors: ReadonlyMap<string, number>;
  readonly bookmarks: ReadonlyMap<string, number>;
  readonly lastOffset: number;
  /** Bytes cut from the end of the newest segment: writes that were never confirmed. */
  readonly cutBytes: number;
}

const SCAN_BYTES = 4 * 1024 * 1024;

/** Damage to what was durable: says where, and what a person can do. */
export function corrupt(file: string, position: number, what: string, cause?: unknown): JournalError {
  return new JournalError(
    'WATCHER_JOURNAL_CORRUPT',
    `The journal is damaged: ${what} (${file}, byte ${position}). Restore the file, or move the journal directory away to start with an empty one.`,
    { context: { file, position }, ...(cause === undefined ? {} : { cause }) },
  );
}

/**
 * Reads a journal directory back: cuts a torn tail, checks identity, headers, the whole newest segment and the cursors.
 * Older segments are checked record by record when they are read.
 * @throws JournalError WATCHER_JOURNAL_CORRUPT
 */
export async function recoverJournal(disk: JournalDisk, clock: Clock): Promise<RecoveredJournal> {
  const files = await disk.segments();
  const id = await recoverIdentity(disk, clock, files.length > 0);
  const cursors = parseCursors(await disk.readDocument('cursors'));
  const newest = files[files.length - 1];
  const segments = await readFinished(disk, id, files);
  const recovered =
    newest === undefined ? await firstSegment(disk, clock, id) : await recoverNewest(disk, clock, id, newest);
  segments.push(recovered.segment);
  // A segment was finished when its follower was made.
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    if (next !== undefined) segment.lastAt = next.createdAt;
  }
  const lastOffset = recovered.segment.lastOffset;
  try {
    refuseLoss(disk, recovered.segment, cursors);
  } catch (error) {
    await recovered.writer.close();
    throw error;
  }
  return {
    id,
    segments,
    writer: recovered.writer,
    cursors: new Map(Object.entries(cursors.readers)),
    bookmarks: new Map(Object.entries(cursors.bookmarks ?? {})),
    lastOffset,
    cutBytes: recovered.cutBytes,
  };
}

/** Every segment but the newest: what its name and its header say. @throws JournalError WATCHER_JOURNAL_CORRUPT */
export async function readFinished(
  disk: ReadableJournalDisk,
  id: string,
  files: readonly SegmentFile[],
): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const [index, file] of files.slice(0, -1).entries()) {
    const header = decodeSegmentHeader(await disk.read(file.firstOffset, 0, SEGMENT_HEADER_BYTES), id);
    if (header?.firstOffset !== file.firstOffset)
      throw corrupt(disk.fileName(file.firstOffset), 0, 'the header of a segment is not readable');
    const next = files[index + 1]?.firstOffset ?? file.firstOffset;
    segments.push(
      new Segment(file.firstOffset, header.createdAt, {
        bytes: file.size,
        lastOffset: next - 1,
        headerBytes: SEGMENT_HEADER_BYTES,
      }),
    );
  }
  return segments;
}

/** What was durable once must be there. @throws JournalError WATCHER_JOURNAL_CORRUPT */
export function refuseLoss(disk: ReadableJournalDisk, newest: Segment, cursors: Cursors): void {
  const promised = Math.max(cursors.durable, ...Object.values(cursors.readers));
  const { firstOffset, lastOffset, bytes } = newest;
  if (lastOffset < promised) {
    throw corrupt(
      disk.fileName(firstOffset),
      bytes,
      `it ends with event ${lastOffset}, but event ${promised} was durable already`,
    );
  }
}

async function recoverIdentity(disk: JournalDisk, clock: Clock, used: boolean): Promise<string> {
  const stored = await readIdentity(disk, used);
  if (stored !== undefined) return stored;
  const id = randomUUID();
  await disk.writeDocument(
    'identity',
    `${JSON.stringify({ version: 1, id, createdAt: new Date(clock.now()).toISOString() })}\n`,
  );
  return id;
}

/** undefined for a journal that was never used. @throws JournalError WATCHER_JOURNAL_CORRUPT */
export async function readIdentity(disk: ReadableJournalDisk, used: boolean): Promise<string | undefined> {
  const text = await disk.readDocument('identity');
  if (text === undefined) {
    if (used) throw corrupt('journal.json', 0, 'there are segments, but the file with the identity is gone');
    return undefined;
  }
  const parsed = parseObject(text, 'journal.json');
  if (parsed['version'] !== 1 || typeof parsed['id'] !== 'string')
    throw corrupt('journal.json', 0, 'the identity is not readable');
  return parsed['id'];
}

export function serialiseCursors(
  durable: number,
  readers: ReadonlyMap<string, number>,
  bookmarks: ReadonlyMap<string, number> = new Map(),
): string {
  const cursors: Cursors = {
    version: 1,
    durable,
    readers: Object.fromEntries(readers),
    ...(bookmarks.size === 0 ? {} : { bookmarks: Object.fromEntries(bookmarks) }),
  };
  return `${JSON.stringify(cursors)}\n`;
}

/** @throws JournalError WATCHER_JOURNAL_CORRUPT */
export function parseCursors(text: string | undefined): Cursors {
  if (text === undefined) return { version: 1, durable: 0, readers: {} };
  const parsed = parseObject(text, 'cursors.json');
  const { version, durable, readers, bookmarks = {} } = parsed;
  const good = version === 1 && Number.isSafeInteger(durable) && areOffsets(readers) && areOffsets(bookmarks);
  if (!good) throw corrupt('cursors.json', 0, 'the cursors are not readable');
  return parsed as unknown as Cursors;
}

function areOffsets(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && Object.values(value).every((offset) => Number.isSafeInteger(offset))
  );
}

function parseObject(text: string, file: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch (error) {
    throw corrupt(file, 0, 'it is not JSON', error);
  }
  throw corrupt(file, 0, 'it is not a JSON object');
}

interface Newest {
  readonly segment: Segment;
  readonly writer: SegmentWriter;
  readonly cutBytes: number;
}

async function firstSegment(disk: JournalDisk, clock: Clock, id: string, firstOffset = 1): Promise<Newest> {
  const createdAt = clock.now();
  const writer = await disk.createSegment(firstOffset, encodeSegmentHeader({ firstOffset, createdAt }, id));
  const segment = new Segment(firstOffset, createdAt, {
    bytes: SEGMENT_HEADER_BYTES,
    headerBytes: SEGMENT_HEADER_BYTES,
  });
  return { segment, writer, cutBytes: 0 };
}

async function recoverNewest(disk: JournalDisk, clock: Clock, id: string, file: SegmentFile): Promise<Newest> {
  const segment = await readNewest(disk, id, file);
  if (segment === undefined) return { ...(await firstSegment(disk, clock, id, file.firstOffset)), cutBytes: file.size };
  const writer = await disk.openSegment(file.firstOffset, segment.bytes);
  return { segment, writer, cutBytes: file.size - segment.bytes };
}

/**
 * The newest segment up to its last good record; undefined when it was not begun whole.
 * @throws JournalError WATCHER_JOURNAL_CORRUPT when what follows was durable once
 */
export async function readNewest(
  disk: ReadableJournalDisk,
  id: string,
  file: SegmentFile,
): Promise<Segment | undefined> {
  const name = disk.fileName(file.firstOffset);
  const header = decodeSegmentHeader(await disk.read(file.firstOffset, 0, SEGMENT_HEADER_BYTES), id);
  if (header?.firstOffset !== file.firstOffset) {
    // The header is flushed before the first record: with a record behind it, it was good once.
    const rest = await disk.read(file.firstOffset, 0, file.size);
    if (findRecord(rest, 0) !== -1) throw corrupt(name, 0, 'the header of a segment is not readable');
    return undefined;
  }
  const segment = new Segment(file.firstOffset, header.createdAt, {
    bytes: SEGMENT_HEADER_BYTES,
    headerBytes: SEGMENT_HEADER_BYTES,
  });
  await scan(disk, segment, file.size);
  if (segment.bytes < file.size) {
    const rest = await disk.read(file.firstOffset, segment.bytes, file.size - segment.bytes);
    refuseDamage(name, segment, rest);
  }
  return segment;
}

/** Extends `segment` over all good records in a row. */
async function scan(disk: ReadableJournalDisk, segment: Segment, size: number): Promise<void> {
  let window: Buffer = Buffer.alloc(0);
  let windowStart = segment.bytes;
  for (;;) {
    const position = segment.bytes;
    const reading = readRecord(window, position - windowStart);
    if (reading.kind === 'short') {
      if (windowStart + window.length >= size || position + reading.needed > size) return;
      window = await disk.read(segment.firstOffset, position, Math.max(SCAN_BYTES, reading.needed));
      windowStart = position;
      continue;
    }
    if (reading.kind === 'damaged' || reading.firstOffset !== segment.lastOffset + 1) return;
    const at = decodeRecord(window, position - windowStart)[0]?.recordedAt ?? segment.createdAt;
    segment.note(reading.firstOffset, position, at);
    segment.bytes = windowStart + reading.end;
    segment.lastOffset += reading.count;
    segment.lastAt = Math.max(segment.lastAt, at);
  }
}

/** What follows the good records may be cut only if no later commit proves that it was durable. */
function refuseDamage(name: string, segment: Segment, rest: Buffer): void {
  for (let at = findRecord(rest, 0); at !== -1; at = findRecord(rest, at + RECORD_HEADER_BYTES)) {
    const reading = readRecord(rest, at);
    if (reading.kind === 'record' && reading.groupStart > segment.bytes && reading.firstOffset > segment.lastOffset) {
      throw corrupt(
        name,
        segment.bytes,
        `the record after event ${segment.lastOffset} is not readable, but later ones are`,
      );
    }
  }
}
