import type { EventData } from './data/index.js';
import type { DecimalString, OpenEnum, Timestamp } from './data/values.js';
import type { EventName } from './events.js';

/** `<epoch, 8 digits>-<n, 12 digits>`; text order is the order. */
export type SequenceText = string;

/** `livetap.<event>.v<version>`. */
export type EventTypeText = string;

/** `urn:livetap:schema:<event>:<version>.<revision>`. */
export type SchemaUrn = string;

/** Newest revision of the schema of the envelope. See `SCHEMA_REVISIONS` for those of the events. */
export const ENVELOPE_SCHEMA = 'urn:livetap:schema:event:1.0';

/** The CloudEvents type of an event, by its name. */
export type EventType<Name extends EventName = EventName> = `livetap.${Name}.v1`;

/** A whole event: CloudEvents 1.0 in JSON. Events of a room always have `subject`, `sessionid`, `sequence` and `leaseepoch`. */
export interface EventEnvelope {
  /** Version of CloudEvents. */
  readonly specversion: '1.0';
  /** Unique within `source`; the same on every replica, retry and replay. */
  readonly id: string;
  /**
   * Where it happened: `/tiktok/rooms/<roomId>` for events of a room, `/tiktok/viewers/<userId>` for `viewer.erased`,
   * `/livetap/replicas/<replicaId>` for `canary`.
   */
  readonly source: string;
  /** What happened: `livetap.<event>.v1`. */
  readonly type: EventTypeText;
  /** Unique id of the streamer as monitored, lower case. */
  readonly subject?: string;
  /** When it happened. Not monotone, and can be hours old. */
  readonly time: Timestamp;
  /** Media type of `data`. */
  readonly datacontenttype: 'application/json';
  /** Which schema `data` follows: `urn:livetap:schema:<event>:1.<revision>`. A revision only adds optional fields. */
  readonly dataschema: SchemaUrn;
  /** TikTok user id of the streamer; absent until known. */
  readonly streamerid?: DecimalString;
  /** The session: `<roomId>`, and `<roomId>-2`, `-3` … when the same room id goes live again. */
  readonly sessionid?: string;
  /** Where `time` is from when it is not the message's own: TikTok's time of the frame, or our receipt; absent otherwise. */
  readonly timesource?: OpenEnum<'frame' | 'received'>;
  /** When the frame was received here; in a replay when it was recorded. The timestamp of the Kafka record. */
  readonly recordedtime: Timestamp;
  /**
   * Place of the event in the order of its room: `<epoch, 8 digits>-<n, 12 digits>`. Text order is the order; `n` counts
   * 1, 2, 3 … over all topics of the room.
   */
  readonly sequence?: SequenceText;
  /** How often the streamer was taken by a process: the epoch of `sequence` as a decimal number. */
  readonly leaseepoch?: DecimalString;
  /** What happened, in detail: `dataschema` describes it. */
  readonly data: object;
}

/** An event of a room: everything but `viewer.erased` and `canary`. */
export interface RoomEvent<Name extends EventName = EventName> extends EventEnvelope {
  readonly type: EventType<Name>;
  readonly subject: string;
  readonly sessionid: string;
  readonly sequence: SequenceText;
  readonly leaseepoch: DecimalString;
  readonly data: EventData<Name>;
}

/** An event that belongs to no room, and so to no order. */
export interface RoomlessEvent<Name extends EventName = EventName> extends EventEnvelope {
  readonly type: EventType<Name>;
  readonly data: EventData<Name>;
}

/** The events that belong to no room. */
export type RoomlessEventName = 'viewer.erased' | 'canary';

/**
 * A whole event by its name; without a name the union of all, which `type` tells apart:
 * `if (event.type === 'livetap.gift.v1') event.data.diamonds`.
 * A later version of Livetap can send types that are not in this union: pass over what you do not know.
 */
export type LivetapEvent<Name extends EventName = EventName> = Name extends RoomlessEventName
  ? RoomlessEvent<Name>
  : RoomEvent<Name>;

/** Source of a room's events. */
export function roomSource(roomId: string): string {
  return `/tiktok/rooms/${roomId}`;
}

/** Source of a room's raw records. */
export function rawSource(roomId: string): string {
  return `/tiktok/rooms/${roomId}/raw`;
}

/** Source of what concerns one viewer. */
export function viewerSource(userId: string): string {
  return `/tiktok/viewers/${userId}`;
}

/** Source of a replica's signs of life. */
export function replicaSource(replicaId: string): string {
  return `/livetap/replicas/${replicaId}`;
}

/** The k-th session of a room id, k counting from 1. */
export function sessionId(roomId: string, occurrence: number): string {
  return occurrence <= 1 ? roomId : `${roomId}-${occurrence}`;
}
