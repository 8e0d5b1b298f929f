/** How a room is followed; all in ms. */
export interface RoomSettings {
  /** A socket without a frame counts as healthy after so long. */
  readonly healthyAfterMs: number;
  /** After so long a time of health the next failure starts with the shortest delay again. */
  readonly resetAfterMs: number;
  /** So long without a frame makes a socket suspicious. */
  readonly silenceMs: number;
  /** Limit of silence of a room that proved to be quiet, at most. */
  readonly maxSilenceMs: number;
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

/** The limits of silence that follow from the first one. */
export function silenceLimits(silenceMs: number): Pick<RoomSettings, 'silenceMs' | 'maxSilenceMs'> {
  return { silenceMs, maxSilenceMs: MAX_SILENCE_LIMITS * silenceMs };
}
