/**
 * Where a room stands. `idle`: not live as far as we know. `resolving`: asking whether it is (still) live. `connecting`:
 * a socket is being opened. `live`: a socket is open. `reconnecting`: live, without a socket, waiting for the next
 * attempt. `ending`: the stream has ended, the socket is being closed. `left`: the operator paused or removed the
 * streamer (final). `released`: the lease went to another owner or the process drains (final).
 */
export const ROOM_STATES = [
  'idle',
  'resolving',
  'connecting',
  'live',
  'reconnecting',
  'ending',
  'left',
  'released',
] as const;
export type RoomState = (typeof ROOM_STATES)[number];

/** What can happen to a room. */
export const ROOM_SIGNALS = [
  /** A session of an earlier owner or process is to be taken up again. */
  'resume',
  /** A check says: live in this room (or the check knows nothing and a session is open: go on trying). */
  'dial',
  /** Ask the live checker before the next attempt. */
  'ask',
  /** The socket is open. */
  'opened',
  /** The attempt failed, the socket closed, or the answer was `unknown`: wait and try again. */
  'broken',
  /** The stream is over: said by the stream itself or by checks. */
  'ended',
  /** The last socket of the ended stream is closed. */
  'closed',
  /** Paused or removed by the operator. */
  'leave',
  /** The lease is lost or given up. */
  'release',
] as const;
export type RoomSignal = (typeof ROOM_SIGNALS)[number];

const FINAL: Readonly<Partial<Record<RoomSignal, RoomState>>> = {};
const STOP = { leave: 'left', release: 'released' } as const;

/** The whole table: a signal that is not listed does not change the state. */
export const ROOM_TRANSITIONS: Readonly<Record<RoomState, Readonly<Partial<Record<RoomSignal, RoomState>>>>> = {
  idle: { ...STOP, resume: 'connecting', dial: 'connecting' },
  resolving: { ...STOP, dial: 'connecting', broken: 'reconnecting', ended: 'ending' },
  connecting: { ...STOP, opened: 'live', broken: 'reconnecting', ended: 'ending' },
  live: { ...STOP, broken: 'reconnecting', ended: 'ending' },
  reconnecting: { ...STOP, ask: 'resolving', dial: 'connecting', ended: 'ending' },
  ending: { ...STOP, closed: 'idle' },
  left: FINAL,
  released: FINAL,
};

/** The state after a signal; undefined when the signal means nothing in that state. */
export function nextRoomState(state: RoomState, signal: RoomSignal): RoomState | undefined {
  return ROOM_TRANSITIONS[state][signal];
}
