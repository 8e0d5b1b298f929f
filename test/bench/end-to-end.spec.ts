import { gunzipSync } from 'node:zlib';
import { describe, expect, inject, it } from 'vitest';
import * as proto from '../../libs/connector/src/proto/index.js';
import { LIVETAP, PEERS, runPipeline, WARM_UP_FRAMES } from './pipelines/pipeline-run.mjs';
import { realisticFrames } from './realistic-frames.mjs';

const brokers = inject('kafkaBrokers');
const ROOMS = 3;
const FRAMES = 6;

describe.skipIf(brokers.length === 0)('the benchmark from socket to Kafka', () => {
  it.each([
    { pipeline: LIVETAP, processes: 1 },
    { pipeline: LIVETAP, processes: 2 },
    ...PEERS.map((pipeline) => ({ pipeline, processes: 1 })),
  ])(
    'counts every message once it is acknowledged: $pipeline.name in $processes processes',
    async ({ pipeline, processes }) => {
      const sent = realisticFrames(proto, { frames: WARM_UP_FRAMES + FRAMES, seed: 7 }).slice(WARM_UP_FRAMES);
      const perRoom = sent
        .map((frame) => proto.readBatch(gunzipSync(proto.WebcastPushFrame.decode(frame).payload)).messages.length)
        .reduce((sum, count) => sum + count, 0);
      // As many rooms for each process.
      const rooms = ROOMS * processes;
      const result = await runPipeline(pipeline, { brokers, rooms, framesPerRoom: FRAMES, processes });
      expect(result.messages).toBe(rooms * perRoom);
      expect(result.seconds).toBeGreaterThan(0);
      expect(result.processorMicros).toBeGreaterThan(0);
      expect(result.latencyP99Ms).toBeGreaterThanOrEqual(result.latencyP50Ms);
    },
  );
});
