import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { BLOCK_ENTRIES } from './columns.js';
import type { MessageFacts, SentMessage } from './entry.js';
import { Ledger } from './ledger.js';
import { LedgerSpill } from './spill.js';

const frame = { room: '7', live: 1, socket: 1, at: 1000, isHistory: false };
const sent = (msgId: string, method = 'WebcastChatMessage', facts?: MessageFacts): SentMessage => ({
  msgId,
  method,
  facts,
  damaged: false,
});
const gift = (
  msgId: string,
  repeatCount: number,
  more: Partial<Extract<MessageFacts, { kind: 'gift' }>> = {},
): SentMessage =>
  sent(msgId, 'WebcastGiftMessage', {
    kind: 'gift',
    userId: '60',
    giftId: 5487,
    groupId: '9',
    repeatCount,
    diamondCount: 5,
    repeatEnd: false,
    giftType: 1,
    ...more,
  });

let directory: string | undefined;
afterEach(() => {
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  directory = undefined;
});

describe('Ledger', () => {
  it('counts a streak by its highest repeat count, whatever the order, the repeats and the end', () => {
    const ledger = new Ledger({ maxEntries: 1000 });
    ledger.record(frame, [gift('101', 1), gift('102', 2)]);
    ledger.record({ ...frame, isHistory: true, socket: 2 }, [gift('102', 2)]);
    ledger.record(frame, [gift('105', 5), gift('104', 4), gift('106', 5, { repeatEnd: true })]);
    expect(ledger.room('7')).toMatchObject({ messages: 5, sent: 6, gifts: 5, streaks: 1, giftCount: 5, diamonds: 25 });
  });

  it('counts gifts without a streak one by one, and streaks of others apart', () => {
    const ledger = new Ledger({ maxEntries: 1000 });
    ledger.record(frame, [
      gift('1', 1, { groupId: '0' }),
      gift('2', 1, { groupId: '0' }),
      gift('3', 4),
      gift('4', 2, { userId: '61' }),
      gift('5', 1, { giftId: 5655, diamondCount: 1 }),
    ]);
    expect(ledger.room('7')).toMatchObject({ streaks: 5, giftCount: 9, diamonds: 5 + 5 + 20 + 10 + 1 });
  });

  it('keeps maxima of likes and viewers, and tells follows from shares', () => {
    const ledger = new Ledger({ maxEntries: 1000 });
    ledger.record(frame, [
      sent('1', 'WebcastLikeMessage', { kind: 'like', userId: '60', count: 5, total: 900 }),
      sent('2', 'WebcastLikeMessage', { kind: 'like', userId: '60', count: 7, total: 700 }),
      sent('3', 'WebcastRoomUserSeqMessage', { kind: 'viewers', viewers: 12, totalUser: 90 }),
      sent('4', 'WebcastRoomUserSeqMessage', { kind: 'viewers', viewers: 8, totalUser: 95 }),
      sent('5', 'WebcastSocialMessage', { kind: 'social', userId: '60', social: 'follow', followCount: 0 }),
      sent('6', 'WebcastSocialMessage', { kind: 'social', userId: '60', social: 'share', followCount: 0 }),
      sent('7', 'WebcastSocialMessage', { kind: 'social', userId: '60', social: 'other', followCount: 0 }),
      sent('8', 'WebcastMemberMessage'),
    ]);
    expect(ledger.room('7')).toMatchObject({
      likeMax: 900,
      likeCountSum: 12,
      likeMessages: 2,
      viewersPeak: 12,
      follows: 1,
      shares: 1,
      joins: 1,
      chats: 0,
    });
  });

  it('tells messages apart by room, id and method', () => {
    const ledger = new Ledger({ maxEntries: 1000 });
    ledger.record(frame, [sent('1'), sent('1', 'WebcastMemberMessage'), sent('1')]);
    ledger.record({ ...frame, room: '8' }, [sent('1')]);
    expect(ledger.messages).toBe(3);
    expect(ledger.sent).toBe(4);
    expect(ledger.summary().rooms.map(({ room, messages }) => [room, messages])).toEqual([
      ['7', 2],
      ['8', 1],
    ]);
  });

  it('sums up each live of a room id for itself', () => {
    const ledger = new Ledger({ maxEntries: 1000 });
    ledger.record(frame, [sent('1')]);
    ledger.record({ ...frame, live: 2 }, [sent('2'), sent('3')]);
    expect(ledger.summary().lives.map(({ live, messages }) => [live, messages])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('counts what was acknowledged once, and never what was damaged', () => {
    const ledger = new Ledger({ maxEntries: 1000 });
    const first = ledger.record(frame, [sent('1'), { ...sent('2'), damaged: true }]);
    const repeat = ledger.record({ ...frame, isHistory: true }, [sent('1')]);
    expect(ledger.acked).toBe(0);
    ledger.acknowledge(repeat);
    ledger.acknowledge(first);
    expect(ledger.acked).toBe(1);
    expect(ledger.room('7')).toMatchObject({ messages: 1, sent: 3, damaged: 1, acked: 1 });
    expect([...ledger.inMemory()].map(({ acked, damaged, first: isFirst }) => ({ acked, damaged, isFirst }))).toEqual([
      { acked: true, damaged: false, isFirst: true },
      { acked: false, damaged: true, isFirst: false },
      { acked: true, damaged: false, isFirst: false },
    ]);
  });

  it('gives back every fact that it was given', () => {
    const facts: MessageFacts[] = [
      {
        kind: 'gift',
        userId: '18446744073709551615',
        giftId: 5487,
        groupId: '1700000000123',
        repeatCount: 4_000_000,
        diamondCount: 34_999,
        repeatEnd: true,
        giftType: 4,
      },
      { kind: 'chat', userId: '7286185092587944001' },
      { kind: 'member', userId: '7286185092587944002' },
      { kind: 'like', userId: '7286185092587944003', count: 15, total: 3_000_000_000 },
      { kind: 'viewers', viewers: 80_000, totalUser: 1_000_000 },
      { kind: 'social', userId: '7286185092587944004', social: 'share', followCount: 5_000_000_000 },
      {
        kind: 'battle',
        battleId: '7286185092587944005',
        rivalId: '7286185092587944006',
        own: 9_000_000_000,
        other: 800,
        finished: true,
      },
      { kind: 'control', action: 3 },
    ];
    const ledger = new Ledger({ maxEntries: 1000 });
    ledger.record(
      frame,
      facts.map((item, index) => sent(String(7_286_185_092_587_944_000n + BigInt(index)), 'WebcastX', item)),
    );
    const entries = [...ledger.inMemory('7')];
    expect(entries.map((entry) => entry.facts)).toEqual(facts);
    expect(entries[0]).toMatchObject({
      seq: 1,
      at: 1000,
      room: '7',
      live: 1,
      msgId: '7286185092587944000',
      method: 'WebcastX',
      socket: 1,
      isHistory: false,
    });
  });

  it('puts the oldest entries into files and reads them back in order', async () => {
    directory = mkdtempSync(join(tmpdir(), 'ledger-'));
    const ledger = new Ledger({ maxEntries: 1, spill: new LedgerSpill(directory) });
    const total = BLOCK_ENTRIES + 10;
    for (let index = 0; index < total; index += 10)
      ledger.record(
        frame,
        Array.from({ length: Math.min(10, total - index) }, (_, offset) => sent(String(index + offset + 1))),
      );
    expect(readdirSync(directory)).toEqual(['ledger-000001.ndjson']);
    expect([...ledger.inMemory()]).toHaveLength(10);
    const seqs: number[] = [];
    for await (const entry of ledger.entries('7')) seqs.push(entry.seq);
    expect(seqs).toEqual(Array.from({ length: total }, (_, index) => index + 1));
  });

  it('says how many entries it dropped when there is nowhere to put them, and its totals still count them', () => {
    const ledger = new Ledger({ maxEntries: 1 });
    for (let index = 1; index <= BLOCK_ENTRIES + 1; index += 1) ledger.record(frame, [sent(String(index))]);
    expect(ledger.summary()).toMatchObject({
      sent: BLOCK_ENTRIES + 1,
      messages: BLOCK_ENTRIES + 1,
      dropped: BLOCK_ENTRIES,
    });
    expect([...ledger.inMemory()]).toHaveLength(1);
  });
});
