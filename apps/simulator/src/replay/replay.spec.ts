import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  ProtoMessageFetchResult,
  WebcastChatMessage,
  WebcastControlMessage,
  WebcastPushFrame,
} from '@livetap/connector';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../common/clock.js';
import { MessageIds } from '../common/ids.js';
import { Random } from '../common/random.js';
import { LiveScript } from '../messages/script.js';
import { Viewers } from '../messages/viewers.js';
import type { OutBatch } from '../world/message.js';
import type { RoomWatcher } from '../world/room.js';
import { World } from '../world/world.js';
import { Replay } from './player.js';
import { NO_ROOM, readRecording } from './recording.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'recording-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const ROOM = '7286185092587944411';

const chat = (msgId: string): { method: string; msgId: string; payload: Uint8Array } => ({
  method: 'WebcastChatMessage',
  msgId,
  payload: WebcastChatMessage.encode({ comment: `chat ${msgId}` }).finish(),
});
const control = (msgId: string, action: number): { method: string; msgId: string; payload: Uint8Array } => ({
  method: 'WebcastControlMessage',
  msgId,
  payload: WebcastControlMessage.encode({ action }).finish(),
});

const writeFrames = (
  frames: readonly {
    room: string | null;
    messages: readonly { method: string; msgId: string; payload: Uint8Array }[];
  }[],
): void => {
  const lines = frames.map(({ room, messages }, index) => {
    const payload = gzipSync(ProtoMessageFetchResult.encode({ messages }).finish());
    const frame = Buffer.from(
      WebcastPushFrame.encode({ payloadEncoding: 'pb', payloadType: 'msg', payload }).finish(),
    ).toString('base64');
    return JSON.stringify({ room, seq: index + 1, at: '2023-10-01T00:00:00.000Z', messages: [], frame });
  });
  writeFileSync(join(directory, 'frames.jsonl'), `${lines.join('\n')}\n`);
};

class Listener implements RoomWatcher {
  readonly batches: OutBatch[] = [];
  readonly backlog = 0;
  deliver(batch: OutBatch): boolean {
    this.batches.push(batch);
    return true;
  }
  roomEnded(): void {
    // The recorded control message has said so.
  }
  get ids(): string[] {
    return this.batches
      .filter((batch) => !batch.history)
      .flatMap((batch) => batch.messages.map((message) => message.msgId));
  }
}

const play = async (
  options: { paceMs?: number; window?: number } = {},
): Promise<{ clock: ManualClock; world: World; replay: Replay }> => {
  const clock = new ManualClock();
  const ids = new MessageIds(clock);
  const viewers = new Viewers('replay', 10);
  const world = new World({
    clock,
    script: ({ roomId, streamer }) => new LiveScript(roomId, streamer, { ids, viewers, random: new Random(roomId) }),
  });
  const replay = new Replay(await readRecording(directory), {
    clock,
    world,
    restMs: 500,
    window: options.window ?? 2,
    prefix: 'rec',
    paceMs: options.paceMs,
  });
  return { clock, world, replay };
};

describe('Replay', () => {
  it('plays each room to its socket, bytes as recorded, in the order recorded', async () => {
    writeFrames([
      { room: ROOM, messages: [chat('1'), chat('2')] },
      { room: null, messages: [chat('9')] },
      { room: ROOM, messages: [chat('3')] },
    ]);
    const { clock, world, replay } = await play();
    expect(world.list().map(({ uniqueId, roomId, status }) => [uniqueId, roomId, status])).toEqual([
      ['rec_0001', ROOM, 'live'],
      ['rec_0002', NO_ROOM, 'live'],
    ]);
    const listener = new Listener();
    world.room(ROOM)?.enter(listener);
    clock.advance(0);
    expect(
      listener.batches.map((batch) =>
        batch.messages.map(({ method, msgId, payload }) => ({
          method,
          msgId,
          payload: Buffer.from(payload).toString('hex'),
        })),
      ),
    ).toEqual(
      [[chat('1'), chat('2')], [chat('3')]].map((messages) =>
        messages.map(({ method, msgId, payload }) => ({
          method,
          msgId,
          payload: Buffer.from(payload).toString('hex'),
        })),
      ),
    );
    expect(replay.progress()).toMatchObject([
      { roomId: ROOM, frames: 2, sent: 2, done: true },
      { roomId: NO_ROOM, frames: 1, sent: 0, done: false },
    ]);
  });

  it('goes on as fast as frames are acknowledged', async () => {
    writeFrames(['1', '2', '3', '4', '5'].map((id) => ({ room: ROOM, messages: [chat(id)] })));
    const { clock, world, replay } = await play({ window: 2 });
    const listener = new Listener();
    world.room(ROOM)?.enter(listener);
    clock.advance(60_000);
    expect(listener.ids).toEqual(['1', '2']);
    replay.acknowledged(ROOM);
    clock.advance(0);
    expect(listener.ids).toEqual(['1', '2', '3']);
    replay.acknowledged(ROOM);
    replay.acknowledged(ROOM);
    clock.advance(0);
    expect(listener.ids).toEqual(['1', '2', '3', '4', '5']);
  });

  it('keeps a given pace instead', async () => {
    writeFrames(['1', '2', '3'].map((id) => ({ room: ROOM, messages: [chat(id)] })));
    const { clock, world } = await play({ paceMs: 1000 });
    const listener = new Listener();
    world.room(ROOM)?.enter(listener);
    clock.advance(999);
    expect(listener.ids).toEqual(['1']);
    clock.advance(1001);
    expect(listener.ids).toEqual(['1', '2', '3']);
  });

  it('holds back what follows a stream end until the room is live again and entered a second time', async () => {
    writeFrames([
      { room: ROOM, messages: [chat('1'), control('2', 3), chat('3')] },
      { room: ROOM, messages: [chat('4')] },
    ]);
    const { clock, world, replay } = await play();
    const first = new Listener();
    const room = world.room(ROOM);
    room?.enter(first);
    clock.advance(0);
    expect(first.ids).toEqual(['1', '2', '3']);
    expect(world.get('rec_0001').status).toBe('offline');
    clock.advance(10_000);
    expect(world.get('rec_0001').status).toBe('offline');
    room?.leave(first);
    // Somebody who comes too early hears nothing, and does no harm.
    const early = new Listener();
    room?.enter(early);
    room?.leave(early);
    clock.advance(500);
    expect(world.get('rec_0001')).toMatchObject({ status: 'live', roomId: ROOM });
    const second = new Listener();
    room?.enter(second);
    clock.advance(0);
    expect(early.batches).toEqual([]);
    expect(second.batches.every((batch) => !batch.history)).toBe(true);
    expect(second.ids).toEqual(['4']);
    expect(room?.live).toBe(2);
    expect(replay.progress()).toMatchObject([{ done: true }]);
  });

  it('goes on where it was when a socket is lost on the way', async () => {
    writeFrames(['1', '2', '3', '4'].map((id) => ({ room: ROOM, messages: [chat(id)] })));
    const { clock, world } = await play({ window: 2 });
    const first = new Listener();
    world.room(ROOM)?.enter(first);
    clock.advance(0);
    world.room(ROOM)?.leave(first);
    const second = new Listener();
    world.room(ROOM)?.enter(second);
    clock.advance(0);
    expect(second.ids).toEqual(['3', '4']);
  });

  it('stands still while the world is quiesced', async () => {
    writeFrames([{ room: ROOM, messages: [chat('1')] }]);
    const { clock, world } = await play();
    world.quiesce();
    const listener = new Listener();
    world.room(ROOM)?.enter(listener);
    clock.advance(1000);
    expect(listener.ids).toEqual([]);
    world.resume();
    clock.advance(1000);
    expect(listener.ids).toEqual(['1']);
  });

  it('reads single messages when there are no frames, and says when there is nothing', async () => {
    const lines = [
      { ...chat('1'), room: ROOM },
      { ...chat('2'), room: null },
    ].map(({ method, msgId, room, payload }) =>
      JSON.stringify({
        method,
        msgId,
        room,
        recordedAt: '2023-10-01T00:00:00.000Z',
        payload: Buffer.from(payload).toString('base64'),
      }),
    );
    writeFileSync(join(directory, 'webcast-messages.jsonl'), lines.join('\n'));
    expect((await readRecording(directory)).map((room) => [room.roomId, room.frames.length])).toEqual([
      [ROOM, 1],
      [NO_ROOM, 1],
    ]);
    rmSync(join(directory, 'webcast-messages.jsonl'));
    await expect(readRecording(directory)).rejects.toThrow('neither frames.jsonl nor webcast-messages.jsonl');
  });
});
