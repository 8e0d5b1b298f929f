import type { StoredEvent } from '../../apps/watcher/src/journal/journal.port.js';
import type { LifeEnd } from './delivery-oracle.js';
import type { Findings } from './findings.js';

interface Gap {
  readonly id: string;
  readonly offset: number;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

interface RoomLife {
  /** Starts and ends of sessions, in order. */
  readonly changes: { readonly offset: number; readonly joined: boolean }[];
  readonly gaps: Gap[];
  /** Offsets of gaps, starts and ends, in order. */
  readonly bounds: number[];
  lastOffset: number;
}

const STARTED = 'livetap.live.started.v1';
const ENDED: ReadonlySet<string> = new Set(['livetap.live.ended.v1', 'livetap.live.left.v1']);
const GAP = 'livetap.room.gap.v1';
/** The service closed its rooms by itself because the disk did not keep up: the truth on a slow machine, whatever was killed. */
const HELD_UP = 'backpressure';

/** Judges the gaps: one for each interval in which a joined session had no watcher, none where it had one. */
export class GapOracle {
  readonly #rooms = new Map<string, RoomLife>();

  constructor(private readonly findings: Findings) {}

  /** Gaps for which no kill is to blame: the disk held the journal up, and the event says so. */
  get heldUp(): number {
    return [...this.#rooms.values()].flatMap(({ gaps }) => gaps).filter(({ reason }) => reason === HELD_UP).length;
  }

  get count(): number {
    return [...this.#rooms.values()].reduce((sum, room) => sum + room.gaps.length, 0);
  }

  /** Every event of the journal, in order. */
  admitted(event: StoredEvent): void {
    const room = this.#rooms.get(event.key) ?? { changes: [], gaps: [], bounds: [], lastOffset: 0 };
    this.#rooms.set(event.key, room);
    room.lastOffset = event.offset;
    if (event.type === STARTED || event.type === GAP || ENDED.has(event.type)) room.bounds.push(event.offset);
    if (event.type === STARTED) room.changes.push({ offset: event.offset, joined: true });
    else if (ENDED.has(event.type)) room.changes.push({ offset: event.offset, joined: false });
    else if (event.type === GAP) {
      const { data } = JSON.parse(event.value.toString()) as {
        data: { from: string; to: string; reason: string };
      };
      const [from, to] = [Date.parse(data.from), Date.parse(data.to)];
      room.gaps.push({ id: event.id, offset: event.offset, from, to, reason: data.reason });
    }
  }

  /** Which of the intervals between the room's gaps, starts and ends the event with this offset belongs to: 0, 1, 2 … */
  intervalOf(room: string, offset: number): number {
    return this.#rooms.get(room)?.bounds.filter((bound) => bound <= offset).length ?? 0;
  }

  /** The interval in which the run ended. */
  lastInterval(room: string): number {
    return this.#rooms.get(room)?.bounds.length ?? 0;
  }

  judge(lives: readonly LifeEnd[]): void {
    for (const [name, room] of this.#rooms) {
      if (room.changes.length === 0) continue;
      const explained = new Set<Gap>();
      for (const life of lives) {
        if (!joinedAt(room, life.lastOffset)) continue;
        // The room may have been silent, or over, from this end to the end of the run.
        if (room.lastOffset <= life.lastOffset) continue;
        const covering = room.gaps.filter(
          (gap) => gap.offset > life.lastOffset && gap.from <= life.at && gap.to >= life.at,
        );
        for (const gap of covering) explained.add(gap);
        if (covering.length === 0)
          this.findings.add('gap missing', `room ${name} at the end ${life.how} (${new Date(life.at).toISOString()})`);
        if (covering.length > 1)
          this.findings.add(
            'gap told twice',
            `room ${name} at the end ${life.how}: ${covering.map(({ id }) => id).join(', ')}`,
          );
      }
      for (const gap of room.gaps)
        if (!explained.has(gap) && gap.reason !== HELD_UP)
          this.findings.add(
            'gap without a reason',
            `room ${name} ${gap.id}: ${new Date(gap.from).toISOString()} to ${new Date(gap.to).toISOString()}`,
          );
    }
  }
}

/** Whether a session of the room was open after this event of the journal. */
function joinedAt(room: RoomLife, offset: number): boolean {
  let joined = false;
  for (const change of room.changes) {
    if (change.offset > offset) break;
    joined = change.joined;
  }
  return joined;
}
