import { fetchRoomGiftsRoute, fetchRoomInfoRoute, verdictOfRoomInfo } from '@livetap/connector';
import type { LiveChecker, LiveCheckResult } from './live-checker.port.js';
import type { TikTokRoute } from './tiktok-access.adapter.js';

/** Asks about one room by its id, for who knows the room and not the streamer. */
export class RoomInfoChecker implements LiveChecker {
  constructor(
    private readonly route: TikTokRoute,
    private readonly roomId: string,
  ) {}

  async check(_streamer: unknown, signal?: AbortSignal): Promise<LiveCheckResult> {
    const { roomId } = this;
    try {
      const body = await fetchRoomInfoRoute({ webClient: this.route.client, roomId, signal });
      const { verdict, reason, user, title, startedAt } = verdictOfRoomInfo(body);
      return {
        verdict,
        reason,
        roomId,
        ...(user?.id === undefined ? {} : { tiktokUserId: user.id }),
        ...(user?.uniqueId === undefined ? {} : { uniqueId: user.uniqueId.toLowerCase() }),
        ...(user?.nickname === undefined ? {} : { nickname: user.nickname }),
        ...(user?.avatarUrl === undefined ? {} : { avatarUrl: user.avatarUrl }),
        ...(title === undefined ? {} : { title }),
        ...(startedAt === undefined ? {} : { startedAt }),
      };
    } catch (error) {
      signal?.throwIfAborted();
      return { verdict: 'unknown', reason: error instanceof Error ? error.message : 'the request failed', roomId };
    }
  }
}

/** Diamonds of each gift that a room offers, by gift id. @throws errors of the connector */
export async function fetchGiftPrices(
  route: TikTokRoute,
  roomId: string,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const gifts: readonly unknown[] = await fetchRoomGiftsRoute({ webClient: route.client, roomId, signal });
  const prices: Record<string, number> = {};
  for (const gift of gifts) {
    const { id, diamond_count: diamonds } = gift as { readonly id?: unknown; readonly diamond_count?: unknown };
    if ((typeof id === 'number' || typeof id === 'string') && typeof diamonds === 'number')
      prices[String(id)] = diamonds;
  }
  return prices;
}
