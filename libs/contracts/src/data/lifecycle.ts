import type {
  Base64,
  Count,
  DecimalString,
  HttpsUrl,
  Integer,
  LocalizedText,
  OpenEnum,
  Timestamp,
  User,
  WireData,
} from './values.js';

/** The first event of a session. */
export interface LiveStartedData {
  /** The streamer; absent when the user id is not known yet. */
  readonly streamer?: User;
  /** Title of the stream at that moment. */
  readonly title?: string;
  /** When TikTok says that the stream began. */
  readonly startedAt?: Timestamp;
  /** When the first socket of the session was healthy. What passed before is not a gap. */
  readonly joinedAt: Timestamp;
  /** Which way led to the socket: unsigned (`direct`), signed (`euler`), a given address (`fixed`). */
  readonly via: OpenEnum<'direct' | 'euler' | 'fixed'>;
}

/** The last event of a session. */
export interface LiveEndedData {
  /** When the stream ended, as far as it was seen. */
  readonly endedAt: Timestamp;
  /** Why: TikTok said so (`ended`, `suspended`), it was found offline, or another live took its place (`replaced`). */
  readonly reason: OpenEnum<'ended' | 'suspended' | 'offline' | 'replaced'>;
}

/** Watching stopped; the stream goes on. */
export interface LiveLeftData {
  /** The streamer was `paused` or `removed` by the operator. */
  readonly reason: OpenEnum<'paused' | 'removed'>;
}

export type GapReason =
  'disconnected' | 'stalled' | 'refused' | 'quota' | 'restart' | 'failover' | 'backpressure' | 'frameRejected';

/** What TikTok sent in this interval may be missing. Messages from history that fall into it still count. */
export interface RoomGapData {
  /** Receipt of the last admitted frame; after a crash the last checkpoint. */
  readonly from: Timestamp;
  /** The new socket's first frame, or its tenth healthy second. */
  readonly to: Timestamp;
  /** `to` − `from`, milliseconds. */
  readonly durationMs: Count;
  /** What began the interval. */
  readonly reason: OpenEnum<GapReason>;
  /** Id of the last event of a message before the gap. */
  readonly lastIdBefore?: string;
  /** Id of the first event of a message after the gap; absent when none followed it at once. */
  readonly firstIdAfter?: string;
  /** False when `from` is only the last checkpoint before a crash. */
  readonly fromExact: boolean;
}

/** Delete what you keep about this person. */
export interface ViewerErasedData {
  /** TikTok user id of the person. */
  readonly userId: DecimalString;
  /** When Livetap erased the person. What comes later may be about the person again. */
  readonly erasedAt: Timestamp;
}

/** A sign of life of a replica, at a fixed interval. */
export interface CanaryData {
  /** Id of the replica: constant for its data directory. */
  readonly replicaId: string;
  /** Counts the canaries of one process from 1. */
  readonly n: Count;
}

export type ControlActionName =
  | 'CONTROL_ACTION_STREAM_PAUSED'
  | 'CONTROL_ACTION_STREAM_UNPAUSED'
  | 'CONTROL_ACTION_STREAM_ENDED'
  | 'CONTROL_ACTION_STREAM_SUSPENDED';

/** Something was done to the stream. */
export interface ControlMessageData extends WireData {
  /** What was done. */
  readonly action: OpenEnum<ControlActionName>;
  /** TikTok's words about it. */
  readonly tips?: string;
  /** What TikTok shows the viewers. */
  readonly notice?: LocalizedText;
}

/** TikTok says that the stream is over. */
export interface StreamEndData extends WireData {
  /** How it ended. */
  readonly action: OpenEnum<'CONTROL_ACTION_STREAM_ENDED' | 'CONTROL_ACTION_STREAM_SUSPENDED'>;
  /** TikTok's words about it. */
  readonly tips?: string;
  /** What TikTok shows the viewers. */
  readonly notice?: LocalizedText;
}

/** Bytes that a later version may understand. */
export interface UnknownData {
  /** Wire method; absent when a whole frame could not be decoded. */
  readonly method?: string;
  /** Why it stayed bytes: no such method, message or frame damaged, or the event would have been too large. */
  readonly reason: OpenEnum<'unknownMethod' | 'undecodableMessage' | 'undecodableFrame' | 'oversize'>;
  /** At most the first 256 KiB of the bytes, in base64. */
  readonly payload: Base64;
  /** How many bytes there were. */
  readonly bytes: Count;
  /** True when `payload` holds only the first of them. */
  readonly truncated: boolean;
}

/** The introduction that the streamer wrote. */
export interface LiveIntroData extends WireData {
  /** The text. */
  readonly description: string;
  /** The streamer. */
  readonly host?: User;
  /** Language of the text, for example `en`. */
  readonly language?: string;
  /** TikTok's review of the text. */
  readonly auditStatus?: OpenEnum<'AUDITSTATUSPASS' | 'AUDITSTATUSFAILED' | 'AUDITSTATUSREVIEWING'>;
}

/** A text of the room. */
export interface RoomMessageData extends WireData {
  /** The text. */
  readonly content: string;
  /** Number of the text's source, as sent. */
  readonly source?: DecimalString;
  /** TikTok's name of the occasion, for example `user_join_fans`. */
  readonly scene?: string;
  /** TikTok's finer name of the occasion. */
  readonly subScene?: string;
  /** True for the welcome text; absent otherwise. */
  readonly isWelcome?: boolean;
  /** How long it is shown, milliseconds. */
  readonly showDurationMs?: Integer;
  /** The text in its translatable form. */
  readonly text?: LocalizedText;
  /** Picture beside the text. */
  readonly iconUrl?: HttpsUrl;
}

/** A message of the system. */
export interface SystemData extends WireData {
  /** The text. */
  readonly message: string;
}
