import { FakeClock, SeededRandom } from '@livetap/testkit';
import { expect, it, vi } from 'vitest';
import { SILENT_LOGGER } from '../common/logger.port.js';
import type { HistoryFold } from './history.port.js';
import { KafkaHistorySource } from './kafka-history-source.adapter.js';

type Join = (event: { payload: { memberAssignment: Record<string, number[]> } }) => void;

const consumer = vi.hoisted(() => ({
  events: { CRASH: 'crash', GROUP_JOIN: 'join' },
  listeners: new Map<string, unknown>(),
  sought: 0,
  connect: () => Promise.resolve(),
  subscribe: () => Promise.resolve(),
  run: () => Promise.resolve(),
  disconnect: () => Promise.resolve(),
  on(event: string, listener: unknown) {
    this.listeners.set(event, listener);
  },
  /** As the client does once it has stopped. */
  seek() {
    this.sought += 1;
    throw new Error('Consumer group was not initialized, consumer#run must be called first');
  },
}));

vi.mock('../publishing/kafka-client.adapter.js', () => ({
  createKafka: () => ({ consumer: () => consumer }),
  toPublishError: (error: unknown) => error,
}));

it('survives that its consumer stopped while the database was asked for the positions', async () => {
  const clock = new FakeClock();
  let answer: (stored: ReadonlyMap<string, string>) => void = () => undefined;
  const fold: HistoryFold = {
    positions: () => new Promise((resolve) => (answer = resolve)),
    apply: () => Promise.resolve(),
  };
  const source = new KafkaHistorySource({
    kafka: { brokers: ['localhost:1'], tls: false, sasl: undefined },
    clientId: 'test',
    topics: { prefix: 'test', strategy: 'single' },
    fold,
    clock,
    random: new SeededRandom(1),
    logger: SILENT_LOGGER,
  });
  await source.start();
  await clock.advance(0);
  (consumer.listeners.get('join') as Join)({ payload: { memberAssignment: { 'test.events': [0, 1] } } });
  await clock.advance(0);
  answer(new Map([['test.events:0', '5']]));
  await clock.advance(0);
  // A rejection that nobody takes ends the process; here it would fail the run.
  await new Promise((resolve) => setImmediate(resolve));
  expect(consumer.sought).toBe(1);
  await source.stop();
});
