import type { GiftCatalogueStore } from '../persistence/gift-catalogue-store.port.js';
import type { GiftPrices } from '../pipeline/gift-fold.js';

/** TikTok has a few thousand gifts. */
const MAX_GIFTS = 20_000;

/** Prices for gift messages that do not carry theirs: what earlier runs stored, and what messages say meanwhile. */
export class GiftPriceBook implements GiftPrices {
  readonly #prices = new Map<string, number>();

  /** @throws DatabaseError */
  static async load(store: GiftCatalogueStore): Promise<GiftPriceBook> {
    const book = new GiftPriceBook();
    for (const { id, diamondsEach } of await store.load(MAX_GIFTS)) {
      if (diamondsEach !== undefined) book.learn(id, diamondsEach);
    }
    return book;
  }

  diamondsEach(giftId: string): number | undefined {
    return this.#prices.get(giftId);
  }

  /** The history fold stores what messages say; here it is only remembered. */
  learn(giftId: string, diamondsEach: number): void {
    if (this.#prices.has(giftId) || this.#prices.size < MAX_GIFTS) this.#prices.set(giftId, diamondsEach);
  }
}
