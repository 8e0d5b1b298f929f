import type { FleetPlace } from './fleet-place.js';
import type { TailEvent } from './tail-log.port.js';

/** A record of the fleet's topics. */
export interface FleetRecord extends Omit<TailEvent, 'offset'> {
  /** As `streamOf` names the partition. */
  readonly stream: string;
  /** Its offset in the partition. */
  readonly at: number;
}

export interface FleetBounds {
  /** The oldest record that each partition still holds. */
  readonly oldest: FleetPlace;
  /** Where the next record of each partition will stand. */
  readonly end: FleetPlace;
}

/** Takes records of one partition, in order; the next ones of it come when it has resolved. */
export type DeliverRecords = (records: readonly FleetRecord[]) => Promise<void>;

/** The topics of the fleet, as the tail reads them: without a group that remembers anything. */
export interface FleetFeed {
  /** The topics that are read, in the order in which places are written. */
  readonly topics: readonly string[];
  /** @throws when no broker answers, or the topics are not there (retryable) */
  bounds(): Promise<FleetBounds>;
  /**
   * Delivers what follows `from`, each partition in order, and waits for each delivery before the next of its partition. Resolves
   * when the signal aborts. @throws when the connection ends by itself (retryable)
   */
  follow(from: FleetPlace, deliver: DeliverRecords, signal: AbortSignal): Promise<void>;
}
