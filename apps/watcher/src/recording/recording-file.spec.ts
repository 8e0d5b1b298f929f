import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../common/system-clock.adapter.js';
import { GAP_REASONS } from '../rooms/failure-table.js';
import type { RoomInput } from '../rooms/room-input.js';
import { BLOCK_HEADER_BYTES, FILE_HEADER_BYTES } from './block-codec.js';
import { decodeEntries, encodeEntry } from './entry-codec.js';
import type { RecordingEntry, RecordingStart } from './recording.js';
import { RecordingFile, RecordingReader } from './recording-file.adapter.js';
import { RecordingError } from './recording.errors.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livetap-recording-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const clock = new SystemClock();
const start: RecordingStart = {
  at: 1_700_000_000_000,
  version: '1.2.3',
  commit: 'abc',
  streamer: { uniqueId: 'host', tiktokUserId: '1' },
  epoch: 3,
  checkpoint: null,
  prices: { '5655': 1 },
  healthyAfterMs: 10_000,
};

const at = fc.integer({ min: 0, max: 4_000_000_000_000 });
const bytes = fc.uint8Array({ maxLength: 200 }).map((values) => Buffer.from(values));
const word = fc.string({ unit: 'grapheme', maxLength: 20 });
const input: fc.Arbitrary<RoomInput> = fc.oneof(
  fc.record({
    kind: fc.constant('frame' as const),
    frame: fc.record({
      receivedAt: at,
      now: fc.nat().map(String),
      messages: fc.array(
        fc.record({
          method: word,
          msgId: fc.bigInt({ min: 0n, max: 2n ** 64n }).map(String),
          payload: bytes,
          isHistory: fc.boolean(),
        }),
        { maxLength: 5 },
      ),
    }),
  }),
  fc.record({ kind: fc.constant('rejected' as const), at, bytes }),
  fc.record({ kind: fc.constant('opened' as const), at, source: word }),
  fc.record({
    kind: fc.constant('lost' as const),
    at,
    reason: fc.constantFrom(...GAP_REASONS),
    closed: fc.record({ code: fc.integer({ min: 1000, max: 4999 }), reason: word }),
  }),
  fc.record({ kind: fc.constantFrom('reading' as const, 'elapsed' as const), at }),
  fc.record({
    kind: fc.constant('ended' as const),
    at,
    reason: fc.constantFrom('ended' as const, 'replaced' as const),
  }),
  fc.record({ kind: fc.constantFrom('resumed' as const, 'detached' as const) }),
  fc.record({
    kind: fc.constant('aimed' as const),
    roomId: fc.nat().map(String),
    live: fc.record({ title: word, startedAt: at }),
  }),
  fc.record({ kind: fc.constant('streamer' as const), streamer: fc.record({ uniqueId: word, nickname: word }) }),
);

/** Some 20 entries in blocks of their own. */
async function record(name: string, blocks = 5): Promise<{ path: string; entries: RecordingEntry[]; file: Buffer }> {
  const path = join(folder, name);
  const writer = await RecordingFile.create(path, { clock, replace: false });
  const entries: RecordingEntry[] = [{ kind: 'start', start }];
  for (let block = 1; block < blocks * 4; block += 1) {
    const message = {
      method: 'WebcastChatMessage',
      msgId: String(block),
      payload: Buffer.from([block, 1, 2]),
      isHistory: false,
    };
    entries.push({
      kind: 'input',
      input: { kind: 'frame', frame: { messages: [message], receivedAt: block, now: '0' } },
    });
  }
  for (const [index, entry] of entries.entries()) {
    writer.write(entry);
    if (index % 4 === 3) await writer.durable();
  }
  await writer.close();
  const file = await readFile(path);
  expect(writer.bytes).toBe(file.length);
  return { path, entries, file };
}

async function read(path: string): Promise<{ entries: RecordingEntry[]; tornBytes: number; error?: RecordingError }> {
  const reader = new RecordingReader(path);
  const entries: RecordingEntry[] = [];
  try {
    for await (const entry of reader.entries()) entries.push(entry);
  } catch (error) {
    if (error instanceof RecordingError) return { entries, tornBytes: reader.tornBytes, error };
    throw error;
  }
  return { entries, tornBytes: reader.tornBytes };
}

describe('entries', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 20 }), (inputs) => {
        const entries = inputs.map((one): RecordingEntry => ({ kind: 'input', input: one }));
        const again = [...decodeEntries(Buffer.concat(entries.map(encodeEntry)))];
        expect(again).toEqual(entries);
      }),
    );
  });

  it('of any bytes are read or are damage, never another error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (values) => {
        try {
          expect([...decodeEntries(Buffer.from(values))].length).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toMatchObject({ code: 'WATCHER_RECORDING_DAMAGED' });
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a recording', () => {
  it('holds what was written, in order, and a file that is there is left alone', async () => {
    const { path, entries } = await record('whole.rec');
    expect(await read(path)).toEqual({ entries, tornBytes: 0 });
    await expect(RecordingFile.create(path, { clock, replace: false })).rejects.toMatchObject({
      code: 'WATCHER_RECORDING_NOT_CREATED',
    });
    const replaced = await RecordingFile.create(path, { clock, replace: true });
    await replaced.close();
    expect(await read(path)).toEqual({ entries: [], tornBytes: 0 });
  });

  it('that ends anywhere gives the blocks before its end, and says what is torn', async () => {
    const { entries, file } = await record('cut.rec');
    const path = join(folder, 'cut-at.rec');
    for (let length = FILE_HEADER_BYTES; length < file.length; length += 1) {
      await writeFile(path, file.subarray(0, length));
      const got = await read(path);
      expect(got.error).toBeUndefined();
      expect(got.entries).toEqual(entries.slice(0, got.entries.length));
      expect(got.entries.length % 4).toBe(0);
      expect(got.entries.length === entries.length).toBe(false);
      // As after a loss of power: the length is there, the bytes are not.
      if (length % 7 !== 0) continue;
      await writeFile(path, Buffer.concat([file.subarray(0, length - got.tornBytes), Buffer.alloc(500)]));
      expect(await read(path)).toEqual({ entries: got.entries, tornBytes: 500 });
    }
  }, 30_000);

  it('with a flipped bit is damaged at that block; what stands before it is read', async () => {
    const { entries, file } = await record('flip.rec');
    const path = join(folder, 'flipped.rec');
    for (let offset = FILE_HEADER_BYTES; offset < file.length; offset += 1) {
      const flipped = Buffer.from(file);
      flipped[offset] = (flipped[offset] ?? 0) ^ (1 << (offset % 8));
      await writeFile(path, flipped);
      const got = await read(path);
      expect(got.error, `byte ${offset}`).toMatchObject({ code: 'WATCHER_RECORDING_DAMAGED', retryable: false });
      expect(got.error?.message).toContain('is damaged at byte');
      expect(got.entries).toEqual(entries.slice(0, got.entries.length));
    }
  }, 30_000);

  it('that is none, empty, of another version, absent or a folder is refused by name', async () => {
    const { file } = await record('sound.rec');
    const other = Buffer.from(file);
    other[FILE_HEADER_BYTES - 1] = 2;
    const wrong = Buffer.from(file);
    wrong[0] = 0x58;
    const cases: [string, Buffer, string][] = [
      ['empty.rec', Buffer.alloc(0), 'WATCHER_RECORDING_EMPTY'],
      ['version.rec', other, 'WATCHER_RECORDING_VERSION'],
      ['magic.rec', wrong, 'WATCHER_RECORDING_FORMAT'],
      ['short.rec', file.subarray(0, 3), 'WATCHER_RECORDING_FORMAT'],
    ];
    for (const [name, content, code] of cases) {
      const path = join(folder, name);
      await writeFile(path, content);
      const { error } = await read(path);
      expect(error).toMatchObject({ code, retryable: false });
      expect(error?.message).toContain(name);
    }
    expect((await read(join(folder, 'absent.rec'))).error).toMatchObject({ code: 'WATCHER_RECORDING_UNREADABLE' });
    expect((await read(folder)).error).toMatchObject({ code: 'WATCHER_RECORDING_UNREADABLE' });
  });

  it('is written in blocks of bounded size, each flushed', async () => {
    const path = join(folder, 'large.rec');
    const writer = await RecordingFile.create(path, { clock, replace: false });
    const payload = Buffer.alloc(50_000, 7);
    const count = 40;
    for (let index = 0; index < count; index += 1) {
      const message = { method: 'WebcastChatMessage', msgId: String(index), payload, isHistory: false };
      writer.write({
        kind: 'input',
        input: { kind: 'frame', frame: { messages: [message], receivedAt: index, now: '0' } },
      });
    }
    await writer.durable();
    await writer.close();
    const file = await readFile(path);
    const unpacked: number[] = [];
    for (let position = FILE_HEADER_BYTES; position < file.length;) {
      unpacked.push(file.readUInt32BE(position + 4));
      position += BLOCK_HEADER_BYTES + file.readUInt32BE(position);
    }
    expect(Math.max(...unpacked)).toBeLessThan(256 * 1024 + payload.length + 100);
    expect((await read(path)).entries).toHaveLength(count);
    await expect(
      (async () => {
        writer.write({ kind: 'start', start });
        await writer.close();
      })(),
    ).rejects.toMatchObject({ code: 'WATCHER_RECORDING_NOT_WRITTEN' });
  });
});
