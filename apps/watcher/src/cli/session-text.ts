import type { GapPageDto } from '../admin/gap-history-schemas.js';
import type { GifterPageDto } from '../admin/gift-history-schemas.js';
import type { SessionDto } from '../admin/schemas.js';
import { oneLine, shortTime, table } from './table.js';

export interface ShownSession {
  readonly session: SessionDto;
  readonly gifters: GifterPageDto['gifters'];
  /** The oldest ones. */
  readonly gaps: GapPageDto['gaps'];
  /** Whether there are more than these. */
  readonly moreGaps: boolean;
}

/** A session for people: its totals, who gave most, what was not seen. */
export function sessionText({ session, gifters, gaps, moreGaps }: ShownSession): string {
  const { uniqueId, title, startedAt, joinedAt, endedAt, endReason, averageViewers, gapMs } = session;
  const lines: readonly (readonly [string, string | number | undefined])[] = [
    ['session', session.id],
    ['streamer', `@${uniqueId}`],
    ['title', title === undefined ? undefined : oneLine(title)],
    ['from', shortTime(startedAt ?? joinedAt)],
    ['to', endedAt === undefined ? 'it goes on' : `${shortTime(endedAt)} (${endReason ?? 'ended'})`],
    [
      'viewers',
      `${session.peakViewers} at most, ${averageViewers === undefined ? '?' : Math.round(averageViewers)} on average`,
    ],
    [
      'people',
      `${session.uniqueViewers} seen, ${session.uniqueChatters} wrote, ${session.uniqueGifters} gave, ${session.newFollowers} followed`,
    ],
    [
      'counts',
      `${session.chats} chats, ${session.likes} likes, ${session.joins} joins, ${session.follows} follows, ${session.shares} shares`,
    ],
    ['gifts', `${session.gifts} worth ${session.diamonds} diamonds`],
    ['gaps', `${session.gaps}, ${seconds(gapMs)} in all`],
    ['events', session.events],
  ];
  const totals = lines
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name.padEnd(10)}${value ?? ''}\n`)
    .join('');
  return totals + giftersText(gifters) + gapsText(gaps, moreGaps);
}

function giftersText(gifters: ShownSession['gifters']): string {
  if (gifters.length === 0) return '';
  const rows = gifters.map(({ viewer, gifts, diamonds }) => [
    viewer.uniqueId === undefined ? (viewer.nickname ?? viewer.id) : `@${viewer.uniqueId}`,
    gifts,
    diamonds,
  ]);
  return `\n${table(['GAVE MOST', 'GIFTS', 'DIAMONDS'], rows)}`;
}

function gapsText(gaps: ShownSession['gaps'], more: boolean): string {
  if (gaps.length === 0) return '';
  const rows = gaps.map(({ from, to, durationMs, reason }) => [
    shortTime(from),
    shortTime(to),
    seconds(durationMs),
    reason,
  ]);
  return `\n${table(['NOT SEEN FROM', 'TO', 'FOR', 'REASON'], rows)}${more ? 'There are more of them.\n' : ''}`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} seconds`;
}
