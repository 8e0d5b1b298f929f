import type { TopicSubject } from '@livetap/contracts';

/**
 * One event whose bytes are final: serialised once, the same bytes go to journal, Kafka, live tail and files.
 * The other fields are copies for routing and filtering without parsing.
 */
export interface FinishedEvent {
  /** Which topic: `<prefix>.<topic>`. */
  readonly topic: TopicSubject;
  /** Kafka key: the room id (`viewer.erased`: the user id; `canary`: the replica id). */
  readonly key: string;
  /** CloudEvents id, unique within `source`. */
  readonly id: string;
  /** CloudEvents type, for example `livetap.chat.v1`. */
  readonly type: string;
  readonly source: string;
  /** CloudEvents subject: the streamer's unique id, lower case; empty for events outside a room, which have none. */
  readonly subject: string;
  /** `<epoch, 8 digits>-<n, 12 digits>`, absent for events outside a room. */
  readonly sequence?: string;
  /** `recordedtime`, milliseconds since the epoch; the timestamp of the Kafka record. */
  readonly recordedAt: number;
  /** The record value: CloudEvents 1.0 JSON, or the message's own bytes on the raw topic. */
  readonly value: Buffer;
  /** Raw records only (CloudEvents binary mode): wire method and history flag for the headers. */
  readonly raw?: RawFacts;
}

/** What the headers of a raw record say about its message. */
export interface RawFacts {
  /** Wire method. */
  readonly method: string;
  readonly history: boolean;
  readonly time: string;
  /** Where its event stands; absent in copies that were made before there was such a thing. */
  readonly place?: RawPlace;
}

/** What a replay needs to put a message back where it was. */
export interface RawPlace {
  /** Session of the event. */
  readonly sessionId: string;
  /** Sequence of the event; its first half is the epoch. */
  readonly sequence: string;
  /** TikTok user id of the streamer, where it is known. */
  readonly streamerId?: string;
  /** Where `time` is from when it is not the message's own. */
  readonly timeSource?: 'frame' | 'received';
}
