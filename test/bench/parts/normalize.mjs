import * as peer from 'tiktok-live-connector';
import { measure, median } from '../measure.mjs';
import { chosenFields } from '../pipelines/chosen-fields.mjs';
import { roomPipeline } from '../value-bench.mjs';
import { rates } from './values.mjs';

const OURS = 'livetap, batch to finished events';
const PEER = 'chosen fields and JSON of messages that tiktok-live-connector 2.4.0 decoded before';
const RECEIVED_AT = 1_720_000_100_000;

/** The pipeline alone: unpacked batches to numbered, de-duplicated events with their final bytes. */
export const normalize = {
  name: 'normalize',
  about: 'unpacked batches to finished events',
  async run(context) {
    const parts = await context.modules();
    const sections = [];
    for (const { name, frames, plainFrames } of await context.frameSets()) {
      const batches = plainFrames.map((frame) => parts.readBatch(parts.WebcastPushFrame.decode(frame).payload));
      const messages = batches.reduce((sum, batch) => sum + batch.messages.length, 0);
      const decoded = [];
      for (const frame of frames) {
        const { protoMessageFetchResult } = await peer.deserializeWebSocketMessage(frame);
        decoded.push(...(protoMessageFetchResult?.messages ?? []));
      }
      const shaper = new parts.MessageShaper();
      const seconds = await measure(
        {
          [OURS]() {
            const pipeline = roomPipeline(parts, shaper);
            for (const { messages: some, now } of batches)
              pipeline.frame({ messages: some, now, receivedAt: RECEIVED_AT });
          },
          [PEER]() {
            for (const { method, decodedData } of decoded)
              Buffer.from(JSON.stringify(chosenFields(method, decodedData?.data ?? {}, '7300000000000000001')));
          },
        },
        { rounds: 11, minimumMs: 60, ...context.pace },
      );
      sections.push({
        title: `normalize, ${name}`,
        about: `${messages} messages in ${frames.length} frames`,
        rows: rates(
          Object.entries(seconds).map(([row, times]) => ({ name: row, perSecond: messages / median(times) })),
        ),
        notes: [
          'The first decodes as well, and writes the whole event; the second has a decoded object before it begins.',
        ],
      });
    }
    return sections;
  },
};
