/** Why a client must take it that it missed events. */
export type ResetReason =
  /** The events after its place are deleted or too many; the tail goes on with the oldest that are left, or from now. */
  | 'tooOld'
  /** Its place is in another journal, or in a journal where the fleet's topics are followed; the tail goes on from now. */
  | 'otherJournal'
  /** Its `Last-Event-ID` is none of ours; the tail goes on from now. */
  | 'invalid';

/**
 * Why the tail ended: the client was too slow (it may come back with its last id), its key counts no more, the service stops, or
 * the journal fails.
 */
export type EndReason = 'slow' | 'refused' | 'closing' | 'failed';

export type TailMessage =
  /** Without an id where only ends of batches are places: a `place` follows. */
  | { readonly kind: 'event'; readonly lastEventId?: string; readonly type: string; readonly data: string }
  /** The place after the events before it. */
  | { readonly kind: 'place'; readonly lastEventId: string }
  /** Sent when it is quiet. The id moves a client on whose filter lets little through. */
  | { readonly kind: 'heartbeat'; readonly lastEventId: string }
  | { readonly kind: 'reset'; readonly lastEventId: string; readonly reason: ResetReason }
  /** Always the last one, unless the client left by itself. */
  | { readonly kind: 'end'; readonly reason: EndReason };
