import type { LedgerEntry, MessageFacts } from './entry.js';

/** Entries per block: one block takes about 4 MiB. */
export const BLOCK_ENTRIES = 65_536;

const KINDS = ['none', 'gift', 'like', 'viewers', 'social', 'control', 'chat', 'member', 'battle'] as const;
const SOCIALS = ['other', 'follow', 'share'] as const;

const IS_HISTORY = 1;
const FIRST = 2;
const ACKED = 4;
const DAMAGED = 8;
const REPEAT_END = 16;

/** Numbers for names, so that an entry stores four bytes instead of a string. */
export class Names {
  private readonly names: string[] = [];
  private readonly numbers = new Map<string, number>();

  numberOf(name: string): number {
    let number = this.numbers.get(name);
    if (number === undefined) {
      number = this.names.length;
      this.names.push(name);
      this.numbers.set(name, number);
    }
    return number;
  }

  nameOf(number: number): string {
    return this.names[number] ?? '';
  }
}

const toUint64 = (text: string): bigint => (/^\d{1,20}$/.test(text) ? BigInt.asUintN(64, BigInt(text)) : 0n);

/** A block of entries in typed arrays: a million entries take 70 MB instead of a gigabyte of objects. */
export class LedgerBlock {
  private readonly at = new Float64Array(BLOCK_ENTRIES);
  private readonly msgId = new BigUint64Array(BLOCK_ENTRIES);
  private readonly room = new Uint32Array(BLOCK_ENTRIES);
  private readonly method = new Uint16Array(BLOCK_ENTRIES);
  private readonly live = new Uint16Array(BLOCK_ENTRIES);
  private readonly socket = new Uint32Array(BLOCK_ENTRIES);
  private readonly flags = new Uint8Array(BLOCK_ENTRIES);
  private readonly kind = new Uint8Array(BLOCK_ENTRIES);
  private readonly big1 = new BigUint64Array(BLOCK_ENTRIES);
  private readonly big2 = new BigUint64Array(BLOCK_ENTRIES);
  private readonly number1 = new Float64Array(BLOCK_ENTRIES);
  private readonly number2 = new Uint32Array(BLOCK_ENTRIES);
  private readonly number3 = new Uint32Array(BLOCK_ENTRIES);
  length = 0;

  /** `firstSeq` is the sequence number of the block's first entry. */
  constructor(
    readonly firstSeq: number,
    private readonly rooms: Names,
    private readonly methods: Names,
  ) {}

  get full(): boolean {
    return this.length === BLOCK_ENTRIES;
  }

  push(entry: Omit<LedgerEntry, 'seq' | 'acked'>): void {
    const index = this.length;
    this.length += 1;
    this.at[index] = entry.at;
    this.msgId[index] = toUint64(entry.msgId);
    this.room[index] = this.rooms.numberOf(entry.room);
    this.method[index] = this.methods.numberOf(entry.method);
    this.live[index] = entry.live;
    this.socket[index] = entry.socket;
    this.flags[index] = (entry.isHistory ? IS_HISTORY : 0) | (entry.first ? FIRST : 0) | (entry.damaged ? DAMAGED : 0);
    const facts = entry.facts;
    if (facts === undefined) return;
    this.kind[index] = KINDS.indexOf(facts.kind);
    this.writeFacts(index, facts);
  }

  acknowledge(index: number): void {
    this.flags[index] = (this.flags[index] ?? 0) | ACKED;
  }

  roomNumber(index: number): number {
    return this.room[index] ?? 0;
  }

  entry(index: number): LedgerEntry {
    const flags = this.flags[index] ?? 0;
    const facts = this.readFacts(index, flags);
    return {
      seq: this.firstSeq + index,
      at: this.at[index] ?? 0,
      room: this.rooms.nameOf(this.room[index] ?? 0),
      live: this.live[index] ?? 0,
      msgId: String(this.msgId[index] ?? 0n),
      method: this.methods.nameOf(this.method[index] ?? 0),
      socket: this.socket[index] ?? 0,
      isHistory: (flags & IS_HISTORY) !== 0,
      first: (flags & FIRST) !== 0,
      acked: (flags & ACKED) !== 0,
      damaged: (flags & DAMAGED) !== 0,
      ...(facts === undefined ? {} : { facts }),
    };
  }

  private writeFacts(index: number, facts: MessageFacts): void {
    switch (facts.kind) {
      case 'gift':
        this.big1[index] = toUint64(facts.userId);
        this.big2[index] = toUint64(facts.groupId);
        this.number1[index] = facts.giftId;
        this.number2[index] = facts.repeatCount;
        this.number3[index] = facts.diamondCount * 16 + facts.giftType;
        if (facts.repeatEnd) this.flags[index] = (this.flags[index] ?? 0) | REPEAT_END;
        break;
      case 'chat':
      case 'member':
        this.big1[index] = toUint64(facts.userId);
        break;
      case 'battle':
        this.big1[index] = toUint64(facts.battleId);
        this.big2[index] = toUint64(facts.rivalId);
        this.number1[index] = facts.own;
        this.number2[index] = facts.other;
        this.number3[index] = Number(facts.finished);
        break;
      case 'like':
        this.big1[index] = toUint64(facts.userId);
        this.number1[index] = facts.total;
        this.number2[index] = facts.count;
        break;
      case 'viewers':
        this.number1[index] = facts.viewers;
        this.number2[index] = facts.totalUser;
        break;
      case 'social':
        this.big1[index] = toUint64(facts.userId);
        this.number1[index] = facts.followCount;
        this.number2[index] = SOCIALS.indexOf(facts.social);
        break;
      case 'control':
        this.number2[index] = facts.action;
        break;
    }
  }

  private readFacts(index: number, flags: number): MessageFacts | undefined {
    const id = String(this.big1[index] ?? 0n);
    const number1 = this.number1[index] ?? 0;
    const number2 = this.number2[index] ?? 0;
    const number3 = this.number3[index] ?? 0;
    const kind = KINDS[this.kind[index] ?? 0];
    switch (kind) {
      case 'gift':
        return {
          kind: 'gift',
          userId: id,
          giftId: number1,
          groupId: String(this.big2[index] ?? 0n),
          repeatCount: number2,
          diamondCount: Math.floor(number3 / 16),
          repeatEnd: (flags & REPEAT_END) !== 0,
          giftType: number3 % 16,
        };
      case 'like':
        return { kind: 'like', userId: id, total: number1, count: number2 };
      case 'viewers':
        return { kind: 'viewers', viewers: number1, totalUser: number2 };
      case 'social':
        return { kind: 'social', userId: id, social: SOCIALS[number2] ?? 'other', followCount: number1 };
      case 'chat':
      case 'member':
        return { kind, userId: id };
      case 'battle':
        return {
          kind: 'battle',
          battleId: id,
          rivalId: String(this.big2[index] ?? 0n),
          own: number1,
          other: number2,
          finished: number3 === 1,
        };
      case 'control':
        return { kind: 'control', action: number2 };
      default:
        return undefined;
    }
  }
}
