import { SeededRandom } from '@livetap/testkit';

/** A message as the simulator's control API takes it. */
export interface GivenGift {
  readonly method: 'WebcastGiftMessage';
  readonly fields: Readonly<Record<string, unknown>>;
}

const GIFTS = [
  { id: 5655, name: 'Rose', diamonds: 1 },
  { id: 5487, name: 'Finger Heart', diamonds: 5 },
  { id: 5269, name: 'TikTok', diamonds: 1 },
  { id: 6064, name: 'GG', diamonds: 1 },
  { id: 5879, name: 'Doughnut', diamonds: 30 },
] as const;

/** Half of the frames are within this many places of where their streak put them. */
const REORDER_WINDOW = 12;
const MISSING_END = 0.4;
const ALONE = 0.1;

interface Placed {
  readonly at: number;
  readonly message: GivenGift;
}

/**
 * All gift messages of one room in the order in which they are to be sent: streaks of 1 to 9 gifts that overlap, frames
 * out of order, four in ten without an end frame, repeat counts that jump, and gifts without a group in between.
 */
export function streakScript(seed: number, streaks: number): GivenGift[] {
  const random = new SeededRandom(seed);
  const placed: Placed[] = [];
  for (let index = 0; index < streaks; index += 1) {
    const gift = GIFTS[random.integer(0, GIFTS.length - 1)] ?? GIFTS[0];
    const userId = String(6_800_000_000_000_000 + random.integer(0, 40));
    const start = random.integer(0, streaks * 4);
    const alone = random.next() < ALONE;
    const groupId = alone ? '0' : String(1_700_000_000_000 + seed * 100_000 + index);
    const counts = alone ? [1] : countsOf(random);
    counts.forEach((repeatCount, step) => {
      const jitter = random.next() < 0.5 ? 0 : random.integer(-REORDER_WINDOW, REORDER_WINDOW);
      placed.push({
        at: start + step * 6 + jitter,
        message: giftOf({ gift, userId, groupId, repeatCount, end: false }),
      });
    });
    const last = counts[counts.length - 1] ?? 1;
    if (!alone && random.next() >= MISSING_END)
      placed.push({
        at: start + counts.length * 6,
        message: giftOf({ gift, userId, groupId, repeatCount: last, end: true }),
      });
  }
  return placed.sort((left, right) => left.at - right.at).map(({ message }) => message);
}

/** Rising repeat counts, some left out as TikTok leaves them out. */
function countsOf(random: SeededRandom): number[] {
  const counts: number[] = [];
  let count = 0;
  for (let frame = random.integer(1, 6); frame > 0; frame -= 1) {
    count += random.integer(1, 3);
    counts.push(count);
  }
  return counts;
}

function giftOf(facts: {
  readonly gift: (typeof GIFTS)[number];
  readonly userId: string;
  readonly groupId: string;
  readonly repeatCount: number;
  readonly end: boolean;
}): GivenGift {
  const { gift, userId, groupId, repeatCount, end } = facts;
  return {
    method: 'WebcastGiftMessage',
    fields: {
      giftId: gift.id,
      user: { userId, uniqueId: `viewer${userId.slice(-4)}`, nickname: `Viewer ${userId.slice(-4)}` },
      groupId,
      repeatCount,
      repeatEnd: end ? 1 : 0,
      giftDetails: {
        id: String(gift.id),
        giftName: gift.name,
        diamondCount: gift.diamonds,
        giftType: groupId === '0' ? 2 : 1,
      },
    },
  };
}
