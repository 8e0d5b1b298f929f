import type { ComponentChildren } from 'preact';
import type { Streamer } from '../api/types.js';
import { shownState, STATE_WORDS } from '../data/streamer-selection.js';

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'quiet';

const STATE_TONES = {
  live: 'good',
  paused: 'info',
  restricted: 'warn',
  unknown: 'warn',
  pending: 'info',
  offline: 'quiet',
  notFound: 'bad',
  notWatched: 'quiet',
} as const;

export function Badge({ tone, dot = false, children }: { tone: Tone; dot?: boolean; children: ComponentChildren }) {
  return (
    <span class={`badge ${tone}`}>
      {dot && <span class="dot" aria-hidden="true" />}
      {children}
    </span>
  );
}

type Shown = Pick<Streamer, 'state' | 'paused' | 'room'>;

/** The state in words; a room that is live but not connected says so. */
export function stateWords(streamer: Shown): { words: string; tone: Tone } {
  const state = shownState(streamer);
  const room = streamer.room;
  if (state === 'live' && room?.waitingFor === 'quota') return { words: 'Waits for quota', tone: 'warn' };
  if (state === 'live' && (room?.state === 'reconnecting' || room?.state === 'connecting')) {
    return { words: 'Live, connecting', tone: 'warn' };
  }
  return { words: STATE_WORDS[state], tone: STATE_TONES[state] };
}

export function StateBadge({ streamer }: { streamer: Shown }) {
  const { words, tone } = stateWords(streamer);
  return (
    <Badge tone={tone} dot>
      {words}
    </Badge>
  );
}
