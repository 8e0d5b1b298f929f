import { BLOCK_ENTRIES, LedgerBlock, Names } from './columns.js';
import type { LedgerEntry, RoomSummary, SentMessage } from './entry.js';
import { RoomFold } from './fold.js';
import type { LedgerSpill } from './spill.js';

export interface LedgerOptions {
  /** Entries kept in memory, rounded up to whole blocks of 65,536. Older ones go to the spill, or are dropped and counted. */
  readonly maxEntries: number;
  /** Takes the entries that memory has no room for. */
  readonly spill?: LedgerSpill | undefined;
}

/** A frame's place in the ledger: give it back to `acknowledge` when the ack comes. */
export interface FrameReceipt {
  readonly firstSeq: number;
  readonly count: number;
}

export interface LedgerSummary {
  /** Entries, repeats included. */
  readonly sent: number;
  /** Distinct (room, msgId, method). */
  readonly messages: number;
  readonly acked: number;
  /** Entries that are in neither memory nor spill; the totals count them all the same. */
  readonly dropped: number;
  readonly rooms: readonly RoomSummary[];
  /** The same totals per live of a room: the live's number is added as `live`. */
  readonly lives: readonly (RoomSummary & { readonly live: number })[];
}

/**
 * Remembers every message that was handed to an open socket. Totals are kept as it goes and are exact however many entries there
 * are; the entries themselves are kept in memory up to a limit, then in files.
 */
export class Ledger {
  private readonly roomNames = new Names();
  private readonly methodNames = new Names();
  private readonly blocks: LedgerBlock[] = [];
  private readonly folds = new Map<string, RoomFold>();
  private readonly liveFolds = new Map<string, { live: number; fold: RoomFold }>();
  /** Room → method → message id → acknowledged: says whether a message was sent before. Ids as numbers to stay small. */
  private readonly seen = new Map<string, Map<string, Map<bigint, boolean>>>();
  private nextSeq = 1;
  private distinct = 0;
  private ackedDistinct = 0;
  private dropped = 0;

  constructor(private readonly options: LedgerOptions) {}

  /** Records the messages of one frame in order. Call it right after the frame was handed to the open socket. */
  record(
    frame: { room: string; live: number; socket: number; at: number; isHistory: boolean },
    messages: readonly SentMessage[],
  ): FrameReceipt {
    const firstSeq = this.nextSeq;
    const fold = this.fold(frame.room);
    const liveFold = this.liveFold(frame.room, frame.live);
    for (const message of messages) {
      const first = message.damaged ? false : this.markSeen(frame.room, message);
      if (first) this.distinct += 1;
      fold.add(message, frame.at, first);
      liveFold.add(message, frame.at, first);
      this.append({
        at: frame.at,
        room: frame.room,
        live: frame.live,
        msgId: message.msgId,
        method: message.method,
        socket: frame.socket,
        isHistory: frame.isHistory,
        first,
        damaged: message.damaged,
        ...(message.facts === undefined ? {} : { facts: message.facts }),
      });
    }
    return { firstSeq, count: messages.length };
  }

  /** The socket acknowledged a frame. Entries that have left memory are not marked any more. */
  acknowledge(receipt: FrameReceipt): void {
    for (let seq = receipt.firstSeq; seq < receipt.firstSeq + receipt.count; seq += 1) {
      const block = this.blockOf(seq);
      if (block === undefined) continue;
      const index = seq - block.firstSeq;
      const entry = block.entry(index);
      if (entry.acked || entry.damaged) continue;
      block.acknowledge(index);
      this.acknowledgeDistinct(entry);
    }
  }

  /** Entries in order of sending; `room` limits them to one room. Reads the spilled ones first. */
  async *entries(room?: string): AsyncGenerator<LedgerEntry> {
    if (this.options.spill !== undefined) {
      for await (const entry of this.options.spill.read()) if (room === undefined || entry.room === room) yield entry;
    }
    for (const entry of this.inMemory(room)) yield entry;
  }

  /** The entries that are still in memory, in order of sending. */
  *inMemory(room?: string): Generator<LedgerEntry> {
    const wanted = room === undefined ? -1 : this.roomNames.numberOf(room);
    for (const block of [...this.blocks]) {
      for (let index = 0; index < block.length; index += 1) {
        if (wanted === -1 || block.roomNumber(index) === wanted) yield block.entry(index);
      }
    }
  }

  /** Totals of a room; undefined when nothing was sent in it. */
  room(room: string): RoomSummary | undefined {
    return this.folds.get(room)?.summary();
  }

  summary(): LedgerSummary {
    return {
      sent: this.nextSeq - 1,
      messages: this.distinct,
      acked: this.ackedDistinct,
      dropped: this.dropped,
      rooms: [...this.folds.values()].map((fold) => fold.summary()),
      lives: [...this.liveFolds.values()].map(({ live, fold }) => ({ ...fold.summary(), live })),
    };
  }

  get sent(): number {
    return this.nextSeq - 1;
  }

  get messages(): number {
    return this.distinct;
  }

  /** Distinct messages that were acknowledged. */
  get acked(): number {
    return this.ackedDistinct;
  }

  private append(entry: Omit<LedgerEntry, 'seq' | 'acked'>): void {
    let block = this.blocks.at(-1);
    if (block === undefined || block.full) {
      block = new LedgerBlock(this.nextSeq, this.roomNames, this.methodNames);
      this.blocks.push(block);
      if (
        this.blocks.length * BLOCK_ENTRIES > Math.max(this.options.maxEntries, BLOCK_ENTRIES) &&
        this.blocks.length > 1
      )
        this.evict();
    }
    block.push(entry);
    this.nextSeq += 1;
  }

  private evict(): void {
    const oldest = this.blocks.shift();
    if (oldest === undefined) return;
    if (this.options.spill === undefined) {
      this.dropped += oldest.length;
      return;
    }
    this.options.spill.write(oldest);
  }

  private blockOf(seq: number): LedgerBlock | undefined {
    const first = this.blocks[0];
    if (first === undefined || seq < first.firstSeq) return undefined;
    return this.blocks[Math.floor((seq - first.firstSeq) / BLOCK_ENTRIES)];
  }

  private idsOf(room: string, method: string): Map<bigint, boolean> {
    let methods = this.seen.get(room);
    if (methods === undefined) this.seen.set(room, (methods = new Map<string, Map<bigint, boolean>>()));
    let ids = methods.get(method);
    if (ids === undefined) methods.set(method, (ids = new Map<bigint, boolean>()));
    return ids;
  }

  private markSeen(room: string, message: SentMessage): boolean {
    const ids = this.idsOf(room, message.method);
    const id = BigInt(message.msgId);
    if (ids.has(id)) return false;
    ids.set(id, false);
    return true;
  }

  private acknowledgeDistinct(entry: LedgerEntry): void {
    const ids = this.idsOf(entry.room, entry.method);
    const id = BigInt(entry.msgId);
    if (ids.get(id) === true) return;
    ids.set(id, true);
    this.ackedDistinct += 1;
    this.folds.get(entry.room)?.acknowledge();
    this.liveFolds.get(`${entry.room}/${entry.live}`)?.fold.acknowledge();
  }

  private fold(room: string): RoomFold {
    let fold = this.folds.get(room);
    if (fold === undefined) this.folds.set(room, (fold = new RoomFold(room)));
    return fold;
  }

  private liveFold(room: string, live: number): RoomFold {
    const key = `${room}/${live}`;
    let item = this.liveFolds.get(key);
    if (item === undefined) this.liveFolds.set(key, (item = { live, fold: new RoomFold(room) }));
    return item.fold;
  }
}
