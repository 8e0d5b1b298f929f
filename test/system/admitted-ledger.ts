import type { MessageFacts } from '../../apps/simulator/src/ledger/entry.js';
import type { LedgerLine, RoomLedger, Simulator } from './processes.js';

/** What was sent, and what it adds up to. */
export type Ledger = Pick<Simulator, 'sent' | 'summary'>;

/** A gift message. */
export type GiftLine = LedgerLine & { readonly facts: Extract<MessageFacts, { kind: 'gift' }> };

/** What somebody gave. */
export interface Given {
  gifts: number;
  diamonds: number;
}

type Totals = Readonly<Record<string, Given>>;

/**
 * The part of the simulator's ledger that was admitted. What a process had received and not admitted when it was killed is lost,
 * inside a gap that says so; every figure is what the rest adds up to.
 */
export class AdmittedLedger implements Ledger {
  readonly #lines: readonly LedgerLine[];

  /** @param admitted says of a message, by room and id, whether it was */
  constructor(sent: readonly LedgerLine[], admitted: (room: string, msgId: string) => boolean) {
    this.#lines = sent.filter(({ room, msgId }) => admitted(room, msgId));
  }

  async sent(): Promise<readonly LedgerLine[]> {
    return this.#lines;
  }

  async summary(): Promise<readonly RoomLedger[]> {
    const lives = new Map<string, LedgerLine[]>();
    for (const line of this.#lines) {
      const key = `${line.room} ${line.live}`;
      const lines = lives.get(key);
      if (lines === undefined) lives.set(key, [line]);
      else lines.push(line);
    }
    return [...lives.values()].map(summaryOf);
  }
}

function summaryOf(lines: readonly LedgerLine[]): RoomLedger {
  const byMethod: Record<string, number> = {};
  for (const { method } of lines) byMethod[method] = (byMethod[method] ?? 0) + 1;
  const facts = lines.flatMap((line) => line.facts ?? []);
  const count = (is: (one: (typeof facts)[number]) => boolean): number => facts.filter(is).length;
  const highest = (of: (one: (typeof facts)[number]) => number): number => Math.max(0, ...facts.map(of));
  const gifts = lines.filter((line): line is GiftLine => line.facts?.kind === 'gift' && line.facts.repeatCount > 0);
  const given = worth(gifts, () => 'everybody')['everybody'] ?? { gifts: 0, diamonds: 0 };
  return {
    room: lines[0]?.room ?? '',
    live: lines[0]?.live ?? 0,
    messages: lines.length,
    byMethod,
    chats: count(({ kind }) => kind === 'chat'),
    joins: count(({ kind }) => kind === 'member'),
    follows: count((one) => one.kind === 'social' && one.social === 'follow'),
    shares: count((one) => one.kind === 'social' && one.social === 'share'),
    likeMax: highest((one) => (one.kind === 'like' ? one.total : 0)),
    viewersPeak: highest((one) => (one.kind === 'viewers' ? one.viewers : 0)),
    giftCount: given.gifts,
    diamonds: given.diamonds,
  };
}

/** Σ over the streaks of the highest repeat count, and of that times the diamonds of one. */
export function worth(lines: readonly GiftLine[], ownerOf: (line: GiftLine) => string): Totals {
  const streaks = new Map<string, { owner: string; count: number; each: number }>();
  for (const line of lines) {
    const { userId, giftId, groupId, repeatCount, diamondCount } = line.facts;
    const live = `${line.room}-${line.live}`;
    const key = groupId === '0' ? `${live} ${line.msgId}` : `${live} ${userId}-${giftId}-${groupId}`;
    const count = Math.max(streaks.get(key)?.count ?? 0, repeatCount);
    streaks.set(key, { owner: ownerOf(line), count, each: diamondCount });
  }
  const totals: Record<string, Given> = {};
  for (const { owner, count, each } of streaks.values()) {
    const total = (totals[owner] ??= { gifts: 0, diamonds: 0 });
    total.gifts += count;
    total.diamonds += count * each;
  }
  return totals;
}
