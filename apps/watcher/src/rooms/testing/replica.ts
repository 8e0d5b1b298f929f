import type { Clock, Random, TimerHandle } from '../../common/clock.port.js';
import { SILENT_LOGGER } from '../../common/logger.port.js';
import { MemoryJournal, type MemoryJournalOptions } from '../../journal/memory-journal.js';
import type { StoredEvent } from '../../journal/journal.port.js';
import type { LeaseStore } from '../../leases/lease-store.port.js';
import { MemoryLeaseStore } from '../../leases/memory-lease-store.js';
import type { FinishedEvent } from '../../pipeline/finished-event.js';
import { MessageShaper } from '../../pipeline/message-shaper.js';
import { MemoryStreamerStore } from '../../streamers/memory-streamer-store.js';
import { StreamerService } from '../../streamers/streamer-service.js';
import type { RoomConnector, RoomMessage } from '../room-connector.port.js';
import { RoomRegistry } from '../room-registry.js';
import type { RoomRegistrySettings } from '../room-registry-options.js';
import { roomPipelines } from '../session-pipeline.js';
import { FakeLiveChecker } from './fake-live-checker.js';
import { FakeRoomConnector } from './fake-room-connector.js';

/** A clock that the test moves; see the testkit's FakeClock. */
export interface MovableClock extends Clock {
  advance(ms: number): Promise<void>;
  /** Moves the wall clock alone. */
  jump(ms: number): void;
}

/** What replicas share: time, the database and TikTok. */
export class TestWorld {
  readonly checker = new FakeLiveChecker();
  readonly connector = new FakeRoomConnector(() => this.clock.now());
  readonly streamers = new MemoryStreamerStore(() => new Date(this.clock.now()));

  constructor(
    readonly clock: MovableClock,
    readonly random: Random,
  ) {}

  readonly leases = new MemoryLeaseStore({
    streamers: () => this.streamers.everything(),
    now: () => this.clock.now(),
  });
}

/** The world's clock for one process: nothing is called back after the process was killed. */
class ProcessClock implements Clock {
  killed = false;

  constructor(private readonly clock: Clock) {}

  now(): number {
    return this.clock.now();
  }

  monotonic(): number {
    return this.clock.monotonic();
  }

  setTimeout(callback: () => void, ms: number): TimerHandle {
    return this.clock.setTimeout(() => {
      if (!this.killed) callback();
    }, ms);
  }
}

/** One replica over fakes, with its own journal: the real registry, keeper, supervisors and pipelines. */
export class TestReplica {
  readonly journal: MemoryJournal;
  readonly registry: RoomRegistry;
  readonly service: StreamerService;
  readonly fatal: unknown[] = [];
  readonly #clock: ProcessClock;

  constructor(
    readonly world: TestWorld,
    options: {
      readonly replicaId?: string;
      readonly settings?: RoomRegistrySettings;
      /** A journal that was left by another process, or how to make one. */
      readonly journal?: MemoryJournalOptions | MemoryJournal;
      readonly rawTopic?: boolean;
      /** Default: the world's own, as for the next one. */
      readonly leases?: LeaseStore;
      readonly connector?: RoomConnector;
      /** false: changes of leases are found by looking only. */
      readonly hints?: boolean;
      readonly onAdmitted?: (events: readonly FinishedEvent[]) => void;
    } = {},
  ) {
    const clock = (this.#clock = new ProcessClock(world.clock));
    this.journal = options.journal instanceof MemoryJournal ? options.journal : new MemoryJournal(options.journal);
    this.registry = new RoomRegistry({
      clock,
      random: world.random,
      logger: SILENT_LOGGER,
      replicaId: options.replicaId ?? 'replica-1',
      leases: options.leases ?? world.leases,
      ...(options.hints === false ? {} : { leaseHints: world.leases.hints() }),
      streamers: world.streamers,
      checker: world.checker,
      connector: options.connector ?? world.connector,
      journal: this.journal,
      pipelines: roomPipelines({ rawTopic: options.rawTopic ?? false, shaper: new MessageShaper() }),
      onFatal: (error) => this.fatal.push(error),
      ...(options.onAdmitted === undefined ? {} : { onAdmitted: options.onAdmitted }),
      ...(options.settings === undefined ? {} : { settings: options.settings }),
    });
    this.service = new StreamerService({
      store: world.streamers,
      activity: this.registry,
      control: this.registry,
    });
  }

  /** Adds streamers and starts; afterwards their leases are taken. */
  async start(...names: readonly string[]): Promise<void> {
    for (const name of names) await this.world.streamers.add(name, {});
    void this.registry.start();
    await this.advance(0);
  }

  /** As SIGKILL does it: nothing more happens here. What the journal holds stays, for a next process. */
  kill(): void {
    this.#clock.killed = true;
  }

  async advance(ms: number): Promise<void> {
    await this.world.clock.advance(ms);
    for (let turn = 0; turn < 5; turn += 1) await this.world.clock.advance(0);
  }

  /** Types and ids of what is in the journal, oldest first, without the `livetap.` and the version. */
  published(): string[] {
    return this.journal.events.map((event) => `${nameOf(event)} ${event.id}`);
  }

  named(name: string): readonly StoredEvent[] {
    return this.journal.events.filter((event) => nameOf(event) === name);
  }

  data(event: StoredEvent): Record<string, unknown> {
    return (JSON.parse(event.value.toString()) as { data: Record<string, unknown> }).data;
  }
}

function nameOf(event: StoredEvent): string {
  return event.type.replace(/^livetap\./, '').replace(/\.v1$/, '');
}

/** A message that arrives as an `unknown` event with this id. */
export function message(id: number | string, isHistory = false): RoomMessage {
  return { method: 'WebcastTestMessage', msgId: String(id), payload: new Uint8Array([1, 2, 3]), isHistory };
}

/** The stream is over. */
export function streamEnd(id: number | string): RoomMessage {
  return {
    method: 'WebcastControlMessage',
    msgId: String(id),
    // WebcastControlMessage, field 2 (action) is 3: ended.
    payload: new Uint8Array([0x10, 3]),
    isHistory: false,
  };
}
