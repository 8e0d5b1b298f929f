import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import * as proto from '@livetap/connector';
import { ControlEvent, type TikTokLiveConnection } from '@livetap/connector';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveServer } from '../../libs/connector/test-support/live-server.js';
import { realisticFrames } from '../bench/realistic-frames.mjs';
import { FrameFuzzer, randomFrom, seedsOfEveryMethod, type Seed } from './mutations.js';

const FRAMES = 200_000;
const CHUNK = 2_000;
const SEED = 20_260_101;
/** Only against hanging: on a busy machine the frames take minutes. */
const TIMEOUT_MS = 600_000;
/** Growth of the heap that the run may leave behind: caches of the runtime, not frames. */
const HEAP_MARGIN_BYTES = 48 * 1024 * 1024;

const folder = process.env['LIVETAP_RECORDINGS_DIR'];

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Small enough that 200,000 of them are a matter of seconds, of every method, and as busy rooms send them. */
function seeds(): { all: Seed[]; recorded: number } {
  const busy = realisticFrames(proto, { frames: 20 }).flatMap((frame) => [
    ...proto.readBatch(gunzipSync(proto.WebcastPushFrame.decode(frame).payload)).messages,
  ]);
  const recorded =
    folder === undefined
      ? []
      : readFileSync(join(folder, 'webcast-messages.jsonl'), 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as { method: string; payload: string })
          .map(({ method, payload }) => ({ method, payload: Buffer.from(payload, 'base64') }));
  return { all: [...seedsOfEveryMethod(), ...busy, ...recorded], recorded: recorded.length };
}

describe('damaged frames', { timeout: TIMEOUT_MS }, () => {
  let server: LiveServer;
  let connection: TikTokLiveConnection;
  const counts = { bytes: 0, raw: 0, decoded: 0, undecoded: 0, errors: 0, entered: 0 };

  beforeAll(async () => {
    server = await new LiveServer().start();
    connection = server.connection();
    connection.on(ControlEvent.WEBSOCKET_DATA, () => (counts.bytes += 1));
    connection.on(ControlEvent.RAW_DATA, () => (counts.raw += 1));
    connection.on(ControlEvent.DECODED_DATA, () => (counts.decoded += 1));
    connection.on(ControlEvent.UNDECODED_DATA, () => (counts.undecoded += 1));
    connection.on(ControlEvent.ENTER_ROOM, () => (counts.entered += 1));
    connection.on(ControlEvent.ERROR, () => (counts.errors += 1));
    // What typed events need is read as well.
    for (const event of Object.values(proto.WebcastEvent)) connection.on(event, (data: unknown) => void data);
  });
  afterAll(() => server.close());

  it(`${FRAMES} of them: none ends the process or the connection, each is decoded, skipped in part, or told`, async () => {
    const { all, recorded } = seeds();
    const fuzzer = new FrameFuzzer(all, randomFrom(SEED));
    const outcomes = { decoded: 0, inPart: 0, told: 0, empty: 0 };
    const methods = new Set<string>();
    connection.on(ControlEvent.DECODED_DATA, (method) => methods.add(method));
    let slowestMs = 0;
    let reconnects = 0;
    collect();
    const heapBefore = process.memoryUsage().heapUsed;
    for (let frame = 0; frame < FRAMES; frame += CHUNK) {
      for (let i = 0; i < CHUNK; i += 1) {
        if (!connection.isConnected || connection.wsClient?.open !== true) {
          // A sound control message among them ends the stream: then on with a new connection.
          await connection.disconnect();
          await connection.connect();
          reconnects += 1;
        }
        const before = { ...counts };
        const bytes = fuzzer.next();
        const started = performance.now();
        // As the socket hands it over: at once, so that what comes of it is known when the call returns.
        connection.wsClient?.emit('message', bytes, true);
        slowestMs = Math.max(slowestMs, performance.now() - started);
        const decoded = counts.decoded - before.decoded;
        const told = counts.undecoded - before.undecoded + (counts.errors - before.errors);
        if (decoded > 0) outcomes[told > 0 ? 'inPart' : 'decoded'] += 1;
        else outcomes[told > 0 ? 'told' : 'empty'] += 1;
      }
      // Acks leave, and the server reads them.
      await new Promise((resolve) => setImmediate(resolve));
      server.frames.length = 0;
    }
    collect();
    const grown = process.memoryUsage().heapUsed - heapBefore;
    console.log(
      `fuzz: ${FRAMES} frames of ${all.length} messages (${recorded} recorded): ${outcomes.decoded} decoded, ` +
        `${outcomes.inPart} in part, ${outcomes.told} told as errors, ${outcomes.empty} without a message\n` +
        `fuzz: ${counts.raw} messages: ${counts.decoded} decoded of ${methods.size} methods, ${counts.undecoded} told as undecoded; ` +
        `${counts.errors} errors; slowest frame ${slowestMs.toFixed(1)} ms; ${reconnects - 1} ends of stream; heap ${(grown / 1024).toFixed(0)} KiB more`,
    );
    // Every frame was seen, and every message of every frame either decoded or told.
    expect(counts.bytes).toBe(FRAMES);
    expect(counts.raw).toBe(counts.decoded + counts.undecoded);
    expect(outcomes.decoded + outcomes.inPart + outcomes.told + outcomes.empty).toBe(FRAMES);
    for (const outcome of Object.values(outcomes)) expect(outcome).toBeGreaterThan(0);
    expect(methods.size).toBe(proto.wireMethods.length);
    expect(grown).toBeLessThan(HEAP_MARGIN_BYTES);
    // After all that the connection works as before.
    if (!connection.isConnected) await connection.connect();
    expect(connection.isConnected).toBe(true);
  });
});
