import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_CATALOGUE, type EventName, sessionId } from '@livetap/contracts';
import { codecForMethod } from '@livetap/connector';
import { describe, expect, it } from 'vitest';
import type { FinishedEvent } from '../../apps/watcher/src/pipeline/finished-event.js';
import { MessageShaper } from '../../apps/watcher/src/pipeline/message-shaper.js';
import { RoomPipeline } from '../../apps/watcher/src/pipeline/room-pipeline.js';
import { compileSchemas } from '../contract/event-schemas.js';

const directory = process.env['LIVETAP_RECORDINGS_DIR'];
if (directory === undefined) console.log('skipped: LIVETAP_RECORDINGS_DIR is not set');

interface Recorded {
  readonly method: string;
  readonly msgId: string;
  readonly room: string | null;
  readonly recordedAt: string;
  readonly payload: string;
}

/** Rooms get a second session for what follows a stream end. */
class Rooms {
  readonly #shaper: MessageShaper;
  readonly #rooms = new Map<string, { occurrence: number; pipeline: RoomPipeline }>();
  readonly events: FinishedEvent[] = [];

  constructor(shaper = new MessageShaper()) {
    this.#shaper = shaper;
  }

  push(message: Recorded): FinishedEvent[] {
    const roomId = message.room ?? '1';
    const receivedAt = Date.parse(message.recordedAt);
    const room = this.#rooms.get(roomId) ?? this.#open(roomId, 1, receivedAt);
    const payload = Buffer.from(message.payload, 'base64');
    const result = room.pipeline.frame({
      messages: [{ method: message.method, msgId: message.msgId, payload, isHistory: false }],
      receivedAt,
      now: '0',
    });
    this.events.push(...result.events);
    if (result.end !== undefined) {
      this.events.push(...room.pipeline.ended({ endedAt: receivedAt, reason: result.end }));
      this.#open(roomId, room.occurrence + 1, receivedAt, room.pipeline);
    }
    return result.events;
  }

  finish(at: number): void {
    for (const { pipeline } of this.#rooms.values()) {
      this.events.push(...pipeline.timers(at, 0), ...pipeline.ended({ endedAt: at, reason: 'offline' }));
    }
  }

  #open(roomId: string, occurrence: number, at: number, before?: RoomPipeline) {
    const pipeline = new RoomPipeline({
      roomId,
      subject: `room${roomId}`,
      sessionId: sessionId(roomId, occurrence),
      occurrence,
      epoch: 1,
      sequence: before?.sequence,
      checkpoint: before?.checkpoint(),
      rawTopic: false,
      shaper: this.#shaper,
    });
    this.events.push(...pipeline.started({ streamer: { id: '1' }, joinedAt: at, via: 'fixed' }));
    const room = { occurrence, pipeline };
    this.#rooms.set(roomId, room);
    return room;
  }
}

/** Members of a `User` and of its roles. */
const USER_MEMBERS = new Set(['id', 'uniqueId', 'nickname', 'avatarUrl', 'verified', 'roles']);
/** Facts about people that the wire has and the contract does not. */
const FORBIDDEN =
  /"(secUid|bioDescription|birthday|constellation|followInfo|followerCount|followingCount|payScore|topFans|telephone|city|gender|badges|userAttr|profilePicture\w*|avatarThumb|displayId|shareQrcodeUri|logId|signature|rtcToken|common)":/;

function checkPeople(value: unknown, path: string): void {
  if (Array.isArray(value)) {
    value.forEach((item, index) => checkPeople(item, `${path}[${index}]`));
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const record = value as Record<string, unknown>;
  if (typeof record['id'] === 'string' && ('nickname' in record || 'uniqueId' in record || 'roles' in record)) {
    for (const member of Object.keys(record)) expect(USER_MEMBERS, `${path}.${member}`).toContain(member);
  }
  for (const [name, member] of Object.entries(record)) checkPeople(member, `${path}.${name}`);
}

function recordedMessages(): Recorded[] {
  const lines = readFileSync(join(directory ?? '', 'webcast-messages.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as Recorded);
}

describe.skipIf(directory === undefined)('recorded messages through the pipeline', () => {
  it('are written from their bytes as from the decoded message', () => {
    const decoding = new MessageShaper();
    decoding.projector.open = () => false;
    const [written, decoded] = [new Rooms(), new Rooms(decoding)];
    for (const message of recordedMessages()) {
      const [left, right] = [written.push(message), decoded.push(message)];
      expect(left.map((event) => event.value.toString())).toEqual(right.map((event) => event.value.toString()));
    }
  });

  it('makes exactly one valid event of each message', () => {
    const recorded = recordedMessages();
    const schemas = compileSchemas();
    const rooms = new Rooms();
    const counts = new Map<string, number>();
    const undecodable: string[] = [];
    for (const message of recorded) {
      const events = rooms.push(message);
      const wire = events.filter((event) => event.id === message.msgId);
      expect(wire, `${message.method} ${message.msgId}`).toHaveLength(1);
      const others = events.filter((event) => event.id !== message.msgId).map((event) => event.type);
      expect(others.filter((type) => type !== 'livetap.gift.completed.v1')).toEqual([]);
      for (const event of wire) {
        const { type, data } = JSON.parse(event.value.toString()) as { type: string; data: { reason?: string } };
        if (data.reason === 'undecodableMessage') undecodable.push(message.method);
        // Methods without a type arrive as unknown, and no others.
        expect(type === 'livetap.unknown.v1', message.method).toBe(codecForMethod(message.method) === undefined);
      }
    }
    rooms.finish(Date.parse(recorded.at(-1)?.recordedAt ?? '') + 60_000);
    expect(undecodable).toEqual([]);

    for (const event of rooms.events) {
      const text = event.value.toString();
      const parsed = JSON.parse(text) as { type: string; data: unknown; partial?: true };
      counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
      expect(schemas.errors(parsed), `${event.type} ${event.id}`).toEqual([]);
      expect(FORBIDDEN.exec(text)?.[0], `${event.type} ${event.id}`).toBeUndefined();
      checkPeople(parsed.data, event.type);
    }
    const wire = [...counts].filter(([type]) => EVENT_CATALOGUE[type.slice(8, -3) as EventName].origin === 'wire');
    expect(wire.reduce((sum, [, count]) => sum + count, 0)).toBe(recorded.length);
    console.table(Object.fromEntries([...counts].sort(([left], [right]) => (left < right ? -1 : 1))));
  });
});
