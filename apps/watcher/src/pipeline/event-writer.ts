import {
  EVENT_CATALOGUE,
  type EventName,
  formatSequenceNumber,
  rawSource,
  roomSource,
  sequencePrefix,
} from '@livetap/contracts';
import type { FinishedEvent } from './finished-event.js';
import { timestamp } from './normalize/values.js';
import { shownMethod } from './wire-message.js';

/** Largest record value: below the 1 MiB that a Kafka broker takes by default, with room for headers and framing. */
export const MAX_EVENT_BYTES = 900_000;

export interface EventWriterOptions {
  readonly roomId: string;
  /** Unique id of the streamer as monitored, lower case. */
  readonly subject: string;
  readonly sessionId: string;
  readonly epoch: number;
  /** Sequence number of the last event that this epoch published for the room; 0 at first. */
  readonly sequence: number;
}

export interface EventParts {
  readonly name: EventName;
  readonly id: string;
  /** When it happened, milliseconds. */
  readonly time: number;
  readonly timeSource: 'frame' | 'received' | undefined;
  /** Receipt, milliseconds. */
  readonly recordedAt: number;
  readonly data: object;
}

/** Serialises the events of one session, once, and numbers them. */
export class EventWriter {
  readonly #options: EventWriterOptions;
  readonly #source: string;
  readonly #sequencePrefix: string;
  /** The part of the envelope that is the same for all events of a type. */
  readonly #constant = new Map<EventName, string>();
  #streamerId: string | undefined;
  #n: number;

  constructor(options: EventWriterOptions) {
    this.#options = options;
    this.#source = roomSource(options.roomId);
    this.#sequencePrefix = sequencePrefix(options.epoch);
    this.#n = options.sequence;
  }

  /** The number of the last event written. */
  get sequence(): number {
    return this.#n;
  }

  set streamerId(id: string | undefined) {
    if (id === this.#streamerId) return;
    this.#streamerId = id;
    this.#constant.clear();
  }

  /**
   * Serialises an event under the next number; keys stand in one fixed order. Undefined, and no number taken, when the
   * value would be larger than a broker takes.
   */
  write(parts: EventParts): FinishedEvent | undefined {
    const entry = EVENT_CATALOGUE[parts.name];
    const sequence = this.#sequencePrefix + formatSequenceNumber(this.#n + 1);
    const timeSource = parts.timeSource === undefined ? '' : `","timesource":"${parts.timeSource}`;
    const text =
      `{"specversion":"1.0","id":${JSON.stringify(parts.id)}${this.#constantOf(parts.name)}` +
      `"time":"${timestamp(parts.time)}${timeSource}","recordedtime":"${timestamp(parts.recordedAt)}"` +
      `,"sequence":"${sequence}","data":${JSON.stringify(parts.data)}}`;
    const value = Buffer.from(text);
    if (value.length > MAX_EVENT_BYTES) return undefined;
    this.#n += 1;
    return {
      topic: entry.topic,
      key: this.#options.roomId,
      id: parts.id,
      type: entry.type,
      source: this.#source,
      subject: this.#options.subject,
      sequence,
      recordedAt: parts.recordedAt,
      value,
    };
  }

  /**
   * The copy of a wire message for the raw topic. It has no sequence of its own: the numbers of a room are contiguous over its
   * events, whether or not the raw topic is switched on. Its event's stands beside it.
   */
  raw(
    event: FinishedEvent,
    message: { readonly method: string; readonly payload: Uint8Array; readonly isHistory: boolean },
    when: Pick<EventParts, 'time' | 'timeSource'>,
  ): FinishedEvent {
    const { sessionId } = this.#options;
    const streamerId = this.#streamerId;
    const { timeSource } = when;
    const { buffer, byteOffset, byteLength } = message.payload;
    return {
      topic: 'raw',
      key: event.key,
      id: event.id,
      type: event.type,
      source: rawSource(this.#options.roomId),
      subject: event.subject,
      recordedAt: event.recordedAt,
      value: Buffer.from(buffer, byteOffset, byteLength),
      raw: {
        method: shownMethod(message.method),
        history: message.isHistory,
        time: timestamp(when.time),
        place: {
          sessionId,
          sequence: event.sequence ?? '',
          ...(streamerId === undefined ? {} : { streamerId }),
          ...(timeSource === undefined ? {} : { timeSource }),
        },
      },
    };
  }

  #constantOf(name: EventName): string {
    let text = this.#constant.get(name);
    if (text === undefined) {
      const entry = EVENT_CATALOGUE[name];
      const members = {
        source: this.#source,
        type: entry.type,
        subject: this.#options.subject,
        datacontenttype: 'application/json',
        dataschema: entry.dataschema,
        ...(this.#streamerId === undefined ? {} : { streamerid: this.#streamerId }),
        sessionid: this.#options.sessionId,
        leaseepoch: String(this.#options.epoch),
      };
      text = `,${JSON.stringify(members).slice(1, -1)},`;
      this.#constant.set(name, text);
    }
    return text;
  }
}
