import type { Findings } from './findings.js';
import type { GapOracle } from './gap-oracle.js';

interface SocketLine {
  readonly room: string;
  /** Interval of the first message that was admitted; undefined: nothing was, or a missed one came before it. */
  readonly interval: number | undefined;
  /** Messages since the last one of this interval that were not admitted. */
  missed: number;
}

/**
 * Judges what was handed to a socket and never admitted: it must be the end of that socket, and a gap (or the end of the
 * session) must follow. Goes by the order of sending alone: under load a message may wait in a socket for long.
 */
export class SilenceOracle {
  readonly #sockets = new Map<number, SocketLine>();

  constructor(
    private readonly gaps: GapOracle,
    private readonly findings: Findings,
  ) {}

  /** A message as it was first sent to this socket (no history), in the order of sending. `offset`: undefined when it was never admitted. */
  sent(socket: number, room: string, offset: number | undefined): void {
    const line = this.#sockets.get(socket);
    const interval = offset === undefined ? undefined : this.gaps.intervalOf(room, offset);
    if (line === undefined) {
      this.#sockets.set(socket, { room, interval, missed: offset === undefined ? 1 : 0 });
    } else if (interval === undefined) {
      line.missed += 1;
    } else if (interval === line.interval && line.missed > 0) {
      // One of a later interval came by the history of a later socket.
      this.findings.add('lost in silence', `room ${room}: ${line.missed} messages before event ${offset}`);
      line.missed = 0;
    }
  }

  judge(): void {
    for (const [socket, { room, interval, missed }] of this.#sockets) {
      if (missed === 0 || interval === undefined || this.gaps.lastInterval(room) > interval) continue;
      this.findings.add('lost in silence', `room ${room}: the last ${missed} messages of socket ${socket}`);
    }
  }
}
