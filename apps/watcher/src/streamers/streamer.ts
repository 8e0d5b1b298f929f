import type { StartHabit } from './start-habit.js';
import type { EffectiveSettings, PlainSettings, PlainSettingsChange } from './streamer-settings.js';

/** What a streamer is doing as far as we know; `unknown` never counts as offline. */
export type StreamerState = 'pending' | 'offline' | 'live' | 'paused' | 'restricted' | 'notFound' | 'unknown';

/** A monitored TikTok LIVE streamer, with the settings that count for it. */
export interface Streamer extends PlainSettings {
  /** Internal id (decimal string), stable through renames. */
  readonly id: string;
  /** Unique id (name) as monitored, lower case; `id:<TikTok user id>` until the name is known. */
  readonly uniqueId: string;
  /** TikTok user id, absent until known. */
  readonly tiktokUserId?: string;
  /** Earlier names; they still find the streamer. */
  readonly aliases: readonly string[];
  readonly nickname?: string;
  readonly avatarUrl?: string;
  /** Paused by the operator: not checked, not connected. */
  readonly paused: boolean;
  readonly labels: readonly string[];
  /** 0 (least) to 100 (most); default 50. */
  readonly priority: number;
  /** What was set for this streamer itself, and not by a label. Absent: nothing. */
  readonly own?: PlainSettings;
  /** Where the settings that count come from, when labels were asked. */
  readonly origins?: EffectiveSettings;
  /** Sealed when it holds credentials. Write-only in REST: answers show `hasProxy` instead. */
  readonly proxyUrl?: string;
  /** The login that its sockets have, sealed. Write-only in REST: answers show `hasSession` instead. */
  readonly sealedSession?: string;
  readonly sessionSetAt?: Date;
  readonly state: StreamerState;
  /** Why the state is what it is, in words. */
  readonly stateReason?: string;
  /** Room id of the current or last live. */
  readonly roomId?: string;
  readonly lastCheckedAt?: Date;
  readonly nextCheckAt?: Date;
  readonly lastLiveAt?: Date;
  /** When it usually goes live; absent until it was seen to. */
  readonly startHabit?: StartHabit;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What operators set; fields that are left out stay as they are. */
export interface StreamerSettings extends PlainSettingsChange {
  readonly paused?: boolean;
  readonly labels?: readonly string[];
  /** As it was typed; null clears it. Secret: it may hold credentials. */
  readonly proxyUrl?: string | null;
}

/** What a live check or a room learned about a streamer. */
export interface StreamerObservation {
  /** The name as TikTok has it now (lower case). A new one becomes the name, the former an alias; ignored when taken. */
  readonly uniqueId?: string;
  readonly state?: StreamerState;
  readonly stateReason?: string;
  readonly roomId?: string;
  readonly tiktokUserId?: string;
  readonly nickname?: string;
  readonly avatarUrl?: string;
  readonly lastCheckedAt?: Date;
  readonly nextCheckAt?: Date | null;
  readonly lastLiveAt?: Date;
  readonly startHabit?: StartHabit;
}
