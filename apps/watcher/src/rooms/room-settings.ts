/** How a room is followed; all in ms. */
import type { SilenceLimits } from './silence-watch.js';

export interface RoomSettings extends SilenceLimits {
  /** A socket without a frame counts as healthy after so long. */
  readonly healthyAfterMs: number;
  /** After so long a time of health the next failure starts with the shortest delay again. */
  readonly resetAfterMs: number;
  /** How long a second socket has to say something that the first one did not. */
  readonly spareMs: number;
  /** After so long without a message, frames or not, the checker is asked whether the stream is still on. */
  readonly quietMs: number;
  readonly backOffBaseMs: number;
  readonly backOffCapMs: number;
}

/** The limit of a quiet room grows to so many times the first one. */
const MAX_SILENCE_LIMITS = 10;

export const DEFAULT_ROOM_SETTINGS: RoomSettings = {
  healthyAfterMs: 10_000,
  resetAfterMs: 60_000,
  silenceMs: 60_000,
  maxSilenceMs: MAX_SILENCE_LIMITS * 60_000,
  spareMs: 30_000,
  quietMs: 300_000,
  backOffBaseMs: 500,
  backOffCapMs: 60_000,
};

/** The limits of silence of one streamer: those of the service unless it has its own. */
export function silenceLimitsOf(streamer: { readonly silenceMs?: number }, service: RoomSettings): SilenceLimits {
  return streamer.silenceMs === undefined ? service : silenceLimits(streamer.silenceMs);
}

/** The limits of silence that follow from the first one. */
export function silenceLimits(silenceMs: number): SilenceLimits {
  return { silenceMs, maxSilenceMs: MAX_SILENCE_LIMITS * silenceMs };
}
