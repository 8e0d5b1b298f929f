import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import type { RoomInput, StreamerFacts } from '../rooms/room-input.js';

/** What the events of a recording depend on beside its inputs. */
export interface RecordingStart {
  /** When the recording began, ms since the epoch. */
  readonly at: number;
  /** Version and commit of the program that wrote it. */
  readonly version: string;
  readonly commit: string;
  readonly streamer: StreamerFacts;
  readonly epoch: number;
  /** Where the streamer's last session was left; null when there is none to go on from. */
  readonly checkpoint: PipelineCheckpoint | null;
  /** Gift id → diamonds of one, for messages that do not say it. */
  readonly prices: Readonly<Record<string, number>>;
  /** A socket without a frame counted as healthy after so long, ms. */
  readonly healthyAfterMs: number;
}

/** Why a recording ended. */
export const RECORDING_ENDS = ['streamEnded', 'interrupted', 'duration', 'size', 'notLive'] as const;
export type RecordingEndReason = (typeof RECORDING_ENDS)[number];

/** The last entry of a recording that was closed in order. */
export interface RecordingEnd {
  readonly at: number;
  readonly reason: RecordingEndReason;
  readonly frames: number;
  readonly messages: number;
  /** Events that were made of the inputs while they were recorded, without copies for the raw topic. */
  readonly events: number;
  /** SHA-256 of these events, one a line, each followed by a line feed; hex. */
  readonly sha256: string;
}

export type RecordingEntry =
  | { readonly kind: 'start'; readonly start: RecordingStart }
  | { readonly kind: 'input'; readonly input: RoomInput }
  | { readonly kind: 'end'; readonly end: RecordingEnd };

/** Where a recording is written. */
export interface RecordingWriter {
  /** Bytes in the file, and those on their way to it. */
  readonly bytes: number;
  /** Takes an entry; never blocks. The bytes of frames may be views: they are copied at once. */
  write(entry: RecordingEntry): void;
  /**
   * Resolves when every entry written before this call is on the disk; that may take half a second.
   * @throws RecordingError WATCHER_RECORDING_NOT_WRITTEN
   */
  durable(): Promise<void>;
  /** Writes what is left and closes the file. @throws RecordingError WATCHER_RECORDING_NOT_WRITTEN */
  close(): Promise<void>;
}
