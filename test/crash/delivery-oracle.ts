import type { StoredEvent } from '../../apps/watcher/src/journal/journal.port.js';
import { EVENT_CATALOGUE, EVENT_NAMES, parseSequence } from '@livetap/contracts';
import type { TopicRecord } from '@livetap/testkit';
import { EventTable } from './event-table.js';
import type { Findings } from './findings.js';
import { GapOracle } from './gap-oracle.js';
import type { AdmissionOracle } from './kill-campaign.js';
import { SilenceOracle } from './silence-oracle.js';

/** The end of one life of the watcher, as it was found before the next one began. */
export interface LifeEnd {
  /** For people: `random`, `stop` or the crash point. */
  readonly how: string;
  readonly killed: boolean;
  /** When it was seen, ms since the epoch. */
  readonly at: number;
  /** Offset of the last admitted event. */
  readonly lastOffset: number;
  /** What is after this offset is sent (again) by the next life. */
  readonly cursor: number;
  /** Events admitted in the last second of this life. */
  readonly lastSecond: number;
}

/** A message in the simulator's ledger. */
export interface SentLine {
  readonly room: string;
  readonly msgId: string;
  /** Number of the socket, 0 for what came with the sign server's answer. */
  readonly socket: number;
  readonly isHistory: boolean;
  readonly damaged: boolean;
  readonly facts?: {
    readonly kind: string;
    readonly userId?: string;
    readonly giftId?: number;
    readonly groupId?: string;
    readonly repeatCount?: number;
    readonly diamondCount?: number;
  };
}

export interface DeliveryReport {
  readonly admitted: number;
  readonly records: number;
  readonly published: number;
  readonly repeated: number;
  /** Most repeats that one kill caused, and what the formula allowed it. */
  readonly worstRepeat: { readonly repeats: number; readonly allowed: number; readonly how: string };
  readonly sent: number;
  /** Messages on the wire when the process died, never admitted; each lies in a gap. */
  readonly inGaps: number;
  readonly gaps: number;
  /** Of these, told by the service because its disk did not keep up. */
  readonly gapsHeldUp: number;
  readonly diamonds: number;
}

/** A batch of the publisher holds at most so many events. */
const BATCH_EVENTS = 2_000;
/** R4: so many batches may be in flight. */
const BATCHES_IN_FLIGHT = 5;
const SECOND_MS = 1_000;

const OWN_EVENT = 1;
const IN_LEDGER = 2;
export const OWN_TYPES: ReadonlySet<string> = new Set(
  EVENT_NAMES.filter((name) => EVENT_CATALOGUE[name].origin === 'own').map((name) => EVENT_CATALOGUE[name].type),
);
const ROOM_SOURCE = '/tiktok/rooms/';
const roomOf = (source: string): string => source.slice(ROOM_SOURCE.length);

interface Envelope {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly sessionid: string;
  readonly sequence?: string;
  readonly data: Record<string, unknown>;
}

/**
 * Judges the whole run: told in this order what each life had admitted, what is in the topics, what the simulator sent.
 * What is admitted must be published, byte for byte, in order; each message once; repeats only where a kill explains them.
 */
export class DeliveryOracle implements AdmissionOracle {
  readonly #table = new EventTable();
  readonly #lives: LifeEnd[] = [];
  readonly #repeats: number[] = [];
  readonly #gaps: GapOracle;
  readonly #silence: SilenceOracle;
  /** Topic, partition and room → sequence of the last first record. */
  readonly #highest = new Map<string, string>();
  readonly #partitions = new Map<string, number>();
  /** Room and epoch → numbers seen. */
  readonly #numbers = new Map<string, { count: number; highest: number; sum: number }>();
  readonly #likes = new Map<string, number>();
  readonly #diamonds = new Map<string, number>();
  readonly #streaks = new Map<string, Map<string, { count: number; each: number }>>();
  #recent: number[] = [];
  #records = 0;
  #repeated = 0;
  #sent = 0;
  #inGaps = 0;

  constructor(private readonly findings: Findings) {
    this.#gaps = new GapOracle(findings);
    this.#silence = new SilenceOracle(this.#gaps, findings);
  }

  get admitted(): number {
    return this.#table.size;
  }

  get lives(): readonly LifeEnd[] {
    return this.#lives;
  }

  /** An event that was found in the journal, in the order of offsets. */
  admit(event: StoredEvent): void {
    const { slot, fresh } = this.#table.admit(event.source, event.id, event.offset, event.value);
    if (!fresh) {
      const before = this.#table.offsetOf(slot);
      this.findings.add('admitted twice', `${event.type} ${event.source} ${event.id} at ${before} and ${event.offset}`);
    }
    if (OWN_TYPES.has(event.type)) this.#table.mark(slot, OWN_EVENT);
    this.#gaps.admitted(event);
    this.#recent.push(event.recordedAt);
  }

  /** The life whose events were just admitted has ended like this. */
  ended(life: Omit<LifeEnd, 'lastSecond'>): void {
    const lastSecond = this.#recent.filter((at) => at > life.at - SECOND_MS).length;
    this.#recent = [];
    this.#lives.push({ ...life, lastSecond });
    this.#repeats.push(0);
    // In order, everything was sent and every cursor written: the next life repeats nothing.
    if (!life.killed && life.cursor !== life.lastOffset)
      this.findings.add('orderly stop left a rest', `cursor ${life.cursor} of ${life.lastOffset}`);
  }

  /** A record of a topic; those of one partition in the order of their offsets. */
  arrived(record: TopicRecord): void {
    this.#records += 1;
    const { ce_source: source = '', ce_id: id = '' } = record.headers;
    const slot = this.#table.slotOf(source, id);
    if (slot === undefined) {
      this.findings.add('published, never admitted', `${record.topic} ${source} ${id}`);
      return;
    }
    const value = record.value ?? Buffer.alloc(0);
    if (!this.#table.sameValue(slot, value)) this.findings.add('altered', `${record.topic} ${source} ${id}`);
    const count = this.#table.published(slot);
    if (count > 1) this.#repeat(this.#table.offsetOf(slot), count - 1, `${source} ${id}`);
    else this.#first(record, JSON.parse(value.toString()) as Envelope);
  }

  /** A message that the simulator handed to an open socket. */
  sent(line: SentLine): void {
    if (line.damaged) return;
    this.#sent += 1;
    const slot = this.#table.slotOf(`${ROOM_SOURCE}${line.room}`, line.msgId);
    if (!line.isHistory && line.socket > 0)
      this.#silence.sent(line.socket, line.room, slot === undefined ? undefined : this.#table.offsetOf(slot));
    if (slot === undefined) {
      this.#inGaps += 1;
      return;
    }
    this.#table.mark(slot, IN_LEDGER);
    const { facts } = line;
    if (facts?.kind !== 'gift') return;
    const streaks = this.#streaks.get(line.room) ?? new Map<string, { count: number; each: number }>();
    this.#streaks.set(line.room, streaks);
    const key = facts.groupId === '0' ? line.msgId : `${facts.userId}-${facts.giftId}-${facts.groupId}`;
    const streak = streaks.get(key) ?? { count: 0, each: facts.diamondCount ?? 0 };
    streaks.set(key, { ...streak, count: Math.max(streak.count, facts.repeatCount ?? 0) });
  }

  report(): DeliveryReport {
    let published = 0;
    for (const slot of this.#table.slots()) {
      const offset = this.#table.offsetOf(slot);
      if (this.#table.publishedCount(slot) === 0) this.findings.add('lost', `event ${offset} of the journal`);
      else published += 1;
      if (!this.#table.marked(slot, OWN_EVENT) && !this.#table.marked(slot, IN_LEDGER))
        this.findings.add('never sent by the simulator', `event ${offset} of the journal`);
    }
    this.#judgeContiguity();
    this.#judgeDiamonds();
    this.#gaps.judge(this.#lives);
    this.#silence.judge();
    return {
      admitted: this.#table.size,
      records: this.#records,
      published,
      repeated: this.#repeated,
      worstRepeat: this.#judgeRepeats(),
      sent: this.#sent,
      inGaps: this.#inGaps,
      gaps: this.#gaps.count,
      gapsHeldUp: this.#gaps.heldUp,
      diamonds: [...this.#diamonds.values()].reduce((sum, diamonds) => sum + diamonds, 0),
    };
  }

  #first(record: TopicRecord, event: Envelope): void {
    const place = `${record.topic} ${record.key ?? ''}`;
    const partition = this.#partitions.get(place);
    if (partition === undefined) this.#partitions.set(place, record.partition);
    else if (partition !== record.partition) this.findings.add('room in two partitions', place);
    const { sequence } = event;
    if (sequence === undefined) return;
    const line = `${record.topic} ${record.partition} ${event.source}`;
    const before = this.#highest.get(line);
    if (before !== undefined && sequence <= before)
      this.findings.add('out of order', `${line}: ${sequence} after ${before}`);
    this.#highest.set(line, sequence);
    const { epoch, n } = parseSequence(sequence) ?? { epoch: 0, n: 0 };
    const numbers = this.#numbers.get(`${event.source} ${epoch}`) ?? { count: 0, highest: 0, sum: 0 };
    this.#numbers.set(`${event.source} ${epoch}`, {
      count: numbers.count + 1,
      highest: Math.max(numbers.highest, n),
      sum: numbers.sum + n,
    });
    if (event.type === 'livetap.gift.v1') {
      const room = roomOf(event.source);
      this.#diamonds.set(room, (this.#diamonds.get(room) ?? 0) + Number(event.data['diamonds'] ?? 0));
    } else if (event.type === 'livetap.like.v1') {
      const total = Number(event.data['total']);
      const highest = this.#likes.get(event.sessionid) ?? 0;
      if (total < highest) this.findings.add('like total fell', `${event.sessionid}: ${total} after ${highest}`);
      this.#likes.set(event.sessionid, total);
    }
  }

  /** The n-th repeat of an event belongs to the n-th life that had admitted it and did not know that it was sent. */
  #repeat(offset: number, nth: number, event: string): void {
    this.#repeated += 1;
    let left = nth;
    for (let index = this.#firstLifeWith(offset); index < this.#lives.length; index += 1) {
      const life = this.#lives[index];
      if (life === undefined || life.cursor >= offset) break;
      left -= 1;
      if (left > 0) continue;
      this.#repeats[index] = (this.#repeats[index] ?? 0) + 1;
      return;
    }
    this.findings.add('repeated without a reason', `${event} for the ${nth}. time`);
  }

  #firstLifeWith(offset: number): number {
    let low = 0;
    let high = this.#lives.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#lives[middle]?.lastOffset ?? 0) >= offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #judgeRepeats(): DeliveryReport['worstRepeat'] {
    let worst = { repeats: 0, allowed: 0, how: 'none' };
    for (const [index, life] of this.#lives.entries()) {
      const repeats = this.#repeats[index] ?? 0;
      const allowed = life.killed ? life.lastSecond + BATCHES_IN_FLIGHT * BATCH_EVENTS : 0;
      if (repeats > allowed) this.findings.add('too many repeats', `${life.how}: ${repeats} of ${allowed}`);
      if (repeats > worst.repeats) worst = { repeats, allowed, how: life.how };
    }
    return worst;
  }

  #judgeContiguity(): void {
    for (const [line, { count, highest, sum }] of this.#numbers) {
      if (count === highest && sum === (highest * (highest + 1)) / 2) continue;
      this.findings.add('sequence with a hole', `${line}: ${count} of ${highest} numbers`);
    }
  }

  #judgeDiamonds(): void {
    for (const [room, streaks] of this.#streaks) {
      let expected = 0;
      for (const { count, each } of streaks.values()) expected += count * each;
      const found = this.#diamonds.get(room) ?? 0;
      if (found !== expected) this.findings.add('wrong diamonds', `room ${room}: ${found}, delivered ${expected}`);
    }
  }
}
