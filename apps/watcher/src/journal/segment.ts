/** Where an event lies in its segment, every so often. */
export interface SegmentIndexEntry {
  readonly offset: number;
  readonly position: number;
  /** `recordedAt` of that event, or when the segment was made; ms since the epoch. */
  readonly at: number;
}

/** One entry for so many bytes: a reader that seeks decodes at most this much in vain. */
const INDEX_STEP_BYTES = 256 * 1024;
/** And one for so long: how old the oldest pending event is, is known to this. */
const INDEX_STEP_MS = 10_000;

/** What is known in memory of one segment file. Only durable bytes count. */
export class Segment {
  readonly #index: SegmentIndexEntry[];
  /** End of the durable records. */
  bytes: number;
  /** Offset of the last durable event, `firstOffset - 1` when there is none. */
  lastOffset: number;
  /** When the last event was written (an upper bound), ms since the epoch. */
  lastAt: number;

  constructor(
    readonly firstOffset: number,
    readonly createdAt: number,
    start: {
      readonly bytes: number;
      readonly lastOffset?: number;
      readonly lastAt?: number;
      readonly headerBytes: number;
    },
  ) {
    this.bytes = start.bytes;
    this.lastOffset = start.lastOffset ?? firstOffset - 1;
    this.lastAt = start.lastAt ?? createdAt;
    this.#index = [{ offset: firstOffset, position: start.headerBytes, at: createdAt }];
  }

  get empty(): boolean {
    return this.lastOffset < this.firstOffset;
  }

  /** Remembers a record if the last one remembered is far enough away. Called in order of position. */
  note(offset: number, position: number, at: number): void {
    const last = this.#index[this.#index.length - 1];
    // The entry made with the segment knows only when that was.
    if (last?.position === position) this.#index[this.#index.length - 1] = { offset, position, at };
    else if (
      last === undefined ||
      position - last.position >= INDEX_STEP_BYTES ||
      (position > last.position && at - last.at >= INDEX_STEP_MS)
    )
      this.#index.push({ offset, position, at });
  }

  /** The last remembered record at or before `offset`. */
  before(offset: number): SegmentIndexEntry {
    let low = 0;
    let high = this.#index.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#index[middle]?.offset ?? Infinity) <= offset) low = middle;
      else high = middle - 1;
    }
    const entry = this.#index[low];
    if (entry === undefined) throw new RangeError('A segment always remembers its start.');
    return entry;
  }
}

/** The segment that holds `offset`, found by its first offset; undefined when it is older than all. */
export function segmentOf(segments: readonly Segment[], offset: number): Segment | undefined {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segments[middle]?.firstOffset ?? Infinity) <= offset) low = middle + 1;
    else high = middle;
  }
  return segments[low - 1];
}
