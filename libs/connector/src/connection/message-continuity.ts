import type { RawBatch, RawMessage } from '../socket/batch.js';
import type { CloseKind } from '../socket/close-kind.js';
import type { GapEvent } from './reconnect-options.js';

/** The wire's way to say that a message has no id. */
const NO_ID = '0';

interface Loss {
  readonly from: number;
  readonly reason: CloseKind;
  readonly lastIdBefore: string | undefined;
  bridged: boolean;
}

/**
 * Knows which messages were handed out already, across the sockets of one connection, and where some may be missing.
 * Memory is bounded by the number of remembered ids.
 */
export class MessageContinuity {
  private readonly seen = new Set<string>();
  private lastId: string | undefined;
  private lastAt: number | undefined;
  private loss: Loss | undefined;

  constructor(private readonly remembered: number) {}

  /** The socket is gone, at `now`. Several losses without a new message between them are one. */
  lost(now: number, reason: CloseKind): void {
    this.loss ??= { from: this.lastAt ?? now, reason, lastIdBefore: this.lastId, bridged: false };
  }

  /** A frame came at `receivedAt`, if only to keep the socket alive. */
  heard({ receivedAt }: RawBatch): void {
    this.lastAt = receivedAt;
  }

  /** True for a message that came before. Messages without an id never did. */
  isRepeat({ method, msgId }: RawMessage): boolean {
    if (msgId === NO_ID) return false;
    if (this.loss && msgId === this.loss.lastIdBefore) this.loss.bridged = true;
    const key = `${method}:${msgId}`;
    if (this.seen.has(key)) return true;
    this.seen.add(key);
    if (this.seen.size > this.remembered) {
      for (const oldest of this.seen) {
        this.seen.delete(oldest);
        break;
      }
    }
    return false;
  }

  /** To be called for each new message in turn: the gap that lies right before it, if one does. */
  gapBefore({ msgId }: RawMessage, receivedAt: number, roomId: string): GapEvent | undefined {
    const { loss } = this;
    this.loss = undefined;
    if (msgId !== NO_ID) this.lastId = msgId;
    if (!loss) return undefined;
    const { from, reason, lastIdBefore, bridged } = loss;
    return {
      roomId,
      from,
      to: receivedAt,
      reason,
      ...(lastIdBefore === undefined ? {} : { lastIdBefore }),
      firstIdAfter: msgId,
      bridged,
    };
  }

  /** Forgets everything: what follows is another connection. */
  clear(): void {
    this.seen.clear();
    this.lastId = undefined;
    this.lastAt = undefined;
    this.loss = undefined;
  }
}
