import type { Random } from '../common/random.js';
import { nicknames, titles } from './words.js';

/** TikTok's own numbers for the state of a stream. */
export const LIVE_STATUS = { live: 2, paused: 3, offline: 4 } as const;

export type StreamerStatus = keyof typeof LIVE_STATUS;

/** Somebody who streams. */
export interface Streamer {
  readonly uniqueId: string;
  readonly userId: string;
  readonly secUid: string;
  readonly nickname: string;
  title: string;
  readonly avatarUrl: string;
  readonly region: string;
  readonly verified: boolean;
  readonly followers: number;
  /** For adults only: room info refuses without a session. */
  readonly restricted: boolean;
  /** Messages a second while live and watched. */
  readonly rate: number;
  status: StreamerStatus;
  /** Present room, or the last one; offline streamers keep it. */
  roomId: string;
  /** Start of the present or last stream, ms since the epoch; 0 before the first. */
  startedAt: number;
  endedAt: number;
  /** Streams so far. */
  streams: number;
}

/** Makes a streamer up; everything but the given facts comes from the random numbers. */
export const makeStreamer = (
  random: Random,
  facts: {
    uniqueId: string;
    roomId: string;
    rate: number;
    restricted: boolean;
    nickname?: string | undefined;
    title?: string | undefined;
  },
): Streamer => ({
  uniqueId: facts.uniqueId,
  userId: `6${random.digits(18)}`,
  secUid: `MS4wLjABAAAA${random.text(64, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')}`,
  nickname: facts.nickname ?? nicknames(random),
  title: facts.title ?? titles(random),
  avatarUrl: `https://p16-sign-va.tiktokcdn.com/tos-maliva-avt-0068/${random.text(32, '0123456789abcdef')}~c5_100x100.webp`,
  region: random.pick(['US', 'DE', 'PL', 'ID', 'BR', 'GB', 'JP', 'TR']),
  verified: random.chance(0.1),
  followers: Math.floor(10 ** (2 + random.next() * 4)),
  restricted: facts.restricted,
  rate: facts.rate,
  status: 'offline',
  roomId: facts.roomId,
  startedAt: 0,
  endedAt: 0,
  streams: 0,
});
