import type { Person } from './types.js';

/** What the page reads of leaderboards; checked against the schemas of the service as `types.ts` is. */

/** By what streamers can be compared, in the words of the page. */
export const STREAMER_MEASURES = {
  diamonds: 'Diamonds',
  gifts: 'Gifts',
  likes: 'Likes',
  chats: 'Chats',
  shares: 'Shares',
  newFollowers: 'New followers',
  sessions: 'LIVEs',
} as const;
export type StreamerMeasure = keyof typeof STREAMER_MEASURES;

/** By what sessions can be put in order, the newest or the most first, in the words of the page. */
export const SESSION_SORTS = {
  joinedAt: 'Newest',
  peakViewers: 'Peak viewers',
  uniqueViewers: 'People',
  diamonds: 'Diamonds',
  gifts: 'Gifts',
  chats: 'Chats',
  likes: 'Likes',
} as const;
export type SessionSort = keyof typeof SESSION_SORTS;

/** Sums over the sessions of a period. */
export interface StreamerStanding {
  /** In its newest session of the period. */
  uniqueId: string;
  tiktokUserId?: string;
  sessions: number;
  diamonds: number;
  gifts: number;
  likes: number;
  chats: number;
  shares: number;
  newFollowers: number;
  /** The highest of its sessions. */
  peakViewers: number;
}

export interface StreamerBoard {
  from: string;
  to: string;
  streamers: StreamerStanding[];
  nextCursor?: string;
}

export interface GifterStanding {
  viewer: Person;
  gifts: number;
  diamonds: number;
  sessions: number;
  firstAt: string;
  lastAt: string;
}

export interface GifterBoard {
  from: string;
  to: string;
  gifters: GifterStanding[];
  nextCursor?: string;
}
