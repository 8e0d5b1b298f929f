import { DEFAULT_PARTITIONS, eventNameOf, TOPIC_CATALOGUE, parseSequence, topicName } from '@livetap/contracts';
import { readTopics, RecordCheck, type TopicRecord } from '@livetap/testkit';
import { expect } from 'vitest';
import type { LedgerLine, RoomLedger } from './processes.js';

/** An event as a consumer sees it. */
export interface ConsumedEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly sessionid: string;
  readonly sequence: string;
  readonly time: string;
  readonly data: Record<string, unknown>;
}

/** Livetap's own events: they stand for no wire message. */
const OWN = new Set(
  ['live.started', 'live.ended', 'live.left', 'room.gap', 'gift.completed', 'viewer.erased', 'canary'].map(
    (name) => `livetap.${name}.v1`,
  ),
);

export const isOwn = (event: ConsumedEvent): boolean => OWN.has(event.type);

/** By the number of partitions; compiled once for all tests of a file. */
const checks = new Map<number, RecordCheck>();

function checkFor(partitions: number): RecordCheck {
  const check = checks.get(partitions) ?? new RecordCheck(partitions);
  checks.set(partitions, check);
  return check;
}

/**
 * Every event of the catalogue's topics, in order of topic, partition and offset. Each record is what the contract says:
 * value (envelope and data), headers, key, partition and timestamp.
 */
export async function consumeAll(
  brokers: readonly string[],
  prefix: string,
  partitions = DEFAULT_PARTITIONS,
): Promise<ConsumedEvent[]> {
  const topics = TOPIC_CATALOGUE.filter(({ subject }) => subject !== 'raw').map(({ subject }) =>
    topicName(prefix, subject, 'subject'),
  );
  const records = await readTopics(brokers, topics);
  return records.map((record) => contractEvent(record, partitions));
}

/** The event of a record, which must be as the contract says. */
export function contractEvent(record: TopicRecord, partitions = DEFAULT_PARTITIONS): ConsumedEvent {
  expect(checkFor(partitions).faults(record)).toEqual([]);
  return JSON.parse(record.value?.toString() ?? 'null') as ConsumedEvent;
}

/** Events that came without records, as over the live tail, are as the contract says. */
export function expectContract(events: readonly ConsumedEvent[]): void {
  const check = checkFor(DEFAULT_PARTITIONS);
  for (const event of events) expect(check.eventFaults(event)).toEqual([]);
}

const room = (event: ConsumedEvent): string => event.source.replace('/tiktok/rooms/', '');

/** The ledger's messages and the wire events are the same set: none missing, none twice. */
export function expectSameMessages(events: readonly ConsumedEvent[], sent: readonly LedgerLine[]): void {
  const wire = events.filter((event) => !isOwn(event));
  const ids = wire.map((event) => `${room(event)} ${event.id}`);
  const published = new Set(ids);
  const expected = new Set(sent.map((line) => `${line.room} ${line.msgId}`));
  const missing = [...expected].filter((id) => !published.has(id));
  const surplus = [...published].filter((id) => !expected.has(id));
  expect({ missing: missing.slice(0, 5), count: missing.length }).toEqual({ missing: [], count: 0 });
  expect({ surplus: surplus.slice(0, 5), count: surplus.length }).toEqual({ surplus: [], count: 0 });
  expect(ids.length - published.size).toBe(0);
  expect(wire.filter((event) => eventNameOf(event.type) === undefined)).toEqual([]);
}

/** `n` counts 1, 2, 3 … within an epoch over the union of a room's topics. */
export function expectContiguous(events: readonly ConsumedEvent[]): void {
  const byRoom = new Map<string, string[]>();
  for (const event of events) {
    if (event.sequence === undefined) continue;
    const list = byRoom.get(room(event)) ?? [];
    list.push(event.sequence);
    byRoom.set(room(event), list);
  }
  for (const [name, sequences] of byRoom) {
    const sorted = sequences.sort().map((sequence) => parseSequence(sequence));
    let previous: { epoch: number; n: number } | undefined;
    for (const current of sorted) {
      if (current === undefined) throw new Error(`room ${name} has a sequence that does not parse`);
      const expected = previous !== undefined && previous.epoch === current.epoch ? previous.n + 1 : 1;
      if (current.n !== expected)
        throw new Error(
          `room ${name}: ${current.epoch}-${current.n} after ${previous?.epoch ?? '-'}-${previous?.n ?? '-'}`,
        );
      previous = current;
    }
  }
}

export interface SessionTotals {
  readonly id: string;
  readonly peakViewers: number;
  readonly likes: number;
  readonly chats: number;
  readonly joins: number;
  readonly follows: number;
  readonly shares: number;
  readonly gifts: number;
  readonly diamonds: number;
  readonly events: number;
}

/** A live in the simulator's ledger. */
export interface LedgerLive {
  readonly room: string;
  readonly live: number;
}

/** Name of the session in which a live of the ledger was followed. */
export type SessionNames = (live: LedgerLive) => string;

/**
 * The service counts how often a room was live before its eyes, the simulator how often it was live: a live that was over
 * before anybody came, or in which nothing was said, makes the difference. So the lives of a room in which something was said
 * are the sessions that have events, in order. A live without a session gets a name that no session has.
 */
export function sessionNames(
  lives: readonly (LedgerLive & { readonly messages: number })[],
  sessions: readonly { readonly id: string; readonly roomId: string; readonly events: number }[],
): SessionNames {
  const occurrence = (id: string, roomId: string): number => (id === roomId ? 1 : Number(id.slice(roomId.length + 1)));
  const names = new Map<string, string>();
  for (const room of new Set(lives.map((live) => live.room))) {
    const followed = sessions
      .filter(({ roomId, events }) => roomId === room && events > 0)
      .sort((a, b) => occurrence(a.id, room) - occurrence(b.id, room));
    const said = lives.filter((live) => live.room === room && live.messages > 0).sort((a, b) => a.live - b.live);
    for (const [index, { live }] of said.entries()) names.set(`${room}/${live}`, followed[index]?.id ?? '');
  }
  return ({ room, live }) => names.get(`${room}/${live}`) || `no session of live ${live} of ${room}`;
}

/** What a session of the service must say for one live of the ledger. */
export function totalsOf(ledger: RoomLedger, nameOf: SessionNames): SessionTotals {
  return {
    id: nameOf(ledger),
    peakViewers: ledger.viewersPeak,
    likes: ledger.likeMax,
    chats: ledger.chats,
    joins: ledger.joins,
    follows: ledger.follows,
    shares: ledger.shares,
    gifts: ledger.giftCount,
    diamonds: ledger.diamonds,
    events: ledger.messages,
  };
}

export function pickTotals(session: SessionTotals): SessionTotals {
  const { id, peakViewers, likes, chats, joins, follows, shares, gifts, diamonds, events } = session;
  return { id, peakViewers, likes, chats, joins, follows, shares, gifts, diamonds, events };
}
