import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SystemClock } from '../../apps/watcher/src/common/system-clock.adapter.js';
import { MessageShaper } from '../../apps/watcher/src/pipeline/message-shaper.js';
import type { RecordingEntry } from '../../apps/watcher/src/recording/recording.js';
import { RecordingFile, RecordingReader } from '../../apps/watcher/src/recording/recording-file.adapter.js';
import { replayRecording, type ReplaySummary } from '../../apps/watcher/src/recording/replay-recording.js';
import type { RoomMessage } from '../../apps/watcher/src/rooms/room-connector.port.js';
import { temporaryFolder } from '../system/processes.js';

const directory = process.env['LIVETAP_RECORDINGS_DIR'];

interface Message {
  readonly method: string;
  readonly msgId: string;
  readonly payload: string;
}
interface Frame {
  readonly room: string | null;
  readonly seq: number;
  readonly at: string;
  readonly messages: readonly number[];
}

const read = <T>(name: string): T[] =>
  readFileSync(join(directory ?? '', name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

/**
 * SHA-256 of a set of frames → SHA-256 over the events of all its rooms. A change of the latter is a change of the contract,
 * or a fault.
 */
const GOLDEN: ReadonlyMap<string, string> = new Map([
  [
    'f353e422fe95bcdbc925c32233f2db751148990f86b8d8b7834fe70ea11cff17',
    '620bcdb8e9e9e718349c200958be441673682f1dabeea9b974aabb946a4f971c',
  ],
]);

/** The frames of each room as a recording of it: its socket opens with the first frame and is closed a minute after the last. */
function entriesByRoom(): Map<string, RecordingEntry[]> {
  const messages = read<Message>('webcast-messages.jsonl');
  const prices: Record<string, number> = {};
  const rooms = new Map<string, RecordingEntry[]>();
  const last = new Map<string, number>();
  for (const { room, at, messages: lines } of read<Frame>('frames.jsonl')) {
    const roomId = room ?? '1';
    const receivedAt = Date.parse(at);
    const entries = rooms.get(roomId) ?? [];
    if (entries.length === 0) {
      const streamer = { uniqueId: `room.${roomId}` };
      const start = { at: receivedAt, version: '0', commit: '0', streamer, epoch: 1, checkpoint: null, prices };
      entries.push(
        { kind: 'start', start: { ...start, healthyAfterMs: 10_000 } },
        { kind: 'input', input: { kind: 'aimed', roomId, live: {} } },
        { kind: 'input', input: { kind: 'opened', at: receivedAt, source: 'fixed' } },
      );
      rooms.set(roomId, entries);
    }
    const inFrame = lines.map((line): RoomMessage => {
      const { method = '', msgId = '0', payload = '' } = messages[line] ?? {};
      return { method, msgId, payload: Buffer.from(payload, 'base64'), isHistory: false };
    });
    entries.push({ kind: 'input', input: { kind: 'frame', frame: { messages: inFrame, receivedAt, now: '0' } } });
    last.set(roomId, Math.max(receivedAt, last.get(roomId) ?? 0));
  }
  for (const [roomId, entries] of rooms) {
    const at = (last.get(roomId) ?? 0) + 60_000;
    entries.push({ kind: 'input', input: { kind: 'ended', at, reason: 'offline' } });
  }
  return rooms;
}

describe.skipIf(directory === undefined)('recorded messages as recordings', () => {
  it('give the same events at each replay, one for each message', async () => {
    const folder = await temporaryFolder();
    const clock = new SystemClock();
    const rooms = entriesByRoom();
    const runs: { byRoom: [string, ReplaySummary][]; sha256: string }[] = [];
    let bytes = 0;
    try {
      for (const [roomId, entries] of rooms) {
        const writer = await RecordingFile.create(join(folder.path, `${roomId}.rec`), { clock, replace: false });
        for (const entry of entries) writer.write(entry);
        await writer.close();
        bytes += writer.bytes;
      }
      for (let run = 0; run < 2; run += 1) {
        const hash = createHash('sha256');
        const byRoom: [string, ReplaySummary][] = [];
        for (const roomId of [...rooms.keys()].sort()) {
          const reader = new RecordingReader(join(folder.path, `${roomId}.rec`));
          const summary = await replayRecording(reader.entries(), new MessageShaper(), () => Promise.resolve());
          hash.update(`${roomId} ${summary.sha256}\n`);
          byRoom.push([roomId, summary]);
        }
        runs.push({ byRoom, sha256: hash.digest('hex') });
      }
    } finally {
      await folder.remove();
    }
    const [first, second] = runs;
    expect(second).toEqual(first);
    const sum = (pick: (summary: ReplaySummary) => number): number =>
      first?.byRoom.reduce((total, [, summary]) => total + pick(summary), 0) ?? 0;
    const own = sum(({ byType }) =>
      ['live.started', 'live.ended', 'gift.completed'].reduce(
        (count, name) => count + (byType[`livetap.${name}.v1`] ?? 0),
        0,
      ),
    );
    const counts = {
      rooms: rooms.size,
      frames: sum(({ frames }) => frames),
      messages: sum(({ messages }) => messages),
    };
    const events = sum((summary) => summary.events);
    console.log(`replayed: ${JSON.stringify({ ...counts, events, own, bytes })} sha256 ${first?.sha256 ?? ''}`);
    expect(counts.messages).toBe(read('webcast-messages.jsonl').length);
    expect(events - own).toBe(counts.messages);
    const frames = readFileSync(join(directory ?? '', 'frames.jsonl'));
    const golden = GOLDEN.get(createHash('sha256').update(frames).digest('hex'));
    if (golden === undefined) console.log('there is no golden hash for these recordings');
    else expect(first?.sha256).toBe(golden);
  });
});
