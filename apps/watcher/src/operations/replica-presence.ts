import type { Clock, TimerHandle } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import { withTimeout } from '../common/with-timeout.js';
import type { EventsTo, ReplicaInfo, ReplicaRegistry } from '../persistence/replica-registry.port.js';
import { OperationError } from './operation.errors.js';

export interface ReplicaPresenceOptions {
  readonly registry: ReplicaRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly replicaId: string;
  readonly version: string;
  /**
   * `journal`: no other replica may use the database, for nobody else has the events that are in it. `kafka`: any number
   * may, as long as all of them publish there.
   */
  readonly eventsTo: EventsTo;
}

const HEARTBEAT_MS = 5_000;
/** A replica that was not seen for so long is gone. */
const ALIVE_WITHIN_MS = 15_000;
const LOOK_AGAIN_MS = 1_000;
/** A database that does not answer at a stop is not waited for: the list forgets this replica by itself. */
const LEAVE_MS = 2_000;

/** Says that this replica is there, and refuses to be one that the others cannot share a database with. */
export class ReplicaPresence {
  #timer: TimerHandle | undefined;
  #stopped = false;
  #failing = false;

  constructor(private readonly options: ReplicaPresenceOptions) {}

  /**
   * Announces this replica and keeps it announced. While one is on the list that it cannot share the database with, waits
   * until that one has either shown a new sign of life or been silent for 15 seconds (it was killed).
   * @throws OperationError WATCHER_SECOND_REPLICA, WATCHER_FLEET_WITHOUT_KAFKA; DatabaseError; the signal's reason
   */
  async start(signal?: AbortSignal): Promise<void> {
    const { registry, replicaId, version, eventsTo } = this.options;
    await this.#waitForOthers(signal);
    await registry.announce({ id: replicaId, version, eventsTo });
    this.#arm();
  }

  /** Takes this replica off the list. @throws DatabaseError, or an Error when the database does not answer */
  async stop(): Promise<void> {
    const { registry, replicaId, clock } = this.options;
    this.#stopped = true;
    this.#timer?.cancel();
    await withTimeout(() => registry.leave(replicaId), LEAVE_MS, clock, 'The database did not answer in time.');
  }

  /** Those that this replica cannot share the database with. */
  async #unfitting(): Promise<readonly ReplicaInfo[]> {
    const { registry, replicaId, eventsTo } = this.options;
    const others = await registry.othersAlive(replicaId, ALIVE_WITHIN_MS);
    return eventsTo === 'journal' ? others : others.filter((other) => other.eventsTo === 'journal');
  }

  async #waitForOthers(signal?: AbortSignal): Promise<void> {
    const { logger } = this.options;
    const first = await this.#unfitting();
    if (first.length > 0)
      logger.info('replica.waiting', { others: first.length, reason: 'another replica may still be running' });
    let others = first;
    while (others.length > 0) {
      const alive = others.find((other) => showsLife(other, first));
      if (alive) throw this.#refusal(alive);
      await this.#pause(signal);
      others = await this.#unfitting();
    }
  }

  #refusal(other: ReplicaInfo): OperationError {
    const context = { other: other.id };
    if (this.options.eventsTo === 'kafka')
      return new OperationError(
        'WATCHER_FLEET_WITHOUT_KAFKA',
        'A replica without KAFKA_BROKERS uses this database. Its events are in its journal alone, and those of its streamers would go to Kafka from here on: stop it, set KAFKA_BROKERS on it and start it again, or use another DATABASE_URL.',
        { context },
      );
    const others =
      other.eventsTo === 'kafka'
        ? 'The replicas that use this database publish to Kafka: set KAFKA_BROKERS here as well'
        : 'Without Kafka the events are in the journal of one replica, so there may be only one: stop the other, set KAFKA_BROKERS on both';
    return new OperationError(
      'WATCHER_SECOND_REPLICA',
      `Another replica uses this database, and KAFKA_BROKERS is not set. ${others}, or use another DATABASE_URL.`,
      { context },
    );
  }

  async #pause(signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        timer.cancel();
        reject(signal?.reason as Error);
      };
      const timer = this.options.clock.setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, LOOK_AGAIN_MS);
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  }

  #arm(): void {
    if (this.#stopped) return;
    this.#timer = this.options.clock.setTimeout(() => void this.#beat(), HEARTBEAT_MS);
  }

  async #beat(): Promise<void> {
    try {
      await this.options.registry.heartbeat(this.options.replicaId);
      this.#failing = false;
    } catch (error) {
      // The lease keeper reports a database that is away; here it is said once.
      if (!this.#failing) this.options.logger.warn('replica.heartbeatFailed', { error });
      this.#failing = true;
    }
    this.#arm();
  }
}

function showsLife(other: ReplicaInfo, before: readonly ReplicaInfo[]): boolean {
  const earlier = before.find(({ id }) => id === other.id);
  return earlier === undefined || other.lastSeenAt > earlier.lastSeenAt;
}
