import {
  codecForMethod,
  WebcastBarrageMessage,
  WebcastControlMessage,
  WebcastEnvelopeMessage,
  WebcastGiftMessage,
  WebcastLikeMessage,
  WebcastSocialMessage,
  wireMethods,
} from '@livetap/connector';
import type { CommonMessageData, DecodeReport } from '@livetap/connector';
import { beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../common/clock.js';
import { MessageIds } from '../common/ids.js';
import { Random } from '../common/random.js';
import type { OutMessage } from '../world/message.js';
import { makeStreamer } from '../world/streamer.js';
import { factsOf } from './facts.js';
import { UNKNOWN_METHODS } from './rare.js';
import { LiveScript } from './script.js';
import { Viewers } from './viewers.js';

const ROOM = '7286185092587944411';

const scriptOf = (seed: string): LiveScript => {
  const streamer = makeStreamer(new Random('streamer'), {
    uniqueId: 'anna',
    roomId: ROOM,
    rate: 10,
    restricted: false,
  });
  return new LiveScript(ROOM, streamer, {
    ids: new MessageIds(new ManualClock()),
    viewers: new Viewers('seed', 200),
    random: new Random(seed),
  });
};

const NOW = 1_790_000_000_000;
const COUNT = 8000;
let messages: OutMessage[];
beforeAll(() => {
  const script = scriptOf('long');
  messages = Array.from({ length: COUNT }, () => script.next(NOW));
});
const of = (method: string): OutMessage[] => messages.filter((message) => message.method === method);

describe('LiveScript', () => {
  it('makes the same messages again from the same seed, others from another', () => {
    const bytes = (seed: string): string[] => {
      const script = scriptOf(seed);
      return Array.from({ length: 200 }, () => Buffer.from(script.next(NOW).payload).toString('base64'));
    };
    expect(bytes('x')).toEqual(bytes('x'));
    expect(bytes('x')).not.toEqual(bytes('y'));
  });

  it('keeps to the mix of real rooms', () => {
    const share = (method: string): number => of(method).length / COUNT;
    expect(share('WebcastMemberMessage')).toBeCloseTo(0.35, 1);
    expect(share('WebcastLikeMessage')).toBeCloseTo(0.25, 1);
    expect(share('WebcastChatMessage')).toBeCloseTo(0.2, 1);
    expect(share('WebcastGiftMessage')).toBeGreaterThan(0.04);
    expect(share('WebcastGiftMessage')).toBeLessThan(0.09);
  });

  it('brings every method that has a type, the legacy rank alone excepted, and methods without one', () => {
    const seen = new Set([...messages, scriptOf('end').control(3, NOW)].map((message) => message.method));
    expect(wireMethods.filter((method) => !seen.has(method) && method !== 'WebcastHourlyRankMessage')).toEqual([]);
    expect(UNKNOWN_METHODS.filter((method) => !seen.has(method))).toEqual([]);
    expect(UNKNOWN_METHODS.filter((method) => codecForMethod(method) !== undefined)).toEqual([]);
  });

  it('brings the messages that events are derived from', () => {
    const keys = of('WebcastSocialMessage').map(
      (message) => WebcastSocialMessage.decode(message.payload).common?.displayText?.displayType ?? '',
    );
    expect(keys.some((key) => key.includes('follow'))).toBe(true);
    expect(keys.some((key) => key.includes('share'))).toBe(true);
    expect(keys.some((key) => !key.includes('share') && !key.includes('follow'))).toBe(true);
    const barrages = of('WebcastBarrageMessage').map((message) =>
      (WebcastBarrageMessage.decode(message.payload).content?.displayType ?? '').toLowerCase(),
    );
    expect(barrages.some((key) => key.includes('ttlive_superfan_commentnotif_superfanjoined'))).toBe(true);
    expect(barrages.some((key) => key.includes('ttlive_superfan_commentnotif_someonebecamesuperfan'))).toBe(true);
    expect(barrages.some((key) => !key.includes('superfan'))).toBe(true);
    const boxes = of('WebcastEnvelopeMessage').map((message) => WebcastEnvelopeMessage.decode(message.payload));
    expect(boxes.some((box) => Number(box.envelopeInfo?.businessType) === 19)).toBe(true);
    expect(boxes.some((box) => box.common?.displayText?.displayType.toLowerCase().includes('ttlive_superfanbox'))).toBe(
      true,
    );
    expect(
      boxes.some((box) => Number(box.envelopeInfo?.businessType) === 1 && box.common?.displayText === undefined),
    ).toBe(true);
  });

  it('writes what its codec reads back whole, with the header of the message', () => {
    const report: DecodeReport = { dropped: 0 };
    for (const message of messages) {
      const decoded = codecForMethod(message.method)?.decode(message.payload, report) as
        { common?: CommonMessageData } | undefined;
      if (decoded === undefined) continue;
      if (decoded.common?.msgId !== message.msgId || decoded.common.roomId !== ROOM)
        throw new Error(`header of ${message.method}`);
    }
    expect(report.dropped).toBe(0);
  });

  it('notes the facts that the bytes hold', () => {
    for (const message of messages) expect(message.facts).toEqual(factsOf(message.method, message.payload));
  });

  it('has like totals that run backwards, as two counters do', () => {
    const totals = of('WebcastLikeMessage').map((message) => WebcastLikeMessage.decode(message.payload).totalLikeCount);
    const backwards = totals.filter((total, index) => index > 0 && total < (totals[index - 1] ?? 0)).length;
    expect(backwards / totals.length).toBeGreaterThan(0.15);
    expect(Math.max(...totals)).toBeGreaterThan(totals[0] ?? 0);
  });

  it('has streaks that grow, end with and without an end frame, and gifts without a streak', () => {
    const gifts = of('WebcastGiftMessage').map((message) => WebcastGiftMessage.decode(message.payload));
    const streaks = new Map<string, typeof gifts>();
    for (const gift of gifts) {
      if (gift.giftDetails?.giftType !== 1) continue;
      const key = `${gift.user?.userId ?? ''}-${gift.giftId}-${gift.groupId}`;
      streaks.set(key, [...(streaks.get(key) ?? []), gift]);
    }
    const long = [...streaks.values()].filter((frames) => frames.length > 2);
    expect(long.length).toBeGreaterThan(10);
    for (const frames of long) {
      const counts = frames.map((gift) => gift.repeatCount);
      expect(counts).toEqual([...counts].sort((left, right) => left - right));
      expect(frames.slice(0, -1).every((gift) => gift.repeatEnd === 0)).toBe(true);
    }
    expect(long.some((frames) => frames.at(-1)?.repeatEnd === 1)).toBe(true);
    expect(long.some((frames) => frames.at(-1)?.repeatEnd === 0)).toBe(true);
    const single = gifts.filter((gift) => gift.giftDetails?.giftType !== 1);
    expect(single.every((gift) => gift.repeatCount === 1 && gift.repeatEnd === 0)).toBe(true);
    expect(single.some((gift) => gift.groupId === '0')).toBe(true);
    expect(single.some((gift) => gift.groupId !== '0')).toBe(true);
    expect(single.some((gift) => gift.toUser !== undefined)).toBe(true);
  });

  it('tells pauses and ends', () => {
    const message = scriptOf('control').control(4, NOW);
    expect(WebcastControlMessage.decode(message.payload).action).toBe(4);
    expect(message.facts).toEqual({ kind: 'control', action: 4 });
  });

  it('goes on unseen: streaks and totals have moved after a skip', () => {
    const watched = scriptOf('skip');
    const unwatched = scriptOf('skip');
    for (let index = 0; index < 100; index += 1) watched.next(NOW);
    unwatched.skip(100);
    expect(unwatched.likes).toBe(watched.likes);
  });
});
