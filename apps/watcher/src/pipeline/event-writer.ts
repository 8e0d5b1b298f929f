import {
  EVENT_CATALOGUE,
  type EventName,
  formatSequenceNumber,
  rawSource,
  roomSource,
  sequencePrefix,
} from '@livetap/contracts';
import type { FinishedEvent } from './finished-event.js';
import { type JsonBytes, Literal } from './projection/json-bytes.js';
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

/** What the envelope says of an event. */
export interface EventHead {
  readonly name: EventName;
  readonly id: string;
  /** When it happened, milliseconds. */
  readonly time: number;
  readonly timeSource: 'frame' | 'received' | undefined;
  /** Receipt, milliseconds. */
  readonly recordedAt: number;
}

export interface EventParts extends EventHead {
  readonly data: object;
}

type CatalogueEntry = (typeof EVENT_CATALOGUE)[EventName];

/** What is the same in all envelopes of a type, as text and as bytes. */
interface ConstantPart {
  readonly entry: CatalogueEntry;
  readonly text: string;
  readonly bytes: Buffer;
}

const SEQUENCE_DIGITS = 12;
const LAST_DIGITS: readonly string[] = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));
const HEAD = new Literal('{"specversion":"1.0","id":"');
const FRAME_TIME = new Literal('","timesource":"frame');
const RECEIVED_TIME = new Literal('","timesource":"received');
const RECORDED_TIME = new Literal('","recordedtime":"');
const DATA = new Literal('","data":');
const CLOSE = 0x7d;

/** Serialises the events of one session, once, and numbers them. */
export class EventWriter {
  readonly #options: EventWriterOptions;
  readonly #source: string;
  readonly #sequencePrefix: string;
  /** `sequence` without its last three digits, and the number that these digits are of. */
  #sequenceHead = '';
  #upper = -1;
  readonly #sequenceKey: Literal;
  /** The part of the envelope that is the same for all events of a type. */
  readonly #constant = new Map<EventName, ConstantPart>();
  #streamerId: string | undefined;
  #n: number;

  constructor(options: EventWriterOptions) {
    this.#options = options;
    this.#source = roomSource(options.roomId);
    this.#sequencePrefix = sequencePrefix(options.epoch);
    this.#sequenceKey = new Literal(`","sequence":"${this.#sequencePrefix}`);
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
    const sequence = this.#sequenceOf(this.#n + 1);
    const timeSource = parts.timeSource === undefined ? '' : `","timesource":"${parts.timeSource}`;
    const text =
      `{"specversion":"1.0","id":${JSON.stringify(parts.id)}${this.#constantOf(parts.name).text}` +
      `"time":"${timestamp(parts.time)}${timeSource}","recordedtime":"${timestamp(parts.recordedAt)}"` +
      `,"sequence":"${sequence}","data":${JSON.stringify(parts.data)}}`;
    const value = Buffer.from(text);
    if (value.length > MAX_EVENT_BYTES) return undefined;
    return this.#finished(parts, entry, sequence, value);
  }

  /**
   * Writes the envelope of the next event up to its data, which the caller writes; then `close`. Returns where it began:
   * nothing is taken until then. The id must be ASCII that JSON does not escape, as ids of the wire are.
   */
  open(json: JsonBytes, head: EventHead): number {
    const start = json.at;
    json.literal(HEAD);
    json.ascii(head.id);
    json.block(this.#constantOf(head.name).bytes);
    json.timestamp(head.time);
    if (head.timeSource !== undefined) json.literal(head.timeSource === 'frame' ? FRAME_TIME : RECEIVED_TIME);
    json.literal(RECORDED_TIME);
    json.timestamp(head.recordedAt);
    json.literal(this.#sequenceKey);
    json.padded(this.#n + 1, SEQUENCE_DIGITS);
    json.literal(DATA);
    return start;
  }

  /** The event whose data was written since `open` gave `start`; undefined, and nothing taken, when it is too large. */
  close(json: JsonBytes, head: EventHead, start: number): FinishedEvent | undefined {
    json.byte(CLOSE);
    if (json.full || json.at - start > MAX_EVENT_BYTES) return undefined;
    const sequence = this.#sequenceOf(this.#n + 1);
    return this.#finished(head, this.#constantOf(head.name).entry, sequence, json.out.subarray(start, json.at));
  }

  /** Of most sequences all but the last digits are those of the one before. */
  #sequenceOf(n: number): string {
    const last = n % 1000;
    const upper = (n - last) / 1000;
    if (upper !== this.#upper) {
      this.#upper = upper;
      this.#sequenceHead = this.#sequencePrefix + formatSequenceNumber(n).slice(0, -3);
    }
    return this.#sequenceHead + (LAST_DIGITS[last] ?? '');
  }

  #finished(head: EventHead, entry: CatalogueEntry, sequence: string, value: Buffer): FinishedEvent {
    this.#n += 1;
    return {
      topic: entry.topic,
      key: this.#options.roomId,
      id: head.id,
      type: entry.type,
      source: this.#source,
      subject: this.#options.subject,
      sequence,
      recordedAt: head.recordedAt,
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
    return {
      topic: 'raw',
      key: event.key,
      id: event.id,
      type: event.type,
      source: rawSource(this.#options.roomId),
      subject: event.subject,
      recordedAt: event.recordedAt,
      // A copy: the payload is valid as long as its frame is worked on, and this goes to the journal later.
      value: Buffer.from(message.payload),
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

  #constantOf(name: EventName): ConstantPart {
    let constant = this.#constant.get(name);
    if (constant === undefined) {
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
      const text = `,${JSON.stringify(members).slice(1, -1)},`;
      // The quote before it ends the id, what is behind it begins the time.
      constant = { entry, text, bytes: Buffer.from(`"${text}"time":"`) };
      this.#constant.set(name, constant);
    }
    return constant;
  }
}
