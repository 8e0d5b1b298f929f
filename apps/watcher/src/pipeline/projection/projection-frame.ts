import { ItemCursor, type ScanPlan, scanFields } from './field-scan.js';
import { JsonBytes } from './json-bytes.js';

/** Numbers in all frames together; nested lists of the contract need a few hundred. */
const PLACES = 4096;
const TWO_32 = 0x1_0000_0000;
/** High halves from here on are beyond what a number holds exactly. */
export const UNSAFE_HIGH = 0x20_0000;

/**
 * What the parts of a projection work on: the bytes that are read, the JSON that is written, and a stack of frames with
 * what was found. One for a process: projecting never waits.
 */
export class ProjectionFrame {
  readonly places = new Int32Array(PLACES);
  /** The memory that is read, whole: positions in it stay what they are from message to message of a frame. */
  bytes: Buffer = Buffer.alloc(0);
  view = new DataView(this.bytes.buffer);

  constructor(readonly json: JsonBytes) {}

  /** Reads from the memory of `payload` from now on. */
  turnTo(payload: Uint8Array): void {
    const { buffer } = payload;
    if (buffer === this.bytes.buffer) return;
    this.bytes = Buffer.from(buffer);
    this.view = new DataView(buffer);
  }

  /** The inside of a JSON string from the text at `[from, to)`. False when it is not UTF-8, or does not fit. */
  write(from: number, to: number): boolean {
    return this.json.text(this.bytes, this.view, from, to);
  }

  /** Scans the message at `[from, to)` into a new frame of `size` numbers at `base`. False: unusual. */
  scan(plan: ScanPlan, size: number, base: number, from: number, to: number): boolean {
    const { places } = this;
    const end = base + size;
    if (end > PLACES) return false;
    for (let i = base; i < end; i++) places[i] = 0;
    return scanFields(this.bytes, from, to, plan, places, base);
  }

  /** The signed 64-bit varint at `at`, as the nearest number. */
  int64(at: number): number {
    return this.places[at + 1]! * TWO_32 + (this.places[at]! >>> 0);
  }

  /** Spans of nested lists are walked one within the other, so each walk has a cursor of its own. */
  items(): ItemCursor {
    return new ItemCursor();
  }

  /** The text at `[from, to)`, decoded: for the few that have to be looked into. */
  textAt(from: number, to: number): string {
    return from === to ? '' : this.bytes.toString('utf8', from, to);
  }
}
