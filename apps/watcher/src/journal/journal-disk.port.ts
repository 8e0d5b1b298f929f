export interface SegmentFile {
  readonly firstOffset: number;
  /** Size in bytes. */
  readonly size: number;
}

/** The open end of the newest segment. One call at a time. */
export interface SegmentWriter {
  /**
   * Writes at the end and flushes to the device. The end moves only when both worked: after a failure the next call writes
   * over what the failed one left.
   */
  append(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** The directory of one journal, and nothing of its format. Every failure rejects with the system's own error. */
export interface JournalDisk {
  /** Small documents next to the segments, replaced as a whole; undefined when there is none. */
  readDocument(name: 'identity' | 'cursors'): Promise<string | undefined>;
  writeDocument(name: 'identity' | 'cursors', text: string): Promise<void>;
  /** In order of their first offsets. */
  segments(): Promise<readonly SegmentFile[]>;
  /** Up to `length` bytes from `position`; fewer at the end of the file. */
  read(firstOffset: number, position: number, length: number): Promise<Buffer>;
  /** A new segment with its header, durable when this resolves; after a failure it may be called again. */
  createSegment(firstOffset: number, header: Uint8Array): Promise<SegmentWriter>;
  /** Goes on in an existing segment, which is cut to `size` first. */
  openSegment(firstOffset: number, size: number): Promise<SegmentWriter>;
  deleteSegment(firstOffset: number): Promise<void>;
  /** Name of the file, for messages. */
  fileName(firstOffset: number): string;
  /** Gives the directory up. */
  release(): Promise<void>;
}

/** What reading needs of it. */
export type ReadableJournalDisk = Pick<JournalDisk, 'readDocument' | 'segments' | 'read' | 'fileName'>;
