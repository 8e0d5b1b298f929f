import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { factsOf } from '../messages/facts.js';
import { ProtoMessageFetchResult, WebcastPushFrame } from '../wire/proto.js';
import type { OutMessage } from '../world/message.js';

/** Room of the messages whose room is not known. */
export const NO_ROOM = '7000000000000000001';

/** One recorded frame: its messages in order. */
export interface RecordedFrame {
  readonly messages: readonly OutMessage[];
  /** When it was recorded, ms since the epoch. */
  readonly at: number;
}

/** The frames of one room in recorded order. */
export interface RecordedRoom {
  readonly roomId: string;
  readonly frames: readonly RecordedFrame[];
}

const messageLine = z.object({
  method: z.string(),
  msgId: z.string(),
  room: z.string().nullable(),
  recordedAt: z.string(),
  payload: z.string(),
});
const frameLine = z.object({ room: z.string().nullable(), at: z.string(), frame: z.string() });

const outMessage = (method: string, msgId: string, payload: Uint8Array): OutMessage => {
  const facts = factsOf(method, payload);
  return { method, msgId, payload, ...(facts === undefined ? {} : { facts }) };
};

const lines = async function* (file: string): AsyncGenerator<unknown> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY }))
    if (line !== '') yield JSON.parse(line) as unknown;
};

const fromFrame = (line: z.output<typeof frameLine>): RecordedFrame => {
  const push = WebcastPushFrame.decode(Buffer.from(line.frame, 'base64'));
  const packed = push.payload[0] === 0x1f && push.payload[1] === 0x8b;
  const batch = ProtoMessageFetchResult.decode(packed ? gunzipSync(push.payload) : push.payload);
  return {
    at: Date.parse(line.at),
    messages: batch.messages.map((message) => outMessage(message.method, message.msgId, message.payload)),
  };
};

/**
 * Reads recorded messages from a directory: `frames.jsonl` when it is there (frames as they are), else `webcast-messages.jsonl`
 * (one frame a message). Keeps all of it in memory.
 * @throws Error when the directory has neither
 */
export const readRecording = async (directory: string): Promise<readonly RecordedRoom[]> => {
  const frames = join(directory, 'frames.jsonl');
  const messages = join(directory, 'webcast-messages.jsonl');
  const rooms = new Map<string, RecordedFrame[]>();
  const add = (room: string | null, frame: RecordedFrame): void => {
    const roomId = room ?? NO_ROOM;
    const list = rooms.get(roomId);
    if (list === undefined) rooms.set(roomId, [frame]);
    else list.push(frame);
  };
  if (existsSync(frames)) {
    for await (const raw of lines(frames)) {
      const line = frameLine.parse(raw);
      add(line.room, fromFrame(line));
    }
  } else if (existsSync(messages)) {
    for await (const raw of lines(messages)) {
      const line = messageLine.parse(raw);
      add(line.room, {
        at: Date.parse(line.recordedAt),
        messages: [outMessage(line.method, line.msgId, Uint8Array.from(Buffer.from(line.payload, 'base64')))],
      });
    }
  } else throw new Error(`there is neither frames.jsonl nor webcast-messages.jsonl in ${directory}`);
  return [...rooms].map(([roomId, list]) => ({ roomId, frames: list }));
};

/**
 * Cuts a room's frames into what one connection carries: a frame with a stream end (control action 3 or 4) is the last of its
 * part, whatever follows it in the same frame included.
 */
export const partsOf = (frames: readonly RecordedFrame[]): readonly (readonly RecordedFrame[])[] => {
  const parts: RecordedFrame[][] = [[]];
  for (const frame of frames) {
    parts.at(-1)?.push(frame);
    if (endsStream(frame)) parts.push([]);
  }
  return parts.filter((part) => part.length > 0);
};

/** The frame tells the end of the stream. */
export const endsStream = (frame: RecordedFrame): boolean =>
  frame.messages.some((message) => message.facts?.kind === 'control' && message.facts.action >= 3);
