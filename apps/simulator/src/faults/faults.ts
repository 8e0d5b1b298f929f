import type { Clock, TimerHandle } from '../common/clock.js';
import type { Fault, FaultKind, FaultOf } from './fault.schema.js';

/** Where a fault could strike. */
export interface FaultTarget {
  readonly roomId?: string | undefined;
  readonly uniqueId?: string | undefined;
  readonly path?: string | undefined;
  /** Which way into the room an upgrade takes. */
  readonly way?: 'direct' | 'signed' | undefined;
}

/** A fault that waits to strike. */
export interface ActiveFault {
  readonly id: number;
  readonly fault: Fault;
  /** Strikes left; absent: no limit but the time. */
  readonly remaining?: number;
  /** When it ends, ms since the epoch. */
  readonly until?: number;
  readonly strikes: number;
}

interface Entry {
  readonly id: number;
  readonly fault: Fault;
  remaining: number | undefined;
  readonly until: number | undefined;
  strikes: number;
  timer: TimerHandle | undefined;
}

/** These go on until they are ended when neither number nor time is given. */
const LASTING: ReadonlySet<FaultKind> = new Set<FaultKind>(['stall', 'halfOpen']);

/** At most this many wait at once; a further one is refused. */
const MAX_FAULTS = 10_000;

/** Holds the ordered faults, counts their strikes and ends them by number or by time. */
export class Faults {
  private readonly entries = new Map<number, Entry>();
  private nextId = 1;

  /** `onEnd` is called when a fault ends by time or by order, so that what it held can go on. */
  constructor(
    private readonly clock: Clock,
    private readonly onEnd: (fault: Fault) => void,
  ) {}

  /** Adds a fault; returns its id. @throws RangeError when 10,000 are waiting. */
  add(fault: Fault): number {
    if (this.entries.size >= MAX_FAULTS) throw new RangeError(`more than ${MAX_FAULTS} faults are waiting`);
    const id = this.nextId;
    this.nextId += 1;
    const entry: Entry = {
      id,
      fault,
      remaining: fault.times ?? (fault.forMs === undefined && !LASTING.has(fault.kind) ? 1 : undefined),
      until: fault.forMs === undefined ? undefined : this.clock.now() + fault.forMs,
      strikes: 0,
      timer: undefined,
    };
    this.entries.set(id, entry);
    if (fault.forMs !== undefined) entry.timer = this.clock.setTimeout(() => this.remove(id), fault.forMs);
    return id;
  }

  /** Ends a fault. False when there is none with this id. */
  remove(id: number): boolean {
    const entry = this.entries.get(id);
    if (entry === undefined) return false;
    this.entries.delete(id);
    this.clock.clearTimeout(entry.timer);
    this.onEnd(entry.fault);
    return true;
  }

  clear(): void {
    for (const id of [...this.entries.keys()]) this.remove(id);
  }

  list(): readonly ActiveFault[] {
    return [...this.entries.values()].map(({ id, fault, remaining, until, strikes }) => ({
      id,
      fault,
      ...(remaining === undefined ? {} : { remaining }),
      ...(until === undefined ? {} : { until }),
      strikes,
    }));
  }

  /** The oldest fault of the kind that hits the target, counted as one strike; undefined when none does. */
  strike<K extends FaultKind>(kind: K, target: FaultTarget): FaultOf<K> | undefined {
    if (this.entries.size === 0) return undefined;
    for (const entry of this.entries.values()) {
      if (entry.fault.kind !== kind || entry.remaining === 0 || !Faults.hits(entry.fault, target)) continue;
      entry.strikes += 1;
      if (entry.remaining !== undefined) {
        entry.remaining -= 1;
        // Used up. One with a time stays until then, so that what it holds is released.
        if (entry.remaining === 0 && entry.until === undefined) this.entries.delete(entry.id);
      }
      return entry.fault as FaultOf<K>;
    }
    return undefined;
  }

  static hits(fault: Fault, target: FaultTarget): boolean {
    if (fault.room !== undefined && fault.room !== target.roomId) return false;
    if (fault.uniqueId !== undefined && fault.uniqueId.toLowerCase() !== target.uniqueId?.toLowerCase()) return false;
    if (fault.kind === 'refuse' && fault.way !== undefined && fault.way !== target.way) return false;
    return fault.kind !== 'http' || (target.path ?? '').startsWith(fault.path);
  }
}
