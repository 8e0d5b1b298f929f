/** A gift as it was learned from the wire. */
export interface CatalogueGift {
  /** Gift id, decimal. */
  readonly id: string;
  readonly name?: string;
  readonly diamondsEach?: number;
  readonly imageUrl?: string;
  /** When this was true, ms since the epoch: a newer description replaces an older one field by field. */
  readonly seenAt: number;
}

/** Gift descriptions, kept for gift messages that do not carry theirs. */
export interface GiftCatalogueStore {
  /** All known gifts, most recently seen first, at most `limit` (default 10,000). */
  load(limit?: number): Promise<readonly CatalogueGift[]>;
  /** Adds or refreshes gifts in one statement. */
  learn(gifts: readonly CatalogueGift[]): Promise<void>;
}

export const GIFT_CATALOGUE_STORE = Symbol('GiftCatalogueStore');
