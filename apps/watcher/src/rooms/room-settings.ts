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

export const DEFAULT_ROOM_SETTINGS: RoomSettings = {
  healthyAfterMs: 10_000,
  resetAfterMs: 60_000,
  silenceMs: 60_000,
  maxSilenceMs: 600_000,
  spareMs: 30_000,
  quietMs: 300_000,
  backOffBaseMs: 500,
  backOffCapMs: 60_000,
};
