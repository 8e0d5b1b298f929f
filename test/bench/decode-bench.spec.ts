import { gunzipSync } from 'node:zlib';
import * as reference from 'tiktok-live-proto/v3';
import { describe, expect, it } from 'vitest';
import * as proto from '../../libs/connector/src/proto/index.js';
import { benchDecode, decoders } from './decode-bench.mjs';
import { realisticFrames } from './realistic-frames.mjs';

const FRAMES = 60;

describe('the decode benchmark', () => {
  const frames = realisticFrames(proto, { frames: FRAMES });
  const batches = frames.map((frame) => gunzipSync(proto.WebcastPushFrame.decode(frame).payload));

  it('measures the same frames every time', () => {
    const again = realisticFrames(proto, { frames: FRAMES });
    expect(again.every((frame, index) => Buffer.compare(frame, frames[index]!) === 0)).toBe(true);
    const other = realisticFrames(proto, { frames: FRAMES, seed: 2 });
    expect(Buffer.compare(other[0]!, frames[0]!)).not.toBe(0);
  });

  it('measures the mix of a busy room', () => {
    const methods = batches.flatMap((batch) => proto.readBatch(batch).messages.map(({ method }) => method));
    const share = (method: string): number => methods.filter((other) => other === method).length / methods.length;
    expect(share('WebcastMemberMessage')).toBeCloseTo(0.35, 1);
    expect(share('WebcastLikeMessage')).toBeCloseTo(0.25, 1);
    expect(share('WebcastChatMessage')).toBeCloseTo(0.2, 1);
    expect(share('WebcastGiftMessage')).toBeCloseTo(0.1, 1);
    expect(share('WebcastRoomUserSeqMessage')).toBeCloseTo(0.1, 1);
  });

  it('lets both decoders decode every message', () => {
    const { livetap, reference: peer } = decoders(proto, reference);
    for (const batch of batches) {
      const messages = proto.readBatch(batch).messages.length;
      expect(livetap(batch)).toBe(messages);
      expect(peer(batch)).toBe(messages);
    }
  });

  it('gives messages per second of each subject and their ratio', async () => {
    const result = await benchDecode({ proto, reference, frames: frames.slice(0, 5), rounds: 3, minimumMs: 1 });
    expect(result.rows.map(({ name }) => name)).toEqual(['livetap', 'tiktok-live-proto 0.2.3', 'gunzip alone']);
    for (const { perSecond } of result.rows) expect(perSecond).toBeGreaterThan(0);
    expect(result.ratio).toBeGreaterThan(0);
  });
});
