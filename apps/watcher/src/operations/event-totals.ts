import type { RoomCounters } from '../rooms/room-counters.js';

/** Why an event that was received or made was not published. A closed set. */
export const DROP_REASONS = [
  /** Its room's lease was another's before it was durable: the new owner has the message itself. */
  'leaseLost',
  /** It came on a socket after its session was over; the next connect brings what counts. */
  'sessionOver',
  /** It was above the brokers' limit; an `unknown` event with its beginning took its place. */
  'oversize',
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** Where an event is that is neither published nor dropped: on its way into the journal, or in the journal. */
export const PENDING_STAGES = ['admission', 'publish'] as const;
export type PendingStage = (typeof PENDING_STAGES)[number];

/** Events of this process life beyond the admission point, by CloudEvents type. Copies for the raw topic are not counted. */
export class EventTotals {
  readonly #admitted = new Map<string, number>();
  readonly #published = new Map<string, number>();
  #recovered = 0;
  #oversize = 0;

  /** Events became durable. Without Kafka (`alsoPublished`) the journal is the broker. */
  admitted(counts: ReadonlyMap<string, number>, alsoPublished: boolean): void {
    add(this.#admitted, counts);
    if (alsoPublished) add(this.#published, counts);
  }

  /** A batch was acknowledged. `oversize`: events replaced by a note; `recovered`: events of an earlier process life. */
  acknowledged(counts: ReadonlyMap<string, number>, oversize: number, recovered: number): void {
    add(this.#published, counts);
    this.#oversize += oversize;
    this.#recovered += recovered;
  }

  /** The figures of this moment, never changed afterwards. */
  read(): EventFigures {
    const admitted = new Map(this.#admitted);
    const published = new Map(this.#published);
    return { admitted, published, oversize: this.#oversize, recovered: this.#recovered };
  }
}

export interface EventFigures {
  readonly admitted: ReadonlyMap<string, number>;
  readonly published: ReadonlyMap<string, number>;
  readonly oversize: number;
  readonly recovered: number;
}

export interface BalanceParts {
  readonly events: EventFigures;
  readonly rooms: RoomCounters | undefined;
  /** Events handed to the admission queue that are not durable; those that it threw away. */
  readonly admission: { readonly pending: number; readonly discarded: number };
  readonly canary: { readonly made: number; readonly pending: number };
  /** `viewer.erased` events. */
  readonly erasures: { readonly made: number; readonly pending: number };
}

/** All terms of one equation, read at one moment: received + synthesized = published + deduplicated + dropped + pending. */
export interface EventBalance {
  readonly received: number;
  /** By event name of the contract. */
  readonly synthesized: Readonly<Record<string, number>>;
  readonly published: number;
  readonly deduplicated: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly pending: Readonly<Record<PendingStage, number>>;
}

/**
 * The terms of the equation, each counted where it happens and none made of the others. It holds whenever the parts are
 * read without giving up the event loop in between.
 */
export function balanceOf({ events, rooms, admission, canary, erasures }: BalanceParts): EventBalance {
  const pipeline = rooms?.pipeline;
  const published = total(events.published);
  return {
    received: (pipeline?.messages ?? 0) + (pipeline?.rejectedFrames ?? 0) + (rooms?.messagesAfterEnd ?? 0),
    synthesized: { ...pipeline?.synthesized, canary: canary.made, 'viewer.erased': erasures.made },
    published,
    deduplicated: pipeline?.deduplicated ?? 0,
    dropped: {
      leaseLost: admission.discarded,
      sessionOver: rooms?.messagesAfterEnd ?? 0,
      oversize: events.oversize,
    },
    pending: {
      admission: admission.pending + canary.pending + erasures.pending,
      publish: total(events.admitted) - published - events.oversize,
    },
  };
}

function total(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

function add(totals: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [type, count] of counts) totals.set(type, (totals.get(type) ?? 0) + count);
}
