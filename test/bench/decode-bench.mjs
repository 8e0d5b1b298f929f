import { gunzipSync } from 'node:zlib';

/**
 * Measures candidates in one process: every round runs each once, in turning order, so that noise of the machine and of
 * the garbage collector falls on all of them. Gives the seconds of each round, by name.
 */
export function measure(candidates, { rounds, minimumMs }) {
  const names = Object.keys(candidates);
  const seconds = Object.fromEntries(names.map((name) => [name, []]));
  const repeats = Object.fromEntries(names.map((name) => [name, repeatsFor(candidates[name], minimumMs)]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length];
      const started = process.hrtime.bigint();
      for (let i = 0; i < repeats[name]; i++) candidates[name]();
      seconds[name].push(Number(process.hrtime.bigint() - started) / 1e9 / repeats[name]);
    }
  }
  return seconds;
}

/** Warms up, and says how often to repeat so that one measurement takes long enough to be read. */
function repeatsFor(candidate, minimumMs) {
  let ms = 0;
  for (let i = 0; i < 5; i++) {
    const started = process.hrtime.bigint();
    candidate();
    ms = Number(process.hrtime.bigint() - started) / 1e6;
  }
  return Math.max(1, Math.ceil(minimumMs / ms));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

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
export function benchDecode({ proto, reference, frames, rounds = 15, minimumMs = 60 }) {
  const packed = frames.map((frame) => proto.WebcastPushFrame.decode(frame).payload);
  const batches = packed.map((payload) => gunzipSync(payload));
  const both = decoders(proto, reference);
  const count = (decode) => batches.reduce((sum, batch) => sum + decode(batch), 0);
  const messages = count(both.livetap);
  if (count(both.reference) !== messages) throw new Error('the two decoders did not decode the same messages');
  const seconds = measure(
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
