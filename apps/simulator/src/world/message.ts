import type { MessageFacts } from '../ledger/entry.js';

/** A message of a room, ready for the wire. It is made once; every socket gets the same bytes. */
export interface OutMessage {
  readonly method: string;
  readonly msgId: string;
  readonly payload: Uint8Array;
  readonly facts?: MessageFacts | undefined;
}

/** Messages that travel in one frame. `history`: they were delivered in this room before. */
export interface OutBatch {
  readonly messages: readonly OutMessage[];
  readonly history: boolean;
  /** `now` of the batch, ms since the epoch. */
  readonly now: number;
}

/** Makes the messages of one live of a room. */
export interface RoomScript {
  /** The next message at the given time; the numbers it is made of come from the room's own random stream. */
  next(now: number): OutMessage;
  /** Goes on by `count` messages without making them: what a room did while nobody watched. */
  skip(count: number): void;
  /** A control message: 1 paused, 2 goes on, 3 ended, 4 suspended. */
  control(action: number, now: number): OutMessage;
  /** Viewers at present. */
  readonly viewers: number;
  readonly likes: number;
}
