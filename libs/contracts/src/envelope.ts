import type { EventData } from './data/index.js';
import type { DecimalString, Timestamp } from './data/values.js';
import type { EventName } from './events.js';

/** A whole event: CloudEvents 1.0 in JSON. */
export interface LivetapEvent<Name extends EventName = EventName> {
  readonly specversion: '1.0';
  /** Unique within `source`; the same on every replica, retry and replay. */
  readonly id: string;
  /** `/tiktok/rooms/<roomId>`. */
  readonly source: string;
  /** `livetap.<event>.v1`. */
  readonly type: string;
  /** Unique id of the streamer as monitored, lower case. */
  readonly subject: string;
  /** When it happened. Not monotone, and can be hours old. */
  readonly time: Timestamp;
  readonly datacontenttype: 'application/json';
  readonly dataschema: string;
  /** TikTok user id of the streamer, absent until known. */
  readonly streamerid?: DecimalString;
  /** `<roomId>`; `<roomId>-2`, `-3` … when the same room id goes live again. */
  readonly sessionid?: string;
  /** Where `time` is from when it is not the message's own. */
  readonly timesource?: 'frame' | 'received';
  /** When the frame was received here. */
  readonly recordedtime: Timestamp;
  /** `<epoch, 8 digits>-<n, 12 digits>`; text order is the order. */
  readonly sequence?: string;
  readonly leaseepoch?: string;
  readonly data: EventData<Name>;
}

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

/** The k-th session of a room id, k counting from 1. */
export function sessionId(roomId: string, occurrence: number): string {
  return occurrence <= 1 ? roomId : `${roomId}-${occurrence}`;
}
