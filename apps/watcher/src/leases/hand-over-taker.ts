import type { HandOverRooms } from './hand-over.port.js';
import { nextTaking, type TakingSignal, type TakingStep } from './hand-over-steps.js';
import type { LeaseStore, OfferReceived } from './lease-store.port.js';

export interface HandOverTakerOptions {
  readonly rooms: HandOverRooms;
  /** There is something to answer: call `answers` soon. */
  readonly onAnswer: () => void;
}

type Answer = Parameters<LeaseStore['answer']>[0]['answers'][number];

interface Preparation {
  readonly epoch: number;
  readonly roomId: string;
  step: TakingStep;
}

/** Gets ready for leases that others offer. */
export class HandOverTaker {
  readonly #o: HandOverTakerOptions;
  readonly #preparations = new Map<string, Preparation>();
  #answers = new Map<string, Answer>();

  constructor(options: HandOverTakerOptions) {
    this.#o = options;
  }

  /** Offers that are being prepared or are ready. */
  get open(): number {
    return this.#preparations.size;
  }

  /** Goes on with what the rows say now. True when there is something to take. */
  attend(received: readonly OfferReceived[]): boolean {
    const rows = new Map(received.map((offer) => [offer.streamerId, offer]));
    for (const [id, { epoch, roomId }] of this.#preparations) {
      const row = rows.get(id);
      if (row === undefined || row.epoch !== epoch) this.#drop(id, 'withdrawn');
      else if (row.roomId !== roomId && !row.released) this.#drop(id, 'moved');
    }
    for (const offer of received)
      if (!offer.released && !this.#preparations.has(offer.streamerId)) this.#prepare(offer);
    return received.some(({ released }) => released);
  }

  /** Takes out what is to be said to the owners. */
  answers(): readonly Answer[] {
    const answers = [...this.#answers.values()];
    this.#answers = new Map();
    return answers;
  }

  /** These are ours now; what was prepared for them is the rooms'. */
  acquired(streamerIds: readonly string[]): void {
    for (const id of streamerIds) {
      this.#move(id, 'acquired');
      this.#answers.delete(id);
    }
  }

  /** No more leases are taken. */
  stop(): void {
    for (const id of [...this.#preparations.keys()]) this.#drop(id, 'withdrawn');
    this.#answers.clear();
  }

  #prepare({ streamerId, epoch, roomId }: OfferReceived): void {
    const preparation: Preparation = { epoch, roomId, step: 'preparing' };
    this.#preparations.set(streamerId, preparation);
    this.#o.rooms.prepare(streamerId, roomId, (readyRoom) => {
      if (this.#preparations.get(streamerId) !== preparation) return;
      this.#move(streamerId, readyRoom === undefined ? 'failed' : 'opened');
      this.#answers.set(streamerId, { streamerId, epoch, readyRoom });
      this.#o.onAnswer();
    });
  }

  #drop(id: string, signal: TakingSignal): void {
    this.#move(id, signal);
    this.#answers.delete(id);
    this.#o.rooms.discard([id]);
  }

  #move(id: string, signal: TakingSignal): void {
    const preparation = this.#preparations.get(id);
    if (preparation === undefined) return;
    preparation.step = nextTaking(preparation.step, signal);
    if (preparation.step === 'taken' || preparation.step === 'dropped') this.#preparations.delete(id);
  }
}
