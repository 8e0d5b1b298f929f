import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebcastGiftMessage } from '@livetap/connector';
import { describe, expect, it } from 'vitest';
import { giftParts } from '../../apps/watcher/src/pipeline/normalize/gifts.js';
import { GiftFold } from '../../apps/watcher/src/pipeline/gift-fold.js';

const directory = process.env['LIVETAP_RECORDINGS_DIR'];
if (directory === undefined) console.log('skipped: LIVETAP_RECORDINGS_DIR is not set');

interface Recorded {
  readonly method: string;
  readonly msgId: string;
  readonly room: string | null;
  readonly recordedAt: string;
  readonly payload: string;
}

interface Frame {
  readonly repeatCount: number;
  readonly diamondsEach: number;
  /** What TikTok counted for this message, in diamonds; `0` on end frames and on some that repeat a count. */
  readonly fanTickets: number;
}

describe.skipIf(directory === undefined)('gifts against what TikTok counted itself (fanTicketCount)', () => {
  it('the increase of the repeat count times the price is what each recorded frame says, and the fold adds up to it', () => {
    const recorded = readFileSync(join(directory ?? '', 'webcast-messages.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Recorded)
      .filter(({ method }) => method === 'WebcastGiftMessage');
    const streaks = new Map<string, { frames: Frame[]; diamonds: number }>();
    const folds = new Map<string, GiftFold>();
    for (const { room, msgId, recordedAt, payload } of recorded) {
      const message = WebcastGiftMessage.decode(Buffer.from(payload, 'base64'));
      const parts = giftParts(message, undefined);
      const roomId = room ?? '';
      const fold = folds.get(roomId) ?? new GiftFold(undefined, []);
      folds.set(roomId, fold);
      const { id: giftId, diamondsEach: said } = parts.gift;
      const diamondsEach = fold.priceOf(giftId, parts.streakId, said);
      const counted = fold.frame({ ...parts, giftId, said, diamondsEach }, msgId, Date.parse(recordedAt));
      const key = `${roomId} ${parts.streakId ?? msgId}`;
      const streak = streaks.get(key) ?? { frames: [], diamonds: 0 };
      streaks.set(key, streak);
      streak.diamonds += counted.diamonds ?? 0;
      streak.frames.push({
        repeatCount: parts.repeatCount,
        diamondsEach: message.giftDetails?.diamondCount ?? 0,
        fanTickets: Number(message.fanTicketCount),
      });
    }

    let compared = 0;
    let whole = 0;
    const wrong: string[] = [];
    for (const [key, { frames, diamonds }] of streaks) {
      const told = frames
        .filter(({ fanTickets }) => fanTickets > 0)
        .sort((left, right) => left.repeatCount - right.repeatCount);
      const [first] = told;
      if (first === undefined) continue;
      // What was given before the recording began is in the first frame's count, but not in its tickets.
      const unseen = first.repeatCount * first.diamondsEach - first.fanTickets;
      if (unseen === 0) whole += 1;
      expect(unseen, key).toBeGreaterThanOrEqual(0);
      told.slice(1).forEach((frame, index) => {
        compared += 1;
        const before = told[index]?.repeatCount ?? 0;
        if ((frame.repeatCount - before) * frame.diamondsEach !== frame.fanTickets)
          wrong.push(`${key} ${frame.repeatCount}`);
      });
      const highest = Math.max(...frames.map(({ repeatCount }) => repeatCount));
      const beyond = (highest - (told.at(-1)?.repeatCount ?? 0)) * first.diamondsEach;
      const tickets = told.reduce((sum, { fanTickets }) => sum + fanTickets, 0);
      if (diamonds !== unseen + tickets + beyond) wrong.push(`${key}: ${diamonds} diamonds, ${tickets} tickets`);
    }
    console.log(
      `${recorded.length} gift messages, ${streaks.size} streaks (${whole} recorded from their beginning), ${compared} increases compared, ${wrong.length} differ`,
    );
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(10);
  });
});
