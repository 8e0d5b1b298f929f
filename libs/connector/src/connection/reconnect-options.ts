import { ConfigurationError } from '../errors/connector-error.js';
import type { CloseKind } from '../socket/close-kind.js';

/** How a lost connection is opened again. All times are in milliseconds. */
export interface ReconnectOptions {
  /** Upper end of the first delay; it doubles with each attempt. Default 1,000. */
  readonly baseDelayMs?: number;
  /** Upper end of every delay. What the other side asks for (`retry-after`) may be longer. Default 60,000. */
  readonly maxDelayMs?: number;
  /** Failed attempts in a row after which the connection is given up. Default: no limit. */
  readonly maxAttempts?: number;
  /** A connection that held for so long was a good one: the next loss begins with the first delay again. Default 30,000. */
  readonly stableAfterMs?: number;
  /** How many message ids are remembered to remove repeats. Default 10,000. */
  readonly rememberedMessages?: number;
  /** Uniform in [0, 1), for the jitter. Default `Math.random`. */
  readonly random?: () => number;
}

export type ResolvedReconnectOptions = Required<ReconnectOptions>;

const DEFAULTS: ResolvedReconnectOptions = {
  baseDelayMs: 1_000,
  maxDelayMs: 60_000,
  maxAttempts: Number.POSITIVE_INFINITY,
  stableAfterMs: 30_000,
  rememberedMessages: 10_000,
  random: () => Math.random(),
};

/**
 * Fills in the defaults; undefined when reconnecting is off.
 * @throws CONNECTOR_CONFIGURATION for a number below zero, or none
 */
export function resolveReconnect(given: boolean | ReconnectOptions | undefined): ResolvedReconnectOptions | undefined {
  if (!given) return undefined;
  const options = typeof given === 'object' ? given : {};
  const set = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved = { ...DEFAULTS, ...set } as ResolvedReconnectOptions;
  for (const [name, value] of Object.entries(resolved)) {
    if (name !== 'random' && !(Number(value) >= 0))
      throw new ConfigurationError(`reconnect.${name} must be a number of at least 0.`);
  }
  return resolved;
}

/** The connection is lost, and the next attempt to open it again begins after a delay. */
export interface ReconnectingEvent {
  /** 1 for the first attempt after the loss. */
  readonly attempt: number;
  readonly delayMs: number;
  /** Why the connection was lost. */
  readonly reason: CloseKind;
  /** WebSocket close code of the loss. */
  readonly code: number;
  /** Why the attempt before this one failed; absent for the first. */
  readonly error?: unknown;
}

/**
 * Messages may be missing here: it comes right before the first new message after a loss. Times are milliseconds since the
 * epoch.
 */
export interface GapEvent {
  readonly roomId: string;
  /** When the last frame before the loss came. */
  readonly from: number;
  /** When the first new message after it came. */
  readonly to: number;
  /** Why the connection was lost; the first reason when it was lost several times without a new message between. */
  readonly reason: CloseKind;
  /** Id of the last message before the gap; absent when there was none. */
  readonly lastIdBefore?: string;
  /** Id of the message that follows, `"0"` when it has none. */
  readonly firstIdAfter: string;
  /** True when the room's history repeated the last message before the gap: then probably nothing is missing. */
  readonly bridged: boolean;
}
