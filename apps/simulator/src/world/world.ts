import type { Clock, TimerHandle } from '../common/clock.js';
import { timeId } from '../common/ids.js';
import { hash32, Random } from '../common/random.js';
import type { RoomScript } from './message.js';
import { Chorus } from './chorus.js';
import { Room } from './room.js';
import { StreamSchedule } from './schedule.js';
import { makeStreamer } from './streamer.js';
import type { Streamer } from './streamer.js';
import type { WorldOptions } from './world.schema.js';

export interface WorldDependencies {
  readonly clock: Clock;
  /** Makes the script of one live: the messages of a room. */
  readonly script: (room: { roomId: string; live: number; streamer: Streamer; random: Random }) => RoomScript;
}

/** What went wrong in an order to the world; `code` says which kind. */
export class WorldError extends Error {
  override readonly name = 'WorldError';
  constructor(
    readonly code: 'UNKNOWN_STREAMER' | 'UNKNOWN_ROOM' | 'NAME_TAKEN' | 'WRONG_STATE',
    message: string,
  ) {
    super(message);
  }
}

/** Share of the streams that end because the platform suspends them. */
const SUSPENDED_SHARE = 0.05;

/** Streamers, their rooms and their schedule. */
export class World {
  private readonly streamers = new Map<string, Streamer>();
  private readonly byUserId = new Map<string, Streamer>();
  private readonly rooms = new Map<string, Room>();
  private readonly owners = new Map<string, Streamer>();
  private readonly schedules = new Map<string, StreamSchedule>();
  private chorus: Chorus | undefined;
  private quiet = false;
  private endTimer: TimerHandle | undefined;
  private options_: WorldOptions | undefined;
  private roomCounter = 0;

  constructor(private readonly dependencies: WorldDependencies) {}

  get options(): WorldOptions | undefined {
    return this.options_;
  }

  get quiesced(): boolean {
    return this.quiet;
  }

  /** Makes the streamers of a world and starts its schedule; adds to what is there. @throws WorldError NAME_TAKEN */
  define(options: WorldOptions): void {
    const random = new Random(`${options.seed}/world`);
    const speed = options.speed;
    const names = Array.from(
      { length: options.streamers },
      (_, index) => `${options.prefix}_${String(index + 1).padStart(4, '0')}`,
    );
    const taken = names.find((name) => this.streamers.has(name));
    if (taken !== undefined)
      throw new WorldError('NAME_TAKEN', `there is a streamer ${taken} already; use another prefix`);
    this.options_ = options;
    const ranks = names.map((_, index) => index + 1);
    for (let index = ranks.length - 1; index > 0; index -= 1) {
      const other = random.int(0, index);
      [ranks[index], ranks[other]] = [ranks[other] ?? 1, ranks[index] ?? 1];
    }
    const weights = ranks.map((rank) => 1 / rank ** options.skew);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const liveCount = Math.round(names.length * options.liveAtStart);
    names.forEach((uniqueId, index) => {
      const streamer = this.admit(random, {
        uniqueId,
        rate: options.sameStream ? 0 : ((weights[index] ?? 0) / sum) * options.rate * speed,
        restricted: random.chance(options.restrictedShare),
      });
      const schedule = new StreamSchedule({
        clock: this.dependencies.clock,
        random: new Random(`${options.seed}/schedule/${uniqueId}`),
        horizonMs: options.horizonMs / speed,
        ends: options.schedule,
        start: (sameRoom) => this.start(streamer.uniqueId, { sameRoom }),
        end: (roll) => this.end(streamer.uniqueId, roll < SUSPENDED_SHARE ? 4 : 3),
        pause: () => this.pause(streamer.uniqueId),
        unpause: () => this.unpause(streamer.uniqueId),
      });
      this.schedules.set(uniqueId, schedule);
      schedule.begin(index < liveCount);
    });
    if (options.sameStream) this.sing(options);
    if (options.durationMs !== undefined) {
      this.dependencies.clock.clearTimeout(this.endTimer);
      this.endTimer = this.dependencies.clock.setTimeout(() => this.quiesce(), options.durationMs);
    }
  }

  /** Adds one streamer that follows no schedule. @throws WorldError NAME_TAKEN */
  add(facts: {
    uniqueId: string;
    nickname?: string | undefined;
    title?: string | undefined;
    rate: number;
    restricted: boolean;
    roomId?: string | undefined;
  }): Streamer {
    if (this.streamers.has(facts.uniqueId))
      throw new WorldError('NAME_TAKEN', `there is a streamer ${facts.uniqueId} already`);
    return this.admit(new Random(`${this.options_?.seed ?? ''}/streamer/${facts.uniqueId}`), facts);
  }

  /** By unique id (without @, any case) or by user id. */
  find(name: string): Streamer | undefined {
    return this.streamers.get(name.replace(/^@/, '').toLowerCase()) ?? this.byUserId.get(name);
  }

  /** @throws WorldError UNKNOWN_STREAMER */
  get(name: string): Streamer {
    const streamer = this.find(name);
    if (streamer === undefined) throw new WorldError('UNKNOWN_STREAMER', `there is no streamer ${name}`);
    return streamer;
  }

  list(): readonly Streamer[] {
    return [...this.streamers.values()];
  }

  room(roomId: string): Room | undefined {
    return this.rooms.get(roomId);
  }

  allRooms(): readonly Room[] {
    return [...this.rooms.values()];
  }

  ownerOf(roomId: string): Streamer | undefined {
    return this.owners.get(roomId);
  }

  /** A streamer goes live: in a new room, or again in the last one. @throws WorldError */
  start(name: string, options: { sameRoom?: boolean | undefined; roomId?: string | undefined } = {}): Room {
    const streamer = this.get(name);
    if (streamer.status !== 'offline') throw new WorldError('WRONG_STATE', `${streamer.uniqueId} is live already`);
    const roomId =
      options.roomId ??
      (options.sameRoom === true || (streamer.streams === 0 && streamer.roomId !== '')
        ? streamer.roomId
        : this.newRoomId());
    const room = this.openRoom(roomId, streamer);
    streamer.roomId = roomId;
    streamer.status = 'live';
    streamer.streams += 1;
    streamer.startedAt = this.dependencies.clock.now();
    const live = room.live + 1;
    const seed = this.options_?.seed ?? '';
    const random = new Random(`${seed}/script/${streamer.uniqueId}/${streamer.streams}`);
    room.start(this.dependencies.script({ roomId, live, streamer, random }), streamer.rate);
    return room;
  }

  /** Ends a stream: 3 ended, 4 suspended; `silent`: without the control message. @throws WorldError */
  end(name: string, action: 3 | 4 = 3, silent = false): void {
    const streamer = this.get(name);
    if (streamer.status === 'offline') throw new WorldError('WRONG_STATE', `${streamer.uniqueId} is not live`);
    // First the state, then the message: whoever asks because of the message gets the new state.
    streamer.status = 'offline';
    streamer.endedAt = this.dependencies.clock.now();
    this.rooms.get(streamer.roomId)?.end(action, silent);
  }

  /** @throws WorldError */
  pause(name: string): void {
    const streamer = this.get(name);
    if (streamer.status !== 'live') throw new WorldError('WRONG_STATE', `${streamer.uniqueId} is not live`);
    streamer.status = 'paused';
    this.rooms.get(streamer.roomId)?.pause();
  }

  /** @throws WorldError */
  unpause(name: string): void {
    const streamer = this.get(name);
    if (streamer.status !== 'paused') throw new WorldError('WRONG_STATE', `${streamer.uniqueId} is not paused`);
    streamer.status = 'live';
    this.rooms.get(streamer.roomId)?.unpause();
  }

  /** Nothing new is made and the schedule stands still; sockets and everything else stay. */
  quiesce(): void {
    this.quiet = true;
    for (const schedule of this.schedules.values()) schedule.hold();
    for (const room of this.rooms.values()) room.disarm();
    this.chorus?.disarm();
  }

  /** Undoes quiesce; the schedule goes on where it stood. */
  resume(): void {
    this.quiet = false;
    for (const schedule of this.schedules.values()) schedule.resume();
    for (const room of this.rooms.values()) room.arm();
    this.chorus?.arm();
  }

  /** Stops all timers for good. */
  close(): void {
    this.dependencies.clock.clearTimeout(this.endTimer);
    this.quiesce();
  }

  /** Lets the rooms say the same, those that there are now and those to come. */
  private sing(options: WorldOptions): void {
    const [first] = this.streamers.values();
    if (first === undefined) return;
    const { clock, script } = this.dependencies;
    const random = new Random(`${options.seed}/chorus`);
    this.chorus = new Chorus({
      clock,
      random: new Random(`${options.seed}/frames/chorus`),
      script: script({ roomId: first.roomId, live: 1, streamer: first, random }),
      rate: (options.rate * options.speed) / this.streamers.size,
      quiet: () => this.quiet,
    });
    for (const room of this.rooms.values()) this.chorus.join(room);
  }

  private admit(
    random: Random,
    facts: {
      uniqueId: string;
      nickname?: string | undefined;
      title?: string | undefined;
      rate: number;
      restricted: boolean;
      roomId?: string | undefined;
    },
  ): Streamer {
    const streamer = makeStreamer(random, { ...facts, roomId: facts.roomId ?? this.newRoomId() });
    this.streamers.set(streamer.uniqueId, streamer);
    this.byUserId.set(streamer.userId, streamer);
    this.openRoom(streamer.roomId, streamer);
    return streamer;
  }

  private openRoom(roomId: string, owner: Streamer): Room {
    let room = this.rooms.get(roomId);
    if (room === undefined) {
      room = new Room(roomId, {
        clock: this.dependencies.clock,
        random: new Random(`${this.options_?.seed ?? ''}/frames/${owner.uniqueId}`),
        quiet: () => this.quiet,
      });
      this.rooms.set(roomId, room);
      this.chorus?.join(room);
    }
    this.owners.set(roomId, owner);
    return room;
  }

  private newRoomId(): string {
    this.roomCounter += 1;
    const low = hash32(`${this.options_?.seed ?? ''}/room/${this.roomCounter}`);
    const roomId = timeId(Math.floor(this.dependencies.clock.now() / 1000), low);
    return this.rooms.has(roomId) ? this.newRoomId() : roomId;
  }
}
