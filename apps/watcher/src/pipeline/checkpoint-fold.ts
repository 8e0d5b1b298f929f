import {
  EVENT_CATALOGUE,
  type EventName,
  eventNameOf,
  type GiftCompletedData,
  type GiftData,
  type LikeData,
  type LiveStartedData,
  type LivetapEvent,
  parseSequence,
  type RoomGapData,
  sessionId,
} from '@livetap/contracts';
import type { OpenStreak, PipelineCheckpoint } from './checkpoint.js';
import type { FinishedEvent } from './finished-event.js';
import { MAX_STREAKS } from './gift-fold.js';
import { MAX_IDS } from './recent-ids.js';

type Fields = { -readonly [Name in keyof PipelineCheckpoint]: PipelineCheckpoint[Name] };

const LIVE_STARTED = /^live\.started-(\d+)$/;

/**
 * Rolls a streamer's checkpoint forward over events that were admitted after it was taken, so that a pipeline goes on
 * as if it had never stopped: ids, like total, streaks, and which session is open. Add events of this streamer in the
 * order in which they were admitted; what the checkpoint knows already is left out by its epoch and number. Pure.
 */
export class CheckpointFold {
  readonly #base: PipelineCheckpoint | null;
  #state: Fields | undefined;
  #changed = false;
  #streaks = new Map<string, OpenStreak>();
  #ids: string[] = [];

  /** `checkpoint`: as stored; null when there is none. */
  constructor(checkpoint: PipelineCheckpoint | null) {
    this.#base = checkpoint;
    if (checkpoint !== null) this.#begin({ ...checkpoint });
  }

  /** The checkpoint with what was added; the very one that was given when nothing was new. */
  get result(): PipelineCheckpoint | null {
    if (!this.#changed || this.#state === undefined) return this.#base;
    const { clean: _clean, handedOver: _handedOver, gap: _gap, ...state } = this.#state;
    return { ...state, streaks: [...this.#streaks.values()], recentIds: this.#ids.slice(-MAX_IDS) };
  }

  add(event: FinishedEvent): void {
    const name = eventNameOf(event.type);
    const number = event.sequence === undefined ? undefined : parseSequence(event.sequence);
    if (name === undefined || number === undefined || this.#knows(event.key, number)) return;
    if (event.key !== this.#state?.roomId) {
      // The first event of a room that the checkpoint knows nothing of; anything else is from a room before.
      if (name !== 'live.started') return;
      this.#begin(newRoom(event.key));
    }
    const state = this.#state;
    if (state === undefined) return;
    this.#changed = true;
    state.epoch = number.epoch;
    state.sequence = number.n;
    if (EVENT_CATALOGUE[name].origin === 'wire') this.#wire(state, name, event);
    else this.#own(state, name, event);
  }

  #begin(state: Fields): void {
    this.#state = state;
    this.#streaks = new Map(state.streaks.map((streak) => [streak.id, streak]));
    this.#ids = [...state.recentIds];
  }

  #knows(roomId: string, { epoch, n }: { readonly epoch: number; readonly n: number }): boolean {
    const { epoch: known = 0, sequence = 0, roomId: room } = this.#state ?? {};
    if (epoch !== known) return epoch < known;
    return roomId === room && n <= sequence;
  }

  #wire(state: Fields, name: EventName, event: FinishedEvent): void {
    state.lastFrameAt = Math.max(state.lastFrameAt, event.recordedAt);
    state.lastId = event.id;
    this.#ids.push(event.id);
    if (this.#ids.length > 2 * MAX_IDS) this.#ids = this.#ids.slice(-MAX_IDS);
    if (name === 'like') state.likeTotal = Math.max(state.likeTotal, parse<LikeData>(event).data.total);
    else if (name === 'gift') this.#gift(parse<GiftData>(event).data, event);
  }

  #gift(data: GiftData, event: FinishedEvent): void {
    // A gift without a group is a streak of its own and over at once.
    if (data.streak.id === event.id) return;
    const known = this.#streaks.get(data.streak.id);
    const completed = known?.completed === true;
    this.#streaks.delete(data.streak.id);
    this.#streaks.set(data.streak.id, {
      id: data.streak.id,
      count: Math.max(known?.count ?? 0, data.streak.count),
      ...(data.gift.diamondsEach === undefined ? {} : { diamondsEach: data.gift.diamondsEach }),
      ...(completed
        ? {}
        : {
            ...(data.user === undefined ? {} : { user: data.user }),
            ...(data.to === undefined ? {} : { to: data.to }),
            gift: data.gift,
          }),
      lastAt: Math.max(known?.lastAt ?? 0, event.recordedAt),
      completed,
    });
    for (const oldest of this.#streaks.keys()) {
      if (this.#streaks.size <= MAX_STREAKS) break;
      this.#streaks.delete(oldest);
    }
  }

  #own(state: Fields, name: EventName, event: FinishedEvent): void {
    switch (name) {
      case 'live.started':
        this.#started(state, event);
        break;
      case 'live.ended':
        state.joined = false;
        this.#sessionOver();
        break;
      case 'live.left':
        state.joined = false;
        state.left = true;
        break;
      case 'room.gap':
        state.lastFrameAt = Math.max(state.lastFrameAt, Date.parse(parse<RoomGapData>(event).data.to));
        break;
      case 'gift.completed':
        this.#completed(parse<GiftCompletedData>(event).data.streak.id);
        break;
      default:
        break;
    }
  }

  #started(state: Fields, event: FinishedEvent): void {
    const occurrence = Number(LIVE_STARTED.exec(event.id)?.[1] ?? 1);
    const { data, streamerid } = parse<LiveStartedData>(event);
    if (occurrence !== state.occurrence) {
      this.#sessionOver();
      state.likeTotal = 0;
      state.lastFrameAt = 0;
      delete state.startedAt;
      delete state.lastId;
    }
    state.occurrence = occurrence;
    state.sessionId = sessionId(state.roomId, occurrence);
    state.joined = true;
    delete state.left;
    if (data.startedAt !== undefined) state.startedAt = Date.parse(data.startedAt);
    if (streamerid !== undefined) state.streamerId = streamerid;
    state.lastFrameAt = Math.max(state.lastFrameAt, Date.parse(data.joinedAt));
  }

  /** Its streaks are over; what was counted of them stays known, for their ids are the room's. */
  #sessionOver(): void {
    for (const id of this.#streaks.keys()) this.#completed(id);
  }

  #completed(id: string): void {
    const streak = this.#streaks.get(id);
    if (streak === undefined) return;
    const { user: _user, to: _to, gift: _gift, ...rest } = streak;
    this.#streaks.set(id, { ...rest, completed: true });
  }
}

function newRoom(roomId: string): Fields {
  return {
    version: 1,
    roomId,
    sessionId: roomId,
    occurrence: 0,
    joined: false,
    lastFrameAt: 0,
    likeTotal: 0,
    streaks: [],
    recentIds: [],
  };
}

function parse<Data>(event: FinishedEvent): Omit<LivetapEvent, 'data'> & { readonly data: Data } {
  return JSON.parse(event.value.toString()) as Omit<LivetapEvent, 'data'> & { readonly data: Data };
}
