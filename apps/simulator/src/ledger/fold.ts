import type { RoomSummary, SentMessage } from './entry.js';

/**
 * Adds up the distinct messages of a room. All its operations are maxima, counts of distinct messages and sums over them, so the
 * order of the messages does not matter.
 */
export class RoomFold {
  private messages = 0;
  private sent = 0;
  private acked = 0;
  private damaged = 0;
  private readonly byMethod = new Map<string, number>();
  private follows = 0;
  private shares = 0;
  private likeMax = 0;
  private likeCountSum = 0;
  private viewersPeak = 0;
  private readonly streaks = new Map<string, { count: number; diamonds: number }>();
  private firstAt = 0;
  private lastAt = 0;

  constructor(private readonly room: string) {}

  /** `first`: the message was not sent before in this room. */
  add(message: SentMessage, at: number, first: boolean): void {
    this.sent += 1;
    if (message.damaged) {
      this.damaged += 1;
      return;
    }
    if (!first) return;
    if (this.messages === 0) this.firstAt = at;
    this.lastAt = at;
    this.messages += 1;
    this.byMethod.set(message.method, (this.byMethod.get(message.method) ?? 0) + 1);
    const facts = message.facts;
    if (facts === undefined) return;
    switch (facts.kind) {
      case 'like':
        this.likeMax = Math.max(this.likeMax, facts.total);
        this.likeCountSum += facts.count;
        break;
      case 'viewers':
        this.viewersPeak = Math.max(this.viewersPeak, facts.viewers);
        break;
      case 'social':
        if (facts.social === 'follow') this.follows += 1;
        else if (facts.social === 'share') this.shares += 1;
        break;
      case 'gift': {
        const key = facts.groupId === '0' ? message.msgId : `${facts.userId}-${facts.giftId}-${facts.groupId}`;
        const streak = this.streaks.get(key);
        if (streak === undefined) this.streaks.set(key, { count: facts.repeatCount, diamonds: facts.diamondCount });
        else streak.count = Math.max(streak.count, facts.repeatCount);
        break;
      }
      case 'chat':
      case 'member':
      case 'battle':
      case 'control':
        break;
    }
  }

  /** A distinct message was acknowledged for the first time. */
  acknowledge(): void {
    this.acked += 1;
  }

  summary(): RoomSummary {
    let giftCount = 0;
    let diamonds = 0;
    for (const streak of this.streaks.values()) {
      giftCount += streak.count;
      diamonds += streak.count * streak.diamonds;
    }
    const of = (method: string): number => this.byMethod.get(method) ?? 0;
    return {
      room: this.room,
      messages: this.messages,
      sent: this.sent,
      acked: this.acked,
      damaged: this.damaged,
      byMethod: Object.fromEntries([...this.byMethod].sort(([left], [right]) => left.localeCompare(right))),
      chats: of('WebcastChatMessage'),
      joins: of('WebcastMemberMessage'),
      follows: this.follows,
      shares: this.shares,
      likeMessages: of('WebcastLikeMessage'),
      likeMax: this.likeMax,
      likeCountSum: this.likeCountSum,
      viewersPeak: this.viewersPeak,
      gifts: of('WebcastGiftMessage'),
      streaks: this.streaks.size,
      giftCount,
      diamonds,
      firstAt: this.firstAt,
      lastAt: this.lastAt,
    };
  }
}
