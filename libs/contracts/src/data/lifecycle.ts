import type { DecimalString, HttpsUrl, LocalizedText, OpenEnum, Timestamp, User, WireData } from './values.js';

export interface LiveStartedData {
  /** Absent when the streamer's user id is not known yet. */
  readonly streamer?: User;
  readonly title?: string;
  /** When TikTok says that the stream began. */
  readonly startedAt?: Timestamp;
  /** When the first socket of the session was healthy. What passed before is not a gap. */
  readonly joinedAt: Timestamp;
  /** Which way led to the socket. */
  readonly via: OpenEnum<'direct' | 'euler' | 'fixed'>;
}

export interface LiveEndedData {
  readonly endedAt: Timestamp;
  readonly reason: OpenEnum<'ended' | 'suspended' | 'offline' | 'replaced'>;
}

export interface LiveLeftData {
  readonly reason: OpenEnum<'paused' | 'removed'>;
}

export type GapReason =
  | 'disconnected'
  | 'stalled'
  | 'refused'
  | 'quota'
  | 'restart'
  | 'failover'
  | 'backpressure'
  | 'frameRejected';

export interface RoomGapData {
  /** Receipt of the last admitted frame; after a crash the last checkpoint. */
  readonly from: Timestamp;
  /** The new socket's first frame, or its tenth healthy second. */
  readonly to: Timestamp;
  readonly durationMs: number;
  readonly reason: OpenEnum<GapReason>;
  /** Id of the last event before the gap. */
  readonly lastIdBefore?: string;
  /** Id of the first wire event after the gap. */
  readonly firstIdAfter?: string;
  /** False when `from` is only the last checkpoint before a crash. */
  readonly fromExact: boolean;
}

export interface ViewerErasedData {
  readonly userId: DecimalString;
  readonly erasedAt: Timestamp;
}

export interface CanaryData {
  readonly replicaId: string;
  /** Counts the canaries of one process from 1. */
  readonly n: number;
}

export type ControlActionName =
  | 'CONTROL_ACTION_STREAM_PAUSED'
  | 'CONTROL_ACTION_STREAM_UNPAUSED'
  | 'CONTROL_ACTION_STREAM_ENDED'
  | 'CONTROL_ACTION_STREAM_SUSPENDED';

export interface ControlMessageData extends WireData {
  readonly action: OpenEnum<ControlActionName>;
  readonly tips?: string;
  readonly notice?: LocalizedText;
}

export interface StreamEndData extends WireData {
  readonly action: OpenEnum<'CONTROL_ACTION_STREAM_ENDED' | 'CONTROL_ACTION_STREAM_SUSPENDED'>;
  readonly tips?: string;
  readonly notice?: LocalizedText;
}

export interface UnknownData {
  /** Wire method; absent when a whole frame could not be decoded. */
  readonly method?: string;
  readonly reason: OpenEnum<'unknownMethod' | 'undecodableMessage' | 'undecodableFrame' | 'oversize'>;
  /** Base64, at most the first 256 KiB of the bytes. */
  readonly payload: string;
  /** How many bytes there were. */
  readonly bytes: number;
  /** True when `payload` holds only the first of them. */
  readonly truncated: boolean;
}

export interface LiveIntroData extends WireData {
  readonly description: string;
  readonly host?: User;
  readonly language?: string;
  readonly auditStatus?: OpenEnum<'AUDITSTATUSPASS' | 'AUDITSTATUSFAILED' | 'AUDITSTATUSREVIEWING'>;
}

export interface RoomMessageData extends WireData {
  readonly content: string;
  readonly source?: DecimalString;
  readonly scene?: string;
  readonly subScene?: string;
  readonly isWelcome?: boolean;
  readonly showDurationMs?: number;
  readonly text?: LocalizedText;
  readonly iconUrl?: HttpsUrl;
}

export interface SystemData extends WireData {
  readonly message: string;
}
