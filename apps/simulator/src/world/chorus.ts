import type { Clock } from '../common/clock.js';
import type { Random } from '../common/random.js';
import type { OutBatch, RoomScript } from './message.js';
import { Room } from './room.js';
import type { RoomWatcher } from './room.js';

export interface ChorusOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly script: RoomScript;
  /** Messages a second in each room. */
  readonly rate: number;
  /** True: nothing new is made. */
  readonly quiet: () => boolean;
}

/** The rooms say each frame in so many parts, one after the other, so that a thousand sockets do not speak at one instant. */
const PARTS = 50;
/** Time over which they do. */
const SPREAD_MS = 1_000;

/**
 * Many rooms that say the same: each frame is made, encoded and compressed once, so that a high rate in many rooms costs the
 * simulator little more than sending. Message ids are the same in all rooms; they count for each room alone.
 */
export class Chorus {
  private readonly parts: Room[][] = Array.from({ length: PARTS }, () => []);
  private readonly leader: Room;
  private size = 0;

  constructor(private readonly options: ChorusOptions) {
    const { clock, random, quiet, script, rate } = options;
    this.leader = new Room('chorus', { clock, random, quiet });
    this.leader.start(script, rate);
    const watcher: RoomWatcher = {
      backlog: 0,
      deliver: (batch) => this.say(batch),
      roomEnded: () => undefined,
    };
    this.leader.enter(watcher);
  }

  /** The room says what all say whenever it is live and watched. It needs no rate of its own. */
  join(room: Room): void {
    this.parts[this.size % PARTS]?.push(room);
    this.size += 1;
  }

  /** Call it when `quiet` has changed. */
  arm(): void {
    this.leader.arm();
  }

  disarm(): void {
    this.leader.disarm();
  }

  private say(batch: OutBatch): boolean {
    if (batch.history) return true;
    this.parts.forEach((rooms, part) => {
      if (rooms.length === 0) return;
      this.options.clock.setTimeout(
        () => {
          if (this.options.quiet()) return;
          for (const room of rooms) room.relay(batch);
        },
        (part / PARTS) * SPREAD_MS,
      );
    });
    return true;
  }
}
