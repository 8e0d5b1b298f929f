import type { Clock } from '../common/clock.port.js';

export interface HeldSocket {
  setPaused(paused: boolean): void;
}

export interface HoldOptions {
  readonly clock: Clock;
  /** The socket is read after so long, asked or not, ms. */
  readonly limitMs: number;
  /** Asks, and calls back at most once. */
  readonly ask: (concluded: () => void) => void;
  /** False while something else keeps the socket unread. */
  readonly mayRead: () => boolean;
}

/** Leaves a socket unread until a question about its room is answered, or the time for that is over. */
export function holdUntilAsked(socket: HeldSocket, { clock, limitMs, ask, mayRead }: HoldOptions): void {
  socket.setPaused(true);
  const goOn = (): void => {
    timer.cancel();
    if (mayRead()) socket.setPaused(false);
  };
  const timer = clock.setTimeout(goOn, limitMs);
  ask(goOn);
}
