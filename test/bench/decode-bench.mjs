import { gunzipSync } from 'node:zlib';
import { measure, median } from './measure.mjs';

/** The decoders under test. Each takes an unpacked batch and returns how many messages it decoded. */
export function decoders(proto, reference) {
  const typesOfReference = new Map();
  for (const method of proto.wireMethods) {
    const name = { RoomMessage: 'WebcastRoomMessage', LinkMicMethod: 'WebcastLinkMicMethod' }[method] ?? method;
    if (reference[name]?.decode !== undefined) typesOfReference.set(method, reference[name]);
  }
  return {
    livetap(batch) {
      let decoded = 0;
      for (const { method, payload } of proto.readBatch(batch).messages) {
        if (!typesOfReference.has(method)) continue;
        if (proto.codecForMethod(method).decode(payload)) decoded++;
      }
      return decoded;
    },
    reference(batch) {
      let decoded = 0;
      for (const { method, payload } of reference.ProtoMessageFetchResult.decode(batch).messages) {
        const type = typesOfReference.get(method);
        if (type?.decode(payload)) decoded++;
      }
      return decoded;
    },
  };
}

const OURS = 'livetap';
const PEER = 'tiktok-live-proto 0.2.3';

/** Rates are medians over the rounds; the ratio is the median of the ratios within each round. */
export async function benchDecode({ proto, reference, frames, rounds = 15, minimumMs = 60 }) {
  const packed = frames.map((frame) => proto.WebcastPushFrame.decode(frame).payload);
  const batches = packed.map((payload) => gunzipSync(payload));
  const both = decoders(proto, reference);
  const count = (decode) => batches.reduce((sum, batch) => sum + decode(batch), 0);
  const messages = count(both.livetap);
  if (count(both.reference) !== messages) throw new Error('the two decoders did not decode the same messages');
  const seconds = await measure(
    {
      [OURS]: () => count(both.livetap),
      [PEER]: () => count(both.reference),
      'gunzip alone': () => packed.forEach((payload) => gunzipSync(payload)),
    },
    { rounds, minimumMs },
  );
  return {
    frames: frames.length,
    messages,
    bytes: batches.reduce((sum, batch) => sum + batch.length, 0),
    rows: Object.entries(seconds).map(([name, times]) => ({ name, perSecond: messages / median(times) })),
    ratio: median(seconds[PEER].map((peer, round) => peer / seconds[OURS][round])),
  };
}
