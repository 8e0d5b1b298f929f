import type { RoomConnectFailure } from '../room-connector.port.js';

/** What can go wrong on a way into a room. A closed set: labels of a metric. */
export const SOURCE_FAILURES = [
  /** `DEVICE_BLOCKED` (415), or a page instead of the upgrade: this cookie and browser are not wanted. */
  'deviceBlocked',
  /** `illegal secret key`, `illegal app_id` (417): TikTok has closed this way as such. */
  'routeClosed',
  /** The upgrade or the page was answered with 401 or 403. */
  'forbidden',
  /** 429 of TikTok. */
  'rateLimited',
  /** 429 of the sign server: its quota is used up. */
  'quotaSpent',
  /** 5xx of TikTok or of the sign server. */
  'serverError',
  /** The sign server refuses the key or its account (401, 403). */
  'keyRefused',
  /** The sign server wants a plan that the key does not have (402). */
  'premiumRequired',
  /** The sign server answered without an address, cookies or anything readable. */
  'emptyAnswer',
  /** The sign server does not answer. */
  'signUnreachable',
  /** TikTok gives no anonymous cookie. */
  'noCookie',
  /** The connection broke or was never made. */
  'network',
  'timeout',
  /** The room is over. */
  'notLive',
  /** A setting or an address that can never work. */
  'configuration',
  /** Anything that this table does not know yet. */
  'unknown',
] as const;
export type SourceFailure = (typeof SOURCE_FAILURES)[number];

/** How one kind of failure is treated. */
export interface SourceFailureRule {
  /** What it means for the room, should no other way lead into it. */
  readonly failure: RoomConnectFailure;
  /** Failures of the way in a row until it rests; 0: it is not the way's fault, and it never rests for it. */
  readonly restAfter: number;
  /** First rest, ms; doubled each time that the way fails again right after one, with jitter. A longer `retry-after` counts instead. */
  readonly restMs: number;
  /**
   * Which ways are tried at once after it. `any`: this way alone is at fault. `free`: another one would most likely share
   * the fault, so no signature is spent on it. `none`: no way leads there.
   */
  readonly next: 'any' | 'free' | 'none';
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** One table for all refusals. None of them ends a live room: the room waits and tries again with a fresh address. */
export const SOURCE_FAILURE_RULES: Readonly<Record<SourceFailure, SourceFailureRule>> = {
  // The library takes another cookie and browser by itself, at most each half minute.
  deviceBlocked: { failure: 'refused', restAfter: 2, restMs: 30 * SECOND_MS, next: 'any' },
  // Asking again at once makes it worse, and no cookie helps.
  routeClosed: { failure: 'refused', restAfter: 1, restMs: 10 * MINUTE_MS, next: 'any' },
  forbidden: { failure: 'refused', restAfter: 3, restMs: 30 * SECOND_MS, next: 'any' },
  rateLimited: { failure: 'rateLimited', restAfter: 1, restMs: 30 * SECOND_MS, next: 'any' },
  // The budget waits for all rooms and replicas; the way itself is sound.
  quotaSpent: { failure: 'quota', restAfter: 0, restMs: 0, next: 'any' },
  serverError: { failure: 'refused', restAfter: 3, restMs: 5 * SECOND_MS, next: 'any' },
  // Only a person can change these, and each further request would be one more refusal in the account's books.
  keyRefused: { failure: 'configuration', restAfter: 1, restMs: 10 * MINUTE_MS, next: 'any' },
  premiumRequired: { failure: 'configuration', restAfter: 1, restMs: 10 * MINUTE_MS, next: 'any' },
  emptyAnswer: { failure: 'refused', restAfter: 3, restMs: 5 * SECOND_MS, next: 'any' },
  signUnreachable: { failure: 'network', restAfter: 3, restMs: 5 * SECOND_MS, next: 'any' },
  noCookie: { failure: 'refused', restAfter: 3, restMs: 30 * SECOND_MS, next: 'any' },
  // Many rooms lose their sockets at once when a line breaks: short rests, so that they are back as soon as it is.
  network: { failure: 'network', restAfter: 10, restMs: SECOND_MS, next: 'free' },
  timeout: { failure: 'timeout', restAfter: 10, restMs: SECOND_MS, next: 'free' },
  notLive: { failure: 'notLive', restAfter: 0, restMs: 0, next: 'none' },
  configuration: { failure: 'configuration', restAfter: 1, restMs: 10 * MINUTE_MS, next: 'any' },
  unknown: { failure: 'refused', restAfter: 3, restMs: 5 * SECOND_MS, next: 'any' },
};
