import { parseSequence } from '@livetap/contracts';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import type { MessageShaper } from '../pipeline/message-shaper.js';
import { DEFAULT_ROOM_SETTINGS } from '../rooms/room-settings.js';
import { RecordingError } from './recording.errors.js';
import { RoomReplay } from './room-replay.js';

/** A record of the raw topic. Times in ms since the epoch. */
export interface RawRecord {
  readonly roomId: string;
  readonly id: string;
  /** Unique id of the streamer as it was monitored. */
  readonly subject: string;
  readonly method: string;
  readonly isHistory: boolean;
  readonly payload: Buffer;
  /** Receipt of its frame. */
  readonly recordedAt: number;
  readonly time: number;
  /** Set when `time` is not the message's own. */
  readonly timeSource: string | undefined;
  /** undefined in records of versions before it was written. */
  readonly sessionId: string | undefined;
  /** Sequence of the event that was made of it; undefined as above. */
  readonly sequence: string | undefined;
  readonly streamerId: string | undefined;
}

export interface RawReplaySummary {
  readonly rooms: number;
  readonly messages: number;
  readonly events: number;
}

/** Bound on rooms in memory, some 100 KB each. */
const MAX_ROOMS = 10_000;

/**
 * Sends records of the raw topic through the pipeline again; those of one room must come in their order. What is not in
 * the bytes cannot come of them: see docs/recordings.md.
 */
export class RawReplay {
  readonly #shaper: MessageShaper;
  readonly #rooms = new Map<string, RawRoom>();
  #messages = 0;
  #events = 0;

  constructor(shaper: MessageShaper) {
    this.#shaper = shaper;
  }

  get summary(): RawReplaySummary {
    return { rooms: this.#rooms.size, messages: this.#messages, events: this.#events };
  }

  /**
   * The events that became certain by this record: those of the frames before it.
   * @throws RecordingError WATCHER_RAW_RECORD_INCOMPLETE, WATCHER_RAW_TOO_MANY_ROOMS
   */
  add(record: RawRecord): readonly FinishedEvent[] {
    let room = this.#rooms.get(record.roomId);
    if (room === undefined) {
      if (this.#rooms.size >= MAX_ROOMS) {
        const words = `The stretch holds more than ${MAX_ROOMS} rooms; narrow it with --since, --until or --room.`;
        throw new RecordingError('WATCHER_RAW_TOO_MANY_ROOMS', words);
      }
      room = new RawRoom(this.#shaper);
      this.#rooms.set(record.roomId, room);
    }
    this.#messages += 1;
    return this.#counted(room.add(record));
  }

  /** The rest, with every timer that is due by the end of the stretch (ms since the epoch). */
  *finish(until: number): Generator<readonly FinishedEvent[]> {
    for (const room of this.#rooms.values()) yield this.#counted(room.finish(until));
  }

  #counted(events: readonly FinishedEvent[]): readonly FinishedEvent[] {
    this.#events += events.length;
    return events;
  }
}

/** A session under one epoch. */
interface Stretch {
  readonly key: string;
  readonly replay: RoomReplay;
}

/** Records of one room: put back into frames, frames into sessions. */
class RawRoom {
  readonly #shaper: MessageShaper;
  #stretch: Stretch | undefined;
  #frame: RawRecord[] = [];

  constructor(shaper: MessageShaper) {
    this.#shaper = shaper;
  }

  add(record: RawRecord): readonly FinishedEvent[] {
    const events = this.#belongs(record) ? [] : this.#flush();
    this.#frame.push(record);
    return events;
  }

  finish(until: number): readonly FinishedEvent[] {
    const events = this.#flush();
    return [...events, ...(this.#stretch?.replay.apply({ kind: 'elapsed', at: until }) ?? [])];
  }

  /** Messages of one frame were received at the same moment, in one session, and share the frame's own time. */
  #belongs(record: RawRecord): boolean {
    const first = this.#frame[0];
    if (first === undefined) return true;
    const now = nowOf(this.#frame);
    return (
      first.recordedAt === record.recordedAt &&
      first.sessionId === record.sessionId &&
      epochOf(first) === epochOf(record) &&
      (record.timeSource !== 'frame' || now === '0' || now === String(record.time))
    );
  }

  #flush(): readonly FinishedEvent[] {
    const records = this.#frame;
    const [first] = records;
    if (first === undefined) return [];
    this.#frame = [];
    const out: FinishedEvent[] = [];
    const { replay } = this.#stretchOf(first, out);
    const { recordedAt } = first;
    const messages = records.map(({ method, id, payload, isHistory }) => ({
      method,
      // A hashed id is made again of the bytes.
      msgId: id.startsWith('h-') ? '0' : id,
      payload,
      isHistory,
    }));
    out.push(...replay.apply({ kind: 'frame', frame: { messages, receivedAt: recordedAt, now: nowOf(records) } }));
    const reason = replay.streamEnd;
    if (reason !== undefined) out.push(...replay.apply({ kind: 'ended', at: recordedAt, reason }));
    return out;
  }

  #stretchOf(record: RawRecord, out: FinishedEvent[]): Stretch {
    const { roomId, subject, recordedAt, sessionId = '', streamerId } = record;
    const epoch = epochOf(record);
    const key = `${sessionId} ${epoch}`;
    if (this.#stretch?.key === key) return this.#stretch;
    const place = parseSequence(record.sequence ?? '');
    const occurrence = occurrenceOf(roomId, sessionId);
    if (place === undefined || occurrence === undefined) {
      const words = `A raw record of room ${roomId} does not say its session or number (headers ce_sessionid, ce_eventsequence); it was published by an earlier version and cannot be put back into its place.`;
      throw new RecordingError('WATCHER_RAW_RECORD_INCOMPLETE', words, { context: { roomId, id: record.id } });
    }
    // What was due in the session before is due now at the latest.
    out.push(...(this.#stretch?.replay.apply({ kind: 'elapsed', at: recordedAt }) ?? []));
    const replay = new RoomReplay(
      {
        streamer: { uniqueId: subject, ...(streamerId === undefined ? {} : { tiktokUserId: streamerId }) },
        epoch,
        // The session is open already: its `live.started` is no raw record.
        checkpoint: {
          version: 1,
          roomId,
          sessionId,
          occurrence,
          joined: true,
          lastFrameAt: recordedAt,
          likeTotal: 0,
          streaks: [],
          recentIds: [],
          clean: true,
        },
        prices: {},
        healthyAfterMs: DEFAULT_ROOM_SETTINGS.healthyAfterMs,
      },
      this.#shaper,
      place.n - 1,
    );
    out.push(...replay.apply({ kind: 'resumed' }), ...replay.apply({ kind: 'opened', at: recordedAt, source: 'raw' }));
    this.#stretch = { key, replay };
    return this.#stretch;
  }
}

function nowOf(records: readonly RawRecord[]): string {
  const timed = records.find(({ timeSource }) => timeSource === 'frame');
  return timed === undefined ? '0' : String(timed.time);
}

function epochOf(record: RawRecord): number {
  return parseSequence(record.sequence ?? '')?.epoch ?? 0;
}

/** `<roomId>` is the first session of a room, `<roomId>-2` its second. */
function occurrenceOf(roomId: string, sessionId: string): number | undefined {
  if (sessionId === roomId) return 1;
  const match = /^-([1-9]\d*)$/.exec(sessionId.startsWith(roomId) ? sessionId.slice(roomId.length) : '');
  return match === null ? undefined : Number(match[1]);
}
