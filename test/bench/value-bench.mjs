import { gunzipSync } from 'node:zlib';
import { measure, median } from './measure.mjs';

const MAX_BYTES = 32 * 1024 * 1024;
const ROOM = '7300000000000000001';
/** Receipt of every frame, ms since the epoch. */
const RECEIVED_AT = 1_720_000_100_000;

export const SUBJECTS = {
  value: 'livetap, frame to record value',
  library: 'livetap, library, every event',
  some: 'livetap, library, chat and gifts',
  gunzip: 'gunzip alone',
  peer: 'tiktok-live-connector 2.4.0',
  peerJson: 'tiktok-live-connector 2.4.0, and JSON',
  plainValue: 'livetap, plain frame to record value',
  scan: 'every byte of a plain frame read in JavaScript',
};

/**
 * What becomes of the bytes of frames: the value of a record of this project's service, whole objects of its library, what
 * the peer's own way makes of them (`deserializeWebSocketMessage`), and the least that any of them must do.
 * `parts`: this project's modules; `peer`: tiktok-live-connector.
 */
export async function benchValues({ rounds = 11, minimumMs = 60, ...input }) {
  const { messages, candidates } = valueCandidates(input);
  const seconds = await measure(candidates, { rounds, minimumMs });
  const ratio = (above, below) => median(seconds[below].map((time, round) => time / seconds[above][round]));
  return {
    frames: input.frames.length,
    messages,
    rows: Object.entries(seconds).map(([name, times]) => ({ name, perSecond: messages / median(times) })),
    ratios: {
      'frame to value : gunzip alone': ratio(SUBJECTS.value, SUBJECTS.gunzip),
      'frame to value : peer': ratio(SUBJECTS.value, SUBJECTS.peer),
      'frame to value : peer and JSON': ratio(SUBJECTS.value, SUBJECTS.peerJson),
      'plain frame to value : byte scan': ratio(SUBJECTS.plainValue, SUBJECTS.scan),
      'library, every event : peer': ratio(SUBJECTS.library, SUBJECTS.peer),
      'library, chat and gifts : peer': ratio(SUBJECTS.some, SUBJECTS.peer),
    },
  };
}

/** What is measured, by name; each call goes over all frames. `messages`: how many they hold. */
export function valueCandidates({ parts: modules, peer, frames, plainFrames }) {
  // All rooms of a process share one.
  const parts = { ...modules, shaper: new modules.MessageShaper() };
  const packed = frames.map((frame) => parts.WebcastPushFrame.decode(frame).payload);
  const sizes = packed.map((payload) => gunzipSync(payload).length);
  const plain = plainFrames.map((frame) => Buffer.from(parts.WebcastPushFrame.decode(frame).payload));
  const messages = valuesOf(parts, frames);
  if (messages !== valuesOf(parts, plainFrames)) throw new Error('plain frames say something else');
  return {
    messages,
    candidates: {
      [SUBJECTS.value]: () => valuesOf(parts, frames),
      [SUBJECTS.library]: () => dispatch(parts, frames, () => true),
      [SUBJECTS.some]: () => dispatch(parts, frames, (event) => event === 'chat' || event === 'gift'),
      [SUBJECTS.gunzip]: () => packed.forEach((payload, at) => gunzipSync(payload, { chunkSize: sizes[at] + 16 })),
      [SUBJECTS.peer]: () => peerDecodes(peer, frames, () => undefined),
      [SUBJECTS.peerJson]: () => peerDecodes(peer, frames, (data) => JSON.stringify(data)),
      [SUBJECTS.plainValue]: () => valuesOf(parts, plainFrames),
      [SUBJECTS.scan]: () => plain.reduce((sum, bytes) => sum + scan(bytes), 0),
    },
  };
}

/** The pipeline of a new room. */
export function roomPipeline({ RoomPipeline }, shaper) {
  return new RoomPipeline({
    ...{ roomId: ROOM, subject: 'some.streamer', streamerId: '6800000000000000001', sessionId: ROOM },
    ...{ occurrence: 1, epoch: 3, rawTopic: false, shaper },
  });
}

/** As the service does it, in a room of its own. Returns how many values there are. */
function valuesOf({ RoomPipeline, shaper, ...parts }, frames) {
  const pipeline = roomPipeline({ RoomPipeline }, shaper);
  let values = 0;
  readFrames(parts, frames, ({ messages, now }) => {
    values += pipeline.frame({ messages, now, receivedAt: RECEIVED_AT }).events.length;
  });
  return values;
}

/** From frames to batches as a socket does it. */
function readFrames({ WebcastPushFrame, lendPayload, givePayloadBack, readBatch }, frames, use) {
  for (const frame of frames) {
    const unpacked = lendPayload(WebcastPushFrame.decode(frame).payload, MAX_BYTES);
    use(readBatch(unpacked));
    givePayloadBack(unpacked);
  }
}

function dispatch({ MessageDispatcher, ...parts }, frames, listens) {
  let heard = 0;
  const dispatcher = new MessageDispatcher({
    listens,
    dispatch: (event) => void (listens(event) && (heard += 1)),
    reportError: (info, error) => {
      throw error;
    },
    isActive: () => true,
    continuity: () => undefined,
    roomId: () => ROOM,
    gifts: () => null,
  });
  readFrames(parts, frames, (batch) => dispatcher.dispatchBatch({ ...batch, receivedAt: RECEIVED_AT }));
  return heard;
}

/** One frame after the other, as its socket does it. */
async function peerDecodes({ deserializeWebSocketMessage }, frames, use) {
  for (const frame of frames) {
    const { protoMessageFetchResult } = await deserializeWebSocketMessage(frame);
    // Recorded frames have messages that it does not know, and perhaps none.
    for (const { decodedData } of protoMessageFetchResult?.messages ?? []) use(decodedData?.data);
  }
}

function scan(bytes) {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum = (sum + bytes[i]) | 0;
  return sum;
}
