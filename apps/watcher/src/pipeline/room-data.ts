import type { WebcastGiftMessage, WebcastLikeMessage } from '@livetap/connector';
import type { OpenStreak } from './checkpoint.js';
import { GiftFold, type GiftPrices } from './gift-fold.js';
import type { MessageShaper } from './message-shaper.js';
import { giftData, giftParts } from './normalize/gifts.js';
import { count } from './normalize/values.js';
import type { DecodedMessage } from './wire-message.js';

/** The data of an event that was written; `completed`: data of the streak that its gift completed. */
export interface WrittenData {
  readonly completed: object | undefined;
}

export interface ShapedData extends WrittenData {
  readonly data: object;
}

const NOTHING_COMPLETED: WrittenData = { completed: undefined };

/** Makes the data of events of wire messages, with what the room counts: gifts, streaks and likes. */
export class RoomData {
  readonly gifts: GiftFold;
  readonly #shaper: MessageShaper;
  /** The highest number of likes that the room told of. */
  likeTotal: number;
  /** TikTok user id of the streamer, where it is known: gifts to the streamer have no other receiver. */
  streamerId: string | undefined;

  constructor(
    shaper: MessageShaper,
    prices: GiftPrices | undefined,
    restored: { readonly streaks: readonly OpenStreak[]; readonly likeTotal: number },
  ) {
    this.#shaper = shaper;
    this.gifts = new GiftFold(prices, restored.streaks);
    this.likeTotal = restored.likeTotal;
  }

  /** Of a decoded message. */
  shape({ event, typeName, message }: DecodedMessage, id: string, receivedAt: number): ShapedData {
    if (event === 'gift') return this.#gift(message as WebcastGiftMessage, id, receivedAt);
    const data = this.#shaper.shape(event, typeName, message);
    if (event !== 'like') return { data, completed: undefined };
    this.likeTotal = Math.max(this.likeTotal, count((message as WebcastLikeMessage).totalLikeCount));
    return { data: { ...data, total: this.likeTotal }, completed: undefined };
  }

  /**
   * Writes it from the bytes of the message that the projector has open. Undefined: nothing was counted, and what was written
   * does not count; decode the message.
   */
  write(id: string, receivedAt: number): WrittenData | undefined {
    const { projector } = this.#shaper;
    if (projector.event === 'gift') return projector.writeGift(this.gifts, this.streamerId, id, receivedAt);
    if (projector.event !== 'like') return projector.write() ? NOTHING_COMPLETED : undefined;
    const total = Math.max(this.likeTotal, count(projector.totalLikeCount));
    if (!projector.writeLike(total)) return undefined;
    this.likeTotal = total;
    return NOTHING_COMPLETED;
  }

  #gift(message: WebcastGiftMessage, id: string, receivedAt: number): ShapedData {
    const parts = giftParts(message, this.streamerId);
    const { id: giftId, diamondsEach: said } = parts.gift;
    const diamondsEach = this.gifts.priceOf(giftId, parts.streakId, said);
    const gift = { ...parts.gift, diamondsEach };
    const counted = this.gifts.frame({ ...parts, gift, giftId, said, diamondsEach }, id, receivedAt);
    return { data: giftData(parts, gift, counted), completed: counted.completed };
  }
}
