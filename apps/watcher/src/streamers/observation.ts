import type { LiveCheckResult, LiveVerdict } from './live-checker.port.js';
import type { Streamer, StreamerObservation, StreamerState } from './streamer.js';
import { normalizeUniqueId } from './unique-id.js';

/** The verdicts are states, one to one; `unknown` leaves the last known state alone unless there was none. */
function stateOf(streamer: Streamer, verdict: LiveVerdict): StreamerState {
  if (verdict !== 'unknown') return verdict;
  return streamer.state === 'pending' ? 'unknown' : streamer.state;
}

/** What a check says about a streamer, as it is written to the store. `now` is ms since the epoch. */
export function observationOf(streamer: Streamer, result: LiveCheckResult, now: number): StreamerObservation {
  const at = new Date(now);
  const name = result.uniqueId === undefined ? undefined : currentName(streamer, result.uniqueId);
  return {
    state: stateOf(streamer, result.verdict),
    stateReason: result.reason,
    lastCheckedAt: at,
    ...(result.verdict === 'live' ? { lastLiveAt: at } : {}),
    ...(result.roomId === undefined ? {} : { roomId: result.roomId }),
    ...(result.tiktokUserId === undefined ? {} : { tiktokUserId: result.tiktokUserId }),
    ...(result.nickname === undefined ? {} : { nickname: result.nickname }),
    ...(result.avatarUrl === undefined ? {} : { avatarUrl: result.avatarUrl }),
    ...(name === undefined ? {} : { uniqueId: name }),
  };
}

/** TikTok's own spelling of the name, when it is another one than ours and one that we could store. */
function currentName(streamer: Streamer, given: string): string | undefined {
  try {
    const name = normalizeUniqueId(given);
    return name === streamer.uniqueId ? undefined : name;
  } catch {
    // TikTok's answer is not a name that we could use: keep ours.
    return undefined;
  }
}

/** The same for a streamer with an open session: one miss does not make it offline, its state changes when the session ends. */
export function observationInSession(streamer: Streamer, result: LiveCheckResult, now: number): StreamerObservation {
  const { state: _state, ...rest } = observationOf(streamer, result, now);
  return rest;
}
