import { GiftPriceBook } from '../operations/gift-price-book.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import type { MessageShaper } from '../pipeline/message-shaper.js';
import { newRoomCounters } from '../rooms/room-counters.js';
import type { RoomInput, StreamerFacts } from '../rooms/room-input.js';
import { RoomSessions } from '../rooms/room-sessions.js';
import { SessionDriver } from '../rooms/session-driver.js';
import { roomPipelines } from '../rooms/session-pipeline.js';
import type { Streamer } from '../streamers/streamer.js';
import type { RecordingStart } from './recording.js';

/** What of a recording's start the events depend on. */
export type ReplayStart = Pick<RecordingStart, 'streamer' | 'epoch' | 'checkpoint' | 'prices' | 'healthyAfterMs'>;

/**
 * One streamer's room over recorded inputs: the sessions, timers and pipeline of the service, in the time of the inputs.
 * Synchronous: after `apply` its events are there.
 */
export class RoomReplay {
  readonly #driver: SessionDriver;
  #events: FinishedEvent[] = [];
  #streamEnd: 'ended' | 'suspended' | undefined;

  /** `sequence`: number of the last event before the replay, under the same epoch. */
  constructor(start: ReplayStart, shaper: MessageShaper, sequence = 0) {
    const pipelines = roomPipelines({ rawTopic: false, prices: priceBook(start.prices), shaper });
    const sessions = new RoomSessions(
      streamerOf(start.streamer),
      { epoch: start.epoch, checkpoint: start.checkpoint },
      { push: (events) => void this.#events.push(...events) },
      {
        counters: newRoomCounters(),
        events: { idle: () => undefined, observed: () => undefined, sessionChanged: () => undefined },
        pipelines: (request) => pipelines({ ...request, sequence: Math.max(sequence, request.sequence) }),
        replicaId: 'replay',
      },
    );
    this.#driver = new SessionDriver({ sessions, healthyAfterMs: start.healthyAfterMs });
  }

  /** Set when the last input was a frame that says that the stream is over. */
  get streamEnd(): 'ended' | 'suspended' | undefined {
    return this.#streamEnd;
  }

  /** Handles one input and returns the events that came of it, in order. */
  apply(input: RoomInput): readonly FinishedEvent[] {
    this.#streamEnd = this.#driver.apply(input);
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

/** A streamer of whom only this is known. */
export function streamerOf(facts: StreamerFacts): Streamer {
  return {
    id: '1',
    aliases: [],
    paused: false,
    labels: [],
    priority: 50,
    state: 'unknown',
    createdAt: new Date(0),
    updatedAt: new Date(0),
    ...facts,
  };
}

export function priceBook(prices: Readonly<Record<string, number>>): GiftPriceBook {
  const book = new GiftPriceBook();
  for (const [giftId, diamondsEach] of Object.entries(prices)) book.learn(giftId, diamondsEach);
  return book;
}
