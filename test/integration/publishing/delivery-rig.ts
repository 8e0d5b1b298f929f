import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeliveryLedger, sampleEvent, visitTopics, type DeliveryReport } from '@livetap/testkit';
import { SILENT_LOGGER } from '../../../apps/watcher/src/common/logger.port.js';
import { SystemClock, SystemRandom } from '../../../apps/watcher/src/common/system-clock.adapter.js';
import type { Journal, StoredEvent } from '../../../apps/watcher/src/journal/journal.port.js';
import { openJournal } from '../../../apps/watcher/src/journal/open-journal.adapter.js';
import type { EventPublisher } from '../../../apps/watcher/src/publishing/event-publisher.port.js';
import { ThreadBatchPacker } from '../../../apps/watcher/dist/publishing/thread-batch-packer.adapter.js';
import { KafkaEventPublisher } from '../../../apps/watcher/src/publishing/kafka-event-publisher.adapter.js';
import { PublishLoop } from '../../../apps/watcher/src/publishing/publish-loop.js';
import { planTopics, type TopicSettings } from '../../../apps/watcher/src/publishing/topic-plan.js';

export interface RigOptions {
  readonly brokers: readonly string[];
  readonly topics?: Partial<TopicSettings>;
  /** Events of a batch at most; small ones make many requests. Default 100. */
  readonly maxEvents?: number;
}

const ROOMS = 5;
const APPEND_EVENTS = 10;

/**
 * A journal on disk, the publish loop and the Kafka publisher as the service has them, and the oracle: everything that was
 * appended has to arrive. At each call and each end of a call of the publisher the cursor is compared with what was
 * acknowledged.
 */
export class DeliveryRig {
  readonly topics: TopicSettings;
  readonly codes: string[] = [];
  /** Offsets of cursors that were ahead of the acknowledgements; must stay empty. */
  readonly cursorAhead: number[] = [];
  /** Called when a batch is handed to the client, with the number of calls so far. */
  onPublish: (calls: number) => void = () => undefined;
  readonly #ledger = new DeliveryLedger();
  readonly #numbers = new Map<string, number>();
  #written = 0;
  /** What has to arrive. */
  #expected: { readonly source: string; readonly id: string }[] = [];
  #calls = 0;
  #acknowledged = 0;
  #journal: Journal | undefined;
  #loop: PublishLoop | undefined;

  private constructor(
    private readonly options: RigOptions,
    private readonly directory: string,
  ) {
    this.topics = {
      prefix: `rig.${randomUUID().slice(0, 8)}`,
      strategy: 'single',
      partitions: 3,
      replicationFactor: undefined,
      raw: false,
      ...options.topics,
      // Sample events bear times of long ago; a broker deletes what is older than the retention.
      overrides: { retentionMs: new Map([['*', -1]]), ...options.topics?.overrides },
    };
  }

  static async start(options: RigOptions): Promise<DeliveryRig> {
    const rig = new DeliveryRig(options, await mkdtemp(join(tmpdir(), 'livetap-rig-')));
    await rig.open();
    return rig;
  }

  get loop(): PublishLoop {
    if (this.#loop === undefined) throw new Error('The rig is closed.');
    return this.#loop;
  }

  get journal(): Journal {
    if (this.#journal === undefined) throw new Error('The rig is closed.');
    return this.#journal;
  }

  get written(): number {
    return this.#written;
  }

  /** Starts the loop on the journal, at first or after `close`. */
  async open(): Promise<void> {
    const clock = new SystemClock();
    this.#journal = await openJournal({
      directory: this.directory,
      maxBytes: 1_000_000_000,
      maxAgeMs: 60_000,
      clock,
      readers: ['publisher'],
    });
    this.#loop = new PublishLoop({
      journal: this.#journal,
      publisher: this.#watched(
        new KafkaEventPublisher({
          kafka: { brokers: this.options.brokers, tls: false, sasl: undefined },
          clientId: 'rig',
          topics: this.topics,
          // As in the service; threads run what is built.
          packer: new ThreadBatchPacker(),
        }),
      ),
      clock,
      random: new SystemRandom(),
      logger: SILENT_LOGGER,
      metrics: {
        failed: (code) => void this.codes.push(code),
        duration: () => undefined,
      },
      maxEvents: this.options.maxEvents ?? 100,
    });
    await this.#loop.start();
  }

  /** Stops the loop in order and closes the journal; what was not acknowledged stays in it. */
  async close(): Promise<void> {
    await this.#loop?.stop();
    await this.#journal?.close();
    this.#loop = undefined;
    this.#journal = undefined;
  }

  /** Appends so many events of five rooms, each with the next number of its room. `valueOf` makes other values. */
  async write(count: number, valueOf?: (n: number) => Buffer): Promise<void> {
    for (let from = 0; from < count; from += APPEND_EVENTS) {
      const length = Math.min(APPEND_EVENTS, count - from);
      await this.journal.append(Array.from({ length }, () => this.#next(valueOf)));
    }
  }

  /** What was appended before is not asked for any more: somebody deleted it behind the publisher's back. */
  forgive(): void {
    this.#expected = [];
  }

  /** Stops everything and compares the topics with what was appended. */
  async report(
    brokers: readonly string[] = this.options.brokers,
  ): Promise<DeliveryReport & { readonly allowed: number }> {
    await this.close();
    for (const { source, id } of this.#expected) this.#ledger.expect(source, id);
    const names = planTopics(this.topics).map(({ name }) => name);
    await visitTopics(brokers, names, (record) => this.#ledger.arrived(record));
    await rm(this.directory, { recursive: true, force: true });
    // Each failed attempt can have put its whole batch into the topics, or a part of it.
    return { ...this.#ledger.report(), allowed: this.codes.length * (this.options.maxEvents ?? 100) };
  }

  #next(valueOf: ((n: number) => Buffer) | undefined): ReturnType<typeof sampleEvent> {
    const n = this.#written;
    this.#written += 1;
    const key = `730000000000000000${n % ROOMS}`;
    const number = (this.#numbers.get(key) ?? 0) + 1;
    this.#numbers.set(key, number);
    const event = sampleEvent(n, {
      key,
      sequence: `00000001-${String(number).padStart(12, '0')}`,
      ...(valueOf === undefined ? {} : { value: valueOf(n) }),
    });
    this.#expected.push({ source: event.source, id: event.id });
    return event;
  }

  #watched(inner: EventPublisher): EventPublisher {
    const look = (): void => {
      const committed = this.journal.stats().lastOffset - this.loop.pending;
      if (committed > this.#acknowledged) this.cursorAhead.push(committed);
    };
    return {
      start: () => inner.start(),
      stop: () => inner.stop(),
      publish: async (events: readonly StoredEvent[]) => {
        look();
        this.#calls += 1;
        this.onPublish(this.#calls);
        try {
          await inner.publish(events);
          this.#acknowledged = Math.max(this.#acknowledged, events[events.length - 1]?.offset ?? 0);
        } finally {
          look();
        }
      },
    };
  }
}
