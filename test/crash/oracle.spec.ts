import { formatSequence } from '@livetap/contracts';
import type { TopicRecord } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../../apps/watcher/src/journal/journal.port.js';
import { DeliveryOracle, type LifeEnd } from './delivery-oracle.js';
import { EventTable } from './event-table.js';
import { Findings } from './findings.js';

const ROOM = '7300000000000000001';
const SOURCE = `/tiktok/rooms/${ROOM}`;
const START = Date.parse('2026-01-01T00:00:00.000Z');
const at = (second: number): number => START + second * 1_000;
const iso = (second: number): string => new Date(at(second)).toISOString();

interface Made {
  readonly id: string;
  readonly type?: string;
  readonly sequence?: string;
  readonly second?: number;
  readonly data?: Record<string, unknown>;
}

/** An admitted event and its record; offsets count up. */
function made(offset: number, { id, type = 'chat', sequence, second = offset, data = {} }: Made) {
  const value = Buffer.from(
    JSON.stringify({
      id,
      source: SOURCE,
      type: `livetap.${type}.v1`,
      sessionid: ROOM,
      sequence: sequence ?? formatSequence(1, offset),
      data,
    }),
  );
  const event: StoredEvent = {
    offset,
    topic: 'chat',
    key: ROOM,
    id,
    type: `livetap.${type}.v1`,
    source: SOURCE,
    subject: 'anna',
    recordedAt: at(second),
    value,
  };
  const record: TopicRecord = {
    topic: 't',
    partition: 0,
    offset,
    key: ROOM,
    value,
    headers: { ce_id: id, ce_source: SOURCE },
    timestamp: at(second),
  };
  return { event, record };
}

type Story = readonly ReturnType<typeof made>[];
const STORY: Story = [
  made(1, { id: 'live.started-1', type: 'live.started' }),
  made(2, { id: '1' }),
  made(3, { id: '2', type: 'gift', data: { diamonds: 15 } }),
  // Killed here, at second 4; back at second 9.
  made(4, {
    id: 'room.gap-2-1',
    type: 'room.gap',
    second: 9,
    sequence: formatSequence(2, 1),
    data: { from: iso(3), to: iso(9) },
  }),
  made(5, { id: '3', second: 9, sequence: formatSequence(2, 2) }),
];
const KILL = { how: 'random', killed: true, at: at(4), lastOffset: 3, cursor: 1 };
const END = { how: 'end', killed: false, at: at(10), lastOffset: 5, cursor: 5 };
const sent = (msgId: string, socket: number, facts?: object) => ({
  room: ROOM,
  msgId,
  socket,
  isHistory: false,
  damaged: false,
  ...(facts === undefined ? {} : { facts }),
});
const GIFT = { kind: 'gift', userId: '9', giftId: 5, groupId: '7', repeatCount: 3, diamondCount: 5 };
const SENT = [sent('1', 1), sent('2', 1, GIFT), sent('lost-in-the-gap', 1), sent('3', 2)];
/** What the restart sent again is there twice. */
const RECORDS = [0, 1, 2, 1, 2, 3, 4];

/** What is found wrong when the story is told with these changes. */
function findings(change: {
  story?: Story;
  lives?: readonly Omit<LifeEnd, 'lastSecond'>[];
  records?: readonly TopicRecord[];
  sent?: readonly ReturnType<typeof sent>[];
}): string {
  const { story = STORY, lives = [KILL, END], sent: lines = SENT } = change;
  const found = new Findings();
  const oracle = new DeliveryOracle(found);
  let told = 0;
  for (const life of lives) {
    for (; told < life.lastOffset; told += 1) {
      const event = story[told]?.event;
      if (event !== undefined) oracle.admit(event);
    }
    oracle.ended(life);
  }
  const records = change.records ?? RECORDS.flatMap((index) => story[index]?.record ?? []);
  for (const record of records) oracle.arrived(record);
  for (const line of lines) oracle.sent(line as never);
  oracle.report();
  return found.toString().split('\n')[0] ?? '';
}

const records = (...order: number[]): TopicRecord[] => order.flatMap((index) => STORY[index]?.record ?? []);
const replaced = (index: number, by: ReturnType<typeof made>): Story =>
  STORY.map((item, place) => (place === index ? by : item));

describe('the oracle of the kill test', () => {
  it('finds nothing wrong with a kill, its repeats and its gap', () => {
    expect(findings({})).toBe('');
  });

  it.each<[string, Parameters<typeof findings>[0]]>([
    ['lost: 1', { records: records(0, 2, 3, 4) }],
    ['published, never admitted: 1', { records: [...records(0, 1, 2, 3, 4), made(9, { id: '99' }).record] }],
    ['altered: 1', { records: [...records(0, 1, 2, 3, 4), { ...made(2, { id: '1', data: { x: 1 } }).record }] }],
    ['out of order: 1', { records: records(0, 2, 1, 3, 4) }],
    [
      'room in two partitions: 1',
      { records: [...records(0, 1, 2, 3), ...records(4).map((record) => ({ ...record, partition: 1 }))] },
    ],
    ['repeated without a reason: 1', { records: records(0, 1, 2, 3, 4, 4) }],
    ['orderly stop left a rest: 1', { lives: [KILL, { ...END, cursor: 4 }] }],
    ['never sent by the simulator: 1', { sent: SENT.slice(1) }],
    ['lost in silence: 1', { sent: [...SENT, sent('at the end of the run', 2)] }],
    ['lost in silence: 1', { sent: [sent('1', 1), sent('between two', 1), ...SENT.slice(1)] }],
    [
      'wrong diamonds: 1',
      { sent: SENT.map((line) => (line.msgId === '2' ? sent('2', 1, { ...GIFT, repeatCount: 4 }) : line)) },
    ],
    [
      'admitted twice: 1',
      { story: replaced(4, made(5, { id: '1', second: 9, sequence: formatSequence(2, 2) })), sent: SENT.slice(0, 3) },
    ],
    [
      'sequence with a hole: 1',
      { story: replaced(4, made(5, { id: '3', second: 9, sequence: formatSequence(2, 3) })) },
    ],
    [
      'gap missing: 1',
      {
        story: replaced(3, made(4, { id: '4', second: 9, sequence: formatSequence(2, 1) })),
        sent: [...SENT.filter(({ msgId }) => msgId !== 'lost-in-the-gap'), sent('4', 2)],
      },
    ],
    ['gap without a reason: 1', { lives: [END], records: records(0, 1, 2, 3, 4) }],
  ])('finds %s', (expected, change) => {
    expect(findings(change)).toBe(expected);
  });
});

describe('EventTable', () => {
  it('knows what was admitted, through its growth', () => {
    const table = new EventTable();
    const value = Buffer.from('value');
    for (let n = 1; n <= 100_000; n += 1) expect(table.admit(SOURCE, String(n), n, value).fresh).toBe(true);
    expect(table.size).toBe(100_000);
    expect(table.admit(SOURCE, '7', 5, value)).toMatchObject({ fresh: false });
    const slot = table.slotOf(SOURCE, '77777') ?? -1;
    expect(table.offsetOf(slot)).toBe(77_777);
    expect([table.sameValue(slot, value), table.sameValue(slot, Buffer.from('other'))]).toEqual([true, false]);
    expect([table.published(slot), table.published(slot), table.publishedCount(slot)]).toEqual([1, 2, 2]);
    expect(table.slotOf(SOURCE, '100001')).toBeUndefined();
  });
});
