// The way of an event as the service goes it, in a process of its own: sockets, supervisors, pipelines, journal (fsynced),
// publisher to a real Kafka (acks=all). Without Postgres: leases and history are no part of that way.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebcastSocket } from '@livetap/connector';
import { SystemClock, SystemRandom } from '../../../apps/watcher/dist/common/system-clock.adapter.js';
import { openJournal } from '../../../apps/watcher/dist/journal/open-journal.adapter.js';
import { EventTotals } from '../../../apps/watcher/dist/operations/event-totals.js';
import { countByType, MeteredPublisher } from '../../../apps/watcher/dist/operations/metered-publisher.js';
import { MessageShaper } from '../../../apps/watcher/dist/pipeline/message-shaper.js';
import { KafkaEventPublisher } from '../../../apps/watcher/dist/publishing/kafka-event-publisher.adapter.js';
import { PUBLISHER_READER, PublishLoop } from '../../../apps/watcher/dist/publishing/publish-loop.js';
import { ThreadBatchPacker } from '../../../apps/watcher/dist/publishing/thread-batch-packer.adapter.js';
import { AdmissionQueue } from '../../../apps/watcher/dist/rooms/admission-queue.js';
import { ConcurrencyGate } from '../../../apps/watcher/dist/rooms/concurrency-gate.js';
import { newRoomCounters } from '../../../apps/watcher/dist/rooms/room-counters.js';
import { DEFAULT_ROOM_SETTINGS } from '../../../apps/watcher/dist/rooms/room-settings.js';
import { RoomSupervisor } from '../../../apps/watcher/dist/rooms/room-supervisor.js';
import { roomPipelines } from '../../../apps/watcher/dist/rooms/session-pipeline.js';
import { MeasuredWork } from './measured-work.mjs';

const { port, brokers, prefix, rooms, firstRoom } = JSON.parse(process.argv[2]);
const MIB = 1024 * 1024;
/** Made by the service itself: not among the messages that are counted. */
const OWN_TYPES = new Set(['livetap.live.started.v1', 'livetap.gift.completed.v1', 'livetap.room.gap.v1']);

const work = new MeasuredWork();
const [clock, random] = [new SystemClock(), new SystemRandom()];
const fail = (error) => {
  console.error(error);
  process.exit(1);
};
const logger = { debug: () => undefined, info: () => undefined, warn: console.error, error: console.error };

const directory = await mkdtemp(join(tmpdir(), 'livetap-bench-'));
const journal = await openJournal({
  ...{ directory, clock, readers: [PUBLISHER_READER] },
  ...{ maxBytes: 4096 * MIB, maxAgeMs: 24 * 3_600_000 },
});
const events = new EventTotals();
const queue = new AdmissionQueue({
  journal,
  onFatal: fail,
  onAdmitted(admitted) {
    events.admitted(countByType(admitted), false);
    work.durable(admitted.map(({ recordedAt }) => recordedAt));
  },
});
const kafka = (onOversize) =>
  new KafkaEventPublisher({
    kafka: { brokers, tls: false, compression: 'gzip' },
    clientId: 'livetap-bench',
    packer: new ThreadBatchPacker(),
    topics: { prefix, strategy: 'subject', partitions: 12, replicationFactor: 1, raw: false, overrides: {} },
    onOversize,
  });
const metered = new MeteredPublisher(kafka, { events, canaryArrived: () => undefined }, 1);
const publisher = {
  start: () => metered.start(),
  stop: () => metered.stop(),
  async publish(batch) {
    await metered.publish(batch);
    const messages = batch.filter(({ type }) => !OWN_TYPES.has(type));
    work.acknowledged(
      messages.length,
      messages.map(({ recordedAt }) => recordedAt),
    );
  },
};
const loop = new PublishLoop({
  ...{ journal, publisher, clock, random, logger },
  metrics: { failed: () => undefined, duration: () => undefined },
  onFatal: fail,
});
await loop.start();

/** As the service dials, at a fixed address. */
const connector = {
  open: ({ roomId, signal }, handlers) =>
    WebcastSocket.open({
      address: { source: 'fixed', url: `ws://127.0.0.1:${port}`, headers: {}, roomId },
      signal,
      handlers: {
        onOpen: () => handlers.onOpen('fixed'),
        onBatch: (batch) => {
          work.received();
          handlers.onFrame(batch);
        },
        onFrameRejected: (bytes, receivedAt) => handlers.onFrameRejected(bytes, receivedAt),
        onClosed: ({ code, reason }) => handlers.onClosed({ code, reason }),
      },
    }),
};
const live = (roomId) => ({ verdict: 'live', reason: 'as told', roomId });
const shared = {
  ...{ clock, random, logger, queue, connector, replicaId: 'bench' },
  checker: { check: ({ roomId }) => Promise.resolve(live(roomId)) },
  pipelines: roomPipelines({ rawTopic: false, shaper: new MessageShaper() }),
  gate: new ConcurrencyGate(10),
  counters: newRoomCounters(),
  events: { idle: () => undefined, observed: () => undefined, sessionChanged: () => undefined },
  settings: DEFAULT_ROOM_SETTINGS,
};
const supervisors = Array.from({ length: rooms }, (_, index) => {
  const name = `streamer.${firstRoom + index}`;
  const streamer = { id: name, uniqueId: name, aliases: [], paused: false, labels: [], priority: 50, state: 'live' };
  const supervisor = new RoomSupervisor(streamer, { epoch: 1, checkpoint: null }, shared);
  supervisor.goLive(live(String(7_300_000_000_000_000_000n + BigInt(firstRoom + index))));
  return supervisor;
});
setInterval(() => supervisors.forEach((supervisor) => supervisor.tick()), 1_000);
const untilLive = setInterval(() => {
  if (!supervisors.every(({ state }) => state === 'live') || loop.state.status !== 'publishing') return;
  clearInterval(untilLive);
  work.ready();
}, 20);

process.on('disconnect', () => {
  void rm(directory, { recursive: true, force: true }).finally(() => process.exit(0));
});
