import { describe, expect, it } from 'vitest';
import { nextRoomState, ROOM_SIGNALS, ROOM_STATES, type RoomSignal, type RoomState } from './room-state.js';

/** Written by hand, row by row, so that a change of the table is a decision. `-`: nothing happens. */
const EXPECTED: Readonly<Record<RoomState, Readonly<Record<RoomSignal, RoomState | '-'>>>> = {
  idle: row('connecting', 'connecting', '-', '-', '-', '-', '-', 'left', 'released'),
  resolving: row('-', 'connecting', '-', '-', 'reconnecting', 'ending', '-', 'left', 'released'),
  connecting: row('-', '-', '-', 'live', 'reconnecting', 'ending', '-', 'left', 'released'),
  live: row('-', '-', '-', '-', 'reconnecting', 'ending', '-', 'left', 'released'),
  reconnecting: row('-', 'connecting', 'resolving', '-', '-', 'ending', '-', 'left', 'released'),
  ending: row('-', '-', '-', '-', '-', '-', 'idle', 'left', 'released'),
  left: row('-', '-', '-', '-', '-', '-', '-', '-', '-'),
  released: row('-', '-', '-', '-', '-', '-', '-', '-', '-'),
};

function row(...next: readonly (RoomState | '-')[]): Record<RoomSignal, RoomState | '-'> {
  return Object.fromEntries(ROOM_SIGNALS.map((signal, i) => [signal, next[i]])) as Record<RoomSignal, RoomState | '-'>;
}

describe('the states of a room', () => {
  const cases = ROOM_STATES.flatMap((state) =>
    ROOM_SIGNALS.map((signal) => ({ state, signal, next: EXPECTED[state][signal] })),
  );

  it.each(cases)('$state + $signal → $next', ({ state, signal, next }) => {
    expect(nextRoomState(state, signal) ?? '-').toBe(next);
  });

  it('can each be reached, and each but the final ones be left', () => {
    const reached = new Set<string>(['idle', ...cases.map(({ next }) => next)]);
    for (const state of ROOM_STATES) expect(reached).toContain(state);
    for (const state of ['idle', 'resolving', 'connecting', 'live', 'reconnecting', 'ending'] as const) {
      expect(nextRoomState(state, 'leave')).toBe('left');
      expect(nextRoomState(state, 'release')).toBe('released');
    }
  });
});
