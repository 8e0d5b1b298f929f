import type { Clock, TimerHandle } from '../common/clock.js';
import type { Room, RoomFeeder } from '../world/room.js';
import type { World } from '../world/world.js';
import { endsStream, partsOf } from './recording.js';
import type { RecordedFrame, RecordedRoom } from './recording.js';

export interface ReplayOptions {
  readonly clock: Clock;
  readonly world: World;
  /** Time between two frames of a room, ms; absent: as fast as the sockets acknowledge. */
  readonly paceMs?: number | undefined;
  /** How long a streamer whose stream has ended stays offline after the last socket has left, ms. */
  readonly restMs: number;
  /** Frames that may wait for their ack. */
  readonly window: number;
  /** Beginning of the streamers' names. */
  readonly prefix: string;
}

export interface ReplayProgress {
  readonly uniqueId: string;
  readonly roomId: string;
  readonly frames: number;
  readonly sent: number;
  readonly done: boolean;
}

/** When frames cannot go out just now (quiesced, or all sockets held by a fault), they are tried again after this time. */
const RETRY_MS = 100;

/** Plays the frames of one recorded room to whoever enters it. */
class RoomReplay implements RoomFeeder {
  private readonly parts: readonly (readonly RecordedFrame[])[];
  private part = 0;
  private next = 0;
  private sent = 0;
  private unacked = 0;
  private timer: TimerHandle | undefined;
  private restart: TimerHandle | undefined;

  constructor(
    readonly uniqueId: string,
    private readonly recorded: RecordedRoom,
    private readonly room: Room,
    private readonly options: ReplayOptions,
  ) {
    this.parts = partsOf(recorded.frames);
    room.feeder = this;
  }

  get progress(): ReplayProgress {
    const frames = this.recorded.frames.length;
    return {
      uniqueId: this.uniqueId,
      roomId: this.recorded.roomId,
      frames,
      sent: this.sent,
      done: this.sent === frames,
    };
  }

  entered(): void {
    this.unacked = 0;
    if (this.room.status === 'live') this.later(0);
  }

  left(): void {
    if (this.room.watchers.size > 0) return;
    this.options.clock.clearTimeout(this.timer);
    this.timer = undefined;
    const more = this.room.status === 'ended' && this.part < this.parts.length && this.restart === undefined;
    if (more) this.restart = this.options.clock.setTimeout(() => this.startAgain(), this.options.restMs);
  }

  acknowledged(): void {
    this.unacked = Math.max(0, this.unacked - 1);
    if (this.options.paceMs === undefined && this.timer === undefined) this.later(0);
  }

  stop(): void {
    this.options.clock.clearTimeout(this.timer);
    this.options.clock.clearTimeout(this.restart);
  }

  private startAgain(): void {
    this.restart = undefined;
    this.options.world.start(this.uniqueId, { sameRoom: true });
    this.later(0);
  }

  private later(ms: number): void {
    this.options.clock.clearTimeout(this.timer);
    this.timer = this.options.clock.setTimeout(() => {
      this.timer = undefined;
      this.play();
    }, ms);
  }

  private play(): void {
    const frames = this.parts[this.part];
    if (frames === undefined || this.room.status !== 'live' || this.room.watchers.size === 0) return;
    if (this.options.world.quiesced) {
      this.later(RETRY_MS);
      return;
    }
    while (this.next < frames.length) {
      if (this.options.paceMs === undefined && this.unacked >= this.options.window) return;
      const frame = frames[this.next];
      if (frame === undefined) return;
      // Nobody took it (all sockets are held by a fault): try again.
      if (!this.room.publish(frame.messages)) {
        this.later(RETRY_MS);
        return;
      }
      this.next += 1;
      this.sent += 1;
      this.unacked += 1;
      if (this.options.paceMs !== undefined && this.next < frames.length) {
        this.later(this.options.paceMs);
        return;
      }
    }
    this.part += 1;
    this.next = 0;
    const ended = frames.at(-1);
    // The recorded messages told the end themselves.
    if (ended !== undefined && endsStream(ended)) this.options.world.end(this.uniqueId, 3, true);
  }
}

/** Plays recorded rooms, one streamer each: `<prefix>_0001` is the first room of the recording. */
export class Replay {
  private readonly rooms = new Map<string, RoomReplay>();

  /** All streamers are live at once. @throws WorldError NAME_TAKEN */
  constructor(recording: readonly RecordedRoom[], options: ReplayOptions) {
    recording.forEach((recorded, index) => {
      const uniqueId = `${options.prefix}_${String(index + 1).padStart(4, '0')}`;
      options.world.add({ uniqueId, rate: 0, restricted: false, roomId: recorded.roomId });
      const room = options.world.start(uniqueId, { roomId: recorded.roomId });
      this.rooms.set(recorded.roomId, new RoomReplay(uniqueId, recorded, room, options));
    });
  }

  /** A socket in the room acknowledged a frame. */
  acknowledged(roomId: string): void {
    this.rooms.get(roomId)?.acknowledged();
  }

  progress(): readonly ReplayProgress[] {
    return [...this.rooms.values()].map((room) => room.progress);
  }

  stop(): void {
    for (const room of this.rooms.values()) room.stop();
  }
}
