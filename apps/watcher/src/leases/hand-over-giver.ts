import type { Clock } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import type { Gift } from './fair-share.js';
import type { HandOverRooms } from './hand-over.port.js';
import { type GivingSignal, type GivingStep, nextGiving } from './hand-over-steps.js';
import type { LeaseOffer, LeaseRenewal, LeaseStore, OfferMade } from './lease-store.port.js';
import type { StoreLine } from './store-line.js';

export interface HandOverGiverOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: LeaseStore;
  readonly line: StoreLine;
  readonly replicaId: string;
  readonly rooms: HandOverRooms;
  /** Leases of this replica with their epochs. Those handed over are removed from it. */
  readonly held: Map<string, number>;
  /** Told when something was given or kept. */
  readonly onProgress: () => void;
}

interface Offer {
  readonly to: string;
  readonly epoch: number;
  readonly at: number;
  step: GivingStep;
}

/** How hand-overs end. */
export const HAND_OVER_OUTCOMES = ['given', 'kept'] as const;
export type GivingFigures = Readonly<Record<(typeof HAND_OVER_OUTCOMES)[number], number>>;

/** Leases offered at one time while the replica goes on: each that is live costs the other a socket. */
const MAX_OFFERS = 200;
/** An offer that was not answered for so long is taken back, ms. */
const PATIENCE_MS = 15_000;
/** A lease whose hand-over failed stays for so long before it is offered again, ms. */
const REST_MS = 60_000;

/** Hands leases of this replica to others: offers them, waits until the other is ready, cuts, releases. */
export class HandOverGiver {
  readonly #o: HandOverGiverOptions;
  readonly #offers = new Map<string, Offer>();
  /** When a lease that was kept may be offered again, monotonic ms; entries of leases that are gone are removed. */
  readonly #restUntil = new Map<string, number>();
  readonly #figures = { given: 0, kept: 0 };

  constructor(options: HandOverGiverOptions) {
    this.#o = options;
  }

  /** Leases that are on offer. */
  get open(): number {
    return this.#offers.size;
  }

  get figures(): GivingFigures {
    return { ...this.#figures };
  }

  /** Offers as many leases as said, a mixture of live and idle ones. `all`: without the limits of a replica that goes on. */
  async give(gifts: readonly Gift[], all = false): Promise<void> {
    const now = this.#o.clock.monotonic();
    for (const id of this.#restUntil.keys()) if (!this.#o.held.has(id)) this.#restUntil.delete(id);
    const free = [...this.#o.held.keys()].filter((id) => {
      if (this.#offers.has(id) || this.#o.rooms.roomOf(id) === undefined) return false;
      return all || (this.#restUntil.get(id) ?? 0) <= now;
    });
    free.sort((left, right) => mixed(left) - mixed(right));
    const offers: LeaseOffer[] = [];
    let room = all ? Infinity : MAX_OFFERS - this.#offers.size;
    for (const { to, count } of gifts) {
      const streamerIds = free.splice(0, Math.max(0, Math.min(count, room)));
      room -= streamerIds.length;
      for (const streamerId of streamerIds) offers.push({ streamerId, epoch: this.#o.held.get(streamerId) ?? 0, to });
    }
    if (offers.length === 0) return;
    await this.#o.line.call(() => this.#o.store.offer({ replicaId: this.#o.replicaId, offers }));
    for (const { streamerId, to, epoch } of offers)
      this.#offers.set(streamerId, { to, epoch, at: now, step: 'offered' });
    this.#o.logger.info('leases.offered', { count: offers.length, to: gifts.map((gift) => gift.to) });
  }

  /** Goes on with what the row of each offer says now. @throws when the store does not answer */
  async attend(made: readonly OfferMade[]): Promise<void> {
    const rows = new Map(made.map((offer) => [offer.streamerId, offer]));
    const unwanted = made.filter(({ streamerId }) => !this.#offers.has(streamerId)).map(({ streamerId }) => streamerId);
    const ready: string[] = [];
    for (const [id, offer] of this.#offers) {
      const signal = this.#signalOf(id, offer, rows.get(id));
      if (signal === undefined) continue;
      if (signal !== 'declined' && signal !== 'ready') unwanted.push(id);
      if (this.#move(id, signal) === 'cut') ready.push(id);
    }
    await this.#handOver(ready);
    if (unwanted.length > 0)
      await this.#o.line.call(() => this.#o.store.withdraw({ replicaId: this.#o.replicaId, streamerIds: unwanted }));
  }

  /** The lease is not this replica's any more. */
  lost(streamerId: string): void {
    if (this.#offers.has(streamerId)) this.#move(streamerId, 'lost');
  }

  #signalOf(id: string, offer: Offer, row: OfferMade | undefined): GivingSignal | undefined {
    if (this.#o.held.get(id) !== offer.epoch) return 'lost';
    if (row === undefined || row.to !== offer.to) return 'declined';
    if (row.readyRoom !== undefined && row.readyRoom === this.#o.rooms.roomOf(id)) return 'ready';
    return this.#o.clock.monotonic() - offer.at > PATIENCE_MS ? 'late' : undefined;
  }

  async #handOver(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const checkpoints = await this.#o.rooms.cut(ids);
    const renewals: LeaseRenewal[] = [];
    for (const [streamerId, checkpoint] of checkpoints) {
      const epoch = this.#o.held.get(streamerId);
      if (epoch !== undefined)
        renewals.push(checkpoint === undefined ? { streamerId, epoch } : { streamerId, epoch, checkpoint });
    }
    try {
      await this.#o.line.call(() => this.#o.store.release({ replicaId: this.#o.replicaId, renewals }));
    } catch (error) {
      this.#o.rooms.mend([...checkpoints.keys()]);
      for (const id of ids) this.#move(id, 'failed');
      throw error;
    }
    const given = renewals.map(({ streamerId }) => streamerId);
    for (const id of given) {
      this.#o.held.delete(id);
      this.#move(id, 'released');
    }
    this.#o.rooms.handedOver(given);
    // Left out by the rooms, or given up by the operator in this moment.
    const left = ids.filter((id) => this.#offers.has(id));
    this.#o.rooms.mend(left.filter((id) => checkpoints.has(id)));
    for (const id of left) this.#move(id, 'failed');
    this.#o.logger.info('leases.handed_over', { count: given.length, kept: left.length });
  }

  #move(id: string, signal: GivingSignal): GivingStep | undefined {
    const offer = this.#offers.get(id);
    if (offer === undefined) return undefined;
    offer.step = nextGiving(offer.step, signal);
    if (offer.step === 'given' || offer.step === 'kept') {
      this.#offers.delete(id);
      this.#figures[offer.step] += 1;
      if (offer.step === 'kept') this.#restUntil.set(id, this.#o.clock.monotonic() + REST_MS);
      this.#o.onProgress();
    }
    return offer.step;
  }
}

/** A fixed order that has nothing to do with age or importance, so that every replica gets a mixture. */
function mixed(streamerId: string): number {
  return Math.imul(Number(BigInt.asUintN(32, BigInt(streamerId))) + 1, 0x9e37_79b1) >>> 0;
}
