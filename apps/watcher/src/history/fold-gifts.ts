import { hashKey, isRecord, readCount, readId, readUserId, type EventFacts } from './event-facts.js';
import type { SeenGift, SnapshotDelta, StreakMaximum } from './folded-batch.js';

/** Beyond this neither a streak nor a price is real; sums of what is left fit into the database's integers. */
const MAX_GIFT_COUNT = 10_000_000;

/** The gifts of a batch: the highest count of each streak, and what the gifts are. */
export class GiftFold {
  readonly #streaks = new Map<string, StreakMaximum>();
  readonly #gifts = new Map<string, SeenGift>();

  /** Takes a `gift` event; `snapshot` is that of its interval. */
  add(event: EventFacts, snapshot: SnapshotDelta): void {
    const { data } = event;
    const gift = isRecord(data['gift']) ? data['gift'] : {};
    const each = typeof gift['diamondsEach'] === 'number' ? giftCount(gift['diamondsEach']) : undefined;
    const giftId = readId(gift['id']);
    snapshot.gifts += giftCount(data['count']);
    snapshot.diamonds += Math.min(readCount(data['diamonds']), MAX_GIFT_COUNT ** 2);
    this.#raise(event, each, giftId);
    if (giftId !== undefined) this.#describe(event, gift, giftId, each);
  }

  folded(): { readonly streaks: readonly StreakMaximum[]; readonly gifts: readonly SeenGift[] } {
    return { streaks: [...this.#streaks.values()], gifts: [...this.#gifts.values()] };
  }

  #raise(event: EventFacts, each: number | undefined, giftId: string | undefined): void {
    const { data } = event;
    const streak = isRecord(data['streak']) ? data['streak'] : {};
    const name = typeof streak['id'] === 'string' ? streak['id'] : event.id;
    const key = hashKey(event.sessionId, name);
    const viewerId = readUserId(data['user']);
    const seen = this.#streaks.get(key) ?? {
      sessionId: event.sessionId,
      streak: key,
      count: 0,
      ...(viewerId === undefined ? {} : { viewerId }),
      ...(giftId === undefined ? {} : { giftId }),
    };
    seen.count = Math.max(seen.count, giftCount(streak['count']), giftCount(data['count']));
    if (each !== undefined) seen.diamondsEach = Math.max(seen.diamondsEach ?? 0, each);
    if (givesSomething(event)) {
      seen.firstAt = Math.min(seen.firstAt ?? event.recordedAt, event.recordedAt);
      seen.lastAt = Math.max(seen.lastAt ?? event.recordedAt, event.recordedAt);
    }
    this.#streaks.set(key, seen);
  }

  #describe(event: EventFacts, gift: Record<string, unknown>, giftId: string, each: number | undefined): void {
    const known = this.#gifts.get(giftId);
    if (event.recordedAt < (known?.seenAt ?? 0)) return;
    this.#gifts.set(giftId, {
      ...known,
      id: giftId,
      ...(typeof gift['name'] === 'string' ? { name: gift['name'] } : {}),
      ...(each === undefined ? {} : { diamondsEach: each }),
      ...(typeof gift['imageUrl'] === 'string' ? { imageUrl: gift['imageUrl'] } : {}),
      seenAt: event.recordedAt,
    });
  }
}

/** A `gift` event that says of at least one gift. */
export function givesSomething({ data }: EventFacts): boolean {
  const streak = isRecord(data['streak']) ? data['streak'] : {};
  return giftCount(streak['count']) > 0 || giftCount(data['count']) > 0;
}

function giftCount(value: unknown): number {
  return Math.min(readCount(value), MAX_GIFT_COUNT);
}
