import type { ConnectorClock, ConnectorTimer } from '../common/clock.js';

/** Looks per time limit: silence is noticed within 5/4 of the limit, with a timer that is never set anew for a frame. */
const LOOKS = 4;

/**
 * Notices that nothing came for `timeoutMs`. It counts its own looks instead of comparing times, so that a clock that
 * jumps (a computer that slept) is no silence.
 */
export class StallWatch {
  private heardSince = true;
  private silentLooks = 0;
  private timer: ConnectorTimer | undefined;

  /**
   * @param timeoutMs silence up to this long, in milliseconds, is nothing special
   * @param isReading false while the owner does not read, which is no silence of the other side
   * @param onStalled called once, after which the watch is over
   */
  constructor(
    private readonly clock: ConnectorClock,
    private readonly timeoutMs: number,
    private readonly isReading: () => boolean,
    private readonly onStalled: (silentMs: number) => void,
  ) {
    this.schedule();
  }

  /** Something came. */
  heard(): void {
    this.heardSince = true;
  }

  stop(): void {
    this.timer?.cancel();
  }

  private schedule(): void {
    this.timer = this.clock.setTimeout(() => this.look(), this.timeoutMs / LOOKS);
  }

  private look(): void {
    this.silentLooks = this.heardSince || !this.isReading() ? 0 : this.silentLooks + 1;
    this.heardSince = false;
    if (this.silentLooks >= LOOKS) this.onStalled(this.timeoutMs);
    else this.schedule();
  }
}
