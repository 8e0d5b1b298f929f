import { createRequire } from 'node:module';
import * as peer from 'tiktok-live-connector';
import { roomPipeline, SUBJECTS, valueCandidates } from './value-bench.mjs';

const require = createRequire(import.meta.url);
const RECEIVED_AT = 1_720_000_100_000;

/** What CI compares: each the path of this project and a yardstick that does not change with it. */
export async function guardPairs(context) {
  const parts = await context.modules();
  const [{ frames, plainFrames }] = await context.frameSets();
  const { candidates } = valueCandidates({ parts, peer, frames, plainFrames });
  const events = eventsOf(parts, plainFrames);
  const values = events.map(({ value }) => value);
  const scanValues = () => values.reduce((sum, bytes) => sum + scan(bytes), 0);
  return {
    'frame to value : gunzip alone': pair(candidates[SUBJECTS.value], candidates[SUBJECTS.gunzip]),
    'plain frame to value : byte scan': pair(candidates[SUBJECTS.plainValue], candidates[SUBJECTS.scan]),
    'library, every event : gunzip alone': pair(candidates[SUBJECTS.library], candidates[SUBJECTS.gunzip]),
    'library, chat and gifts : gunzip alone': pair(candidates[SUBJECTS.some], candidates[SUBJECTS.gunzip]),
    'journal records : byte scan of their values': pair(await journalWork(context, events), scanValues),
    'record batches : those of kafkajs': pair(await batchWork(context, events), await kafkajsWork(context, events)),
  };
}

function pair(ours, yardstick) {
  return { ours, yardstick };
}

/** The events of a busy room, as the pipeline finishes them. */
function eventsOf(parts, plainFrames) {
  const pipeline = roomPipeline(parts, new parts.MessageShaper());
  return plainFrames.flatMap((frame) => {
    const { messages, now } = parts.readBatch(parts.WebcastPushFrame.decode(frame).payload);
    return pipeline.frame({ messages, now, receivedAt: RECEIVED_AT }).events;
  });
}

/** Records of twelve events, as a frame makes them. */
async function journalWork(context, events) {
  const { encodeRecord, recordSizeBound } = await context.built('apps/watcher/dist/journal/record-codec.js');
  const ticks = grouped(events, 12);
  const target = Buffer.allocUnsafe(Math.max(...ticks.map((tick) => recordSizeBound(tick))));
  return () => ticks.forEach((tick) => encodeRecord(target, 0, tick, { firstOffset: 1, groupStart: 0 }));
}

const BATCH_EVENTS = 30;

async function batchWork(context, events) {
  const { RecordWriter } = await context.built('apps/watcher/dist/publishing/record-batch.js');
  const { InlineBatchPacker } = await context.built('apps/watcher/dist/publishing/inline-batch-packer.js');
  const [writer, packer] = [new RecordWriter(), new InlineBatchPacker()];
  const batches = grouped(events, BATCH_EVENTS).map((batch) => [{ events: batch, firstSequence: 0 }]);
  const options = { producer: { id: 1n, epoch: 0 }, compression: 'none' };
  return async () => {
    for (const batch of batches) await packer.pack({ ...writer.write(batch), ...options });
  };
}

/** The same batches, made by the encoder of the client library. */
async function kafkajsWork(context, events) {
  const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0');
  const Record = require('kafkajs/src/protocol/recordBatch/record/v0');
  const { eventHeaders } = await context.built('apps/watcher/dist/publishing/cloud-events-codec.js');
  const batches = grouped(events, BATCH_EVENTS);
  return async () => {
    for (const batch of batches) {
      const records = batch.map((event, offsetDelta) =>
        Record({ offsetDelta, timestampDelta: 0, key: event.key, value: event.value, headers: eventHeaders(event) }),
      );
      await RecordBatch({ lastOffsetDelta: records.length - 1, records });
    }
  };
}

function grouped(items, size) {
  const groups = [];
  for (let at = 0; at < items.length; at += size) groups.push(items.slice(at, at + size));
  return groups;
}

function scan(bytes) {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum = (sum + bytes[i]) | 0;
  return sum;
}
