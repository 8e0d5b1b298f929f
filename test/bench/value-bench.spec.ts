import * as peer from 'tiktok-live-connector';
import { describe, expect, it } from 'vitest';
import * as pipeline from '../../apps/watcher/src/pipeline/room-pipeline.js';
import * as shaper from '../../apps/watcher/src/pipeline/message-shaper.js';
import * as dispatcher from '../../libs/connector/src/connection/message-dispatcher.js';
import * as proto from '../../libs/connector/src/proto/index.js';
import * as unpack from '../../libs/connector/src/socket/unpack.js';
import { realisticFrames } from './realistic-frames.mjs';
import { benchValues, SUBJECTS } from './value-bench.mjs';

describe('the benchmark of frames', () => {
  it('takes every message of the same frames to a value, and gives rates and ratios', async () => {
    const parts = { ...proto, ...unpack, ...dispatcher, ...pipeline, ...shaper };
    const frames = realisticFrames(proto, { frames: 5 });
    const plainFrames = realisticFrames(proto, { frames: 5, gzip: false });
    const result = await benchValues({ parts, peer, frames, plainFrames, rounds: 1, minimumMs: 1 });
    expect(result.messages).toBe(
      plainFrames.reduce((sum, frame) => {
        return sum + proto.readBatch(proto.WebcastPushFrame.decode(frame).payload).messages.length;
      }, 0),
    );
    expect(result.rows.map(({ name }) => name)).toEqual(Object.values(SUBJECTS));
    for (const { perSecond } of result.rows) expect(perSecond).toBeGreaterThan(0);
    for (const ratio of Object.values(result.ratios)) expect(ratio).toBeGreaterThan(0);
  });

  it('refuses plain frames that say something else', async () => {
    const parts = { ...proto, ...unpack, ...dispatcher, ...pipeline, ...shaper };
    const [frames, plainFrames] = [realisticFrames(proto, { frames: 2 }), realisticFrames(proto, { frames: 1 })];
    await expect(benchValues({ parts, peer, frames, plainFrames, rounds: 1, minimumMs: 1 })).rejects.toThrow('plain');
  });
});
