/** Feeds the history fold from where events are kept, and remembers in the database how far it came. */
export interface HistorySource {
  /** Begins. Resolves before the first event is folded; what is away (broker, database) is tried again for ever. */
  start(): Promise<void>;
  /** Waits until everything that can be read at the time of the call is folded. Resolves early when the signal aborts. */
  idle(signal?: AbortSignal): Promise<void>;
  /** Finishes the batch under way (not longer than the signal lets it) and ends. What was not folded is read again later. */
  stop(signal?: AbortSignal): Promise<void>;
  /** Why nothing is folded although there is something; undefined when all is well. For readiness and operators. */
  problem(): string | undefined;
}

export const HISTORY_SOURCE = Symbol('HistorySource');
