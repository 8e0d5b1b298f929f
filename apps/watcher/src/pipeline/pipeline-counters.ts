import type { EventName } from '@livetap/contracts';
import type { UnknownReason } from './wire-message.js';

/**
 * What one pipeline has done, for metrics. At any time
 * `messages + rejectedFrames + Σ synthesized = published + deduplicated`.
 */
export interface PipelineCounters {
  /** Decodable frames, also empty ones. */
  frames: number;
  /** Wire messages in them. */
  messages: number;
  /** Frames that could not be decoded; each counts as one message. */
  rejectedFrames: number;
  /** Livetap's own events by type. */
  readonly synthesized: Partial<Record<EventName, number>>;
  /** Events returned, without the copies for the raw topic. */
  published: number;
  /** Messages left out because their id was seen before. */
  deduplicated: number;
  /** `unknown` events by reason. */
  readonly unknown: Record<UnknownReason, number>;
  /** `unknown` events whose bytes were cut. */
  truncated: number;
  /** Events with a part left out. */
  partial: number;
  /** Messages that were decoded but whose shape could not be made; they count as `undecodableMessage` too. */
  normalizerFailures: number;
}

export function newCounters(): PipelineCounters {
  return {
    frames: 0,
    messages: 0,
    rejectedFrames: 0,
    synthesized: {},
    published: 0,
    deduplicated: 0,
    unknown: { unknownMethod: 0, undecodableMessage: 0, undecodableFrame: 0, oversize: 0 },
    truncated: 0,
    partial: 0,
    normalizerFailures: 0,
  };
}
