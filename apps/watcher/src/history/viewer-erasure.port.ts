/** Erasure of a viewer from history. */
export interface ViewerErasureStore {
  /**
   * Deletes everything about the viewer at once, and remembers that events of before must not bring it back; with
   * `optOut` none of later may either. Twice does no harm: the second time counts.
   * @returns when, ms since the epoch
   * @throws DatabaseError, retryable when the database is away
   */
  erase(userId: string, optOut: boolean): Promise<number>;
  /**
   * Takes an opt-out back: events received from now on count for the viewer again, those of before never do.
   * @returns when, ms since the epoch; undefined when the viewer had not opted out
   * @throws DatabaseError, retryable when the database is away
   */
  endOptOut(userId: string): Promise<number | undefined>;
  /** Erasures of which consumers were not told yet, oldest first, at most 100. */
  unannounced(): Promise<readonly { readonly userId: string; readonly at: number }[]>;
  /** Consumers were told. */
  announced(userId: string, at: number): Promise<void>;
}

export const VIEWER_ERASURE_STORE = Symbol('ViewerErasureStore');
