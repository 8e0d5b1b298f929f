import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startKafka, startKafkaCluster, TcpProxy, testClient, type KafkaServer } from '@livetap/testkit';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { DeliveryRig } from './delivery-rig.js';

const proxy = await TcpProxy.start({ host: '127.0.0.1', port: 1 });
const started = await startKafka({ environment: {}, proxyPort: proxy.port });
const own: KafkaServer | undefined = 'skipped' in started ? undefined : started;

const LARGE_BYTES = 4_096;
const BACKLOG = 20_000;

/** Nothing lost, nothing out of order, no more repeats than failed attempts explain, the cursor never ahead. */
async function expectDelivered(rig: DeliveryRig, brokers: readonly string[]): Promise<void> {
  const report = await rig.report(brokers);
  expect(report).toMatchObject({ lost: 0, disordered: 0, split: 0, holes: 0, samples: [] });
  expect(report.events).toBe(rig.written);
  expect(report.repeated).toBeLessThanOrEqual(report.allowed);
  expect(rig.cursorAhead).toEqual([]);
}

describe.skipIf(own?.proxyTarget === undefined)('a broker that fails', () => {
  const target = own?.proxyTarget;
  if (own === undefined || target === undefined) return;
  const { brokers } = own;
  const behindProxy = [`127.0.0.1:${proxy.port}`];
  const refuseUntilFailure = (rig: DeliveryRig): void => {
    const failures = rig.codes.length;
    proxy.fault = { kind: 'refuse' };
    const look = setInterval(() => {
      if (rig.codes.length === failures) return;
      clearInterval(look);
      proxy.fault = { kind: 'none' };
    }, 20);
  };
  beforeEach(() => {
    proxy.target = target;
    proxy.fault = { kind: 'none' };
  });
  afterAll(async () => {
    await proxy.close();
    await own.dispose();
  });
  const problemSaid = (rig: DeliveryRig, words: RegExp): Promise<void> =>
    expect.poll(() => rig.loop.problem() ?? '', { timeout: 60_000 }).toMatch(words);

  it('is down at start: the journal takes everything, and it is published when the broker is there', async () => {
    proxy.target = { host: '127.0.0.1', port: 1 };
    const rig = await DeliveryRig.start({ brokers: behindProxy });
    expect(rig.loop.problem()).toMatch(/not connected/);
    await rig.write(1_000);
    await problemSaid(rig, /cannot be reached/);
    proxy.target = target;
    await rig.loop.drain();
    expect(rig.loop.problem()).toBeUndefined();
    await expectDelivered(rig, brokers);
  });

  it.each([
    ['is stopped in order', () => own.stop()],
    ['is killed', () => own.kill()],
  ])('%s for a while: heap stays, the backlog is in the journal, and goes out when it is back', async (_how, end) => {
    const rig = await DeliveryRig.start({ brokers, maxEvents: 500 });
    await rig.write(2_000);
    await end();
    let grown: number;
    try {
      const large = (): Buffer => Buffer.alloc(LARGE_BYTES, 'x');
      // More than the journal keeps in memory for readers at its head.
      await rig.write(6_000, large);
      await problemSaid(rig, /cannot be reached|not answered/);
      const before = await heldBytes();
      await rig.write(BACKLOG, large);
      grown = (await heldBytes()) - before;
    } finally {
      // The tests after this one need it, too.
      await own.restart();
    }
    expect(grown).toBeLessThan((BACKLOG * LARGE_BYTES) / 3);
    await rig.loop.drain();
    await expectDelivered(rig, brokers);
  });

  it('loses its connection in the middle of a batch, again and again', async () => {
    const rig = await DeliveryRig.start({ brokers: behindProxy, maxEvents: 50 });
    let cuts = 0;
    rig.onPublish = (calls) => {
      if (cuts >= 30 || calls % 2 === 0) return;
      cuts += 1;
      // At different moments: before the request is out, on its way, before the answer.
      const wait = cuts % 6;
      const lasting = cuts % 10 === 0;
      setTimeout(() => {
        proxy.cut();
        // Until the client gives up, so that the loop sends the batch again with a new producer.
        if (lasting) refuseUntilFailure(rig);
      }, wait);
    };
    await rig.write(5_000);
    await rig.loop.drain();
    expect(cuts).toBe(30);
    expect(rig.codes.length).toBeGreaterThanOrEqual(3);
    await expectDelivered(rig, brokers);
  });

  it('takes connections and never answers: readiness says so; goes on when it answers again, and with new connections', async () => {
    const rig = await DeliveryRig.start({ brokers: behindProxy });
    await rig.write(500);
    await rig.loop.drain();
    proxy.fault = { kind: 'blackHole' };
    await rig.write(500);
    await problemSaid(rig, /not answered/);
    proxy.fault = { kind: 'none' };
    await rig.write(500);
    await rig.loop.drain();
    // Held bytes are lost with their connections this time.
    proxy.fault = { kind: 'blackHole' };
    await rig.write(500);
    await problemSaid(rig, /not answered/);
    proxy.cut();
    proxy.fault = { kind: 'none' };
    await rig.loop.drain();
    expect(rig.loop.problem()).toBeUndefined();
    await expectDelivered(rig, brokers);
  });

  it('is slow: everything goes out, once', async () => {
    proxy.fault = { kind: 'slow', delayMs: 100 };
    const rig = await DeliveryRig.start({ brokers: behindProxy, maxEvents: 500 });
    await rig.write(3_000);
    await rig.loop.drain();
    expect(rig.codes).toEqual([]);
    await expectDelivered(rig, brokers);
  });

  it('has its topic deleted by somebody: it is made anew, and what comes then is all there', async () => {
    const rig = await DeliveryRig.start({ brokers });
    await rig.write(1_000);
    await rig.loop.drain();
    const admin = testClient(brokers).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [`${rig.topics.prefix}.events`] });
    await admin.disconnect();
    rig.forgive();
    await rig.write(1_000);
    await rig.loop.drain();
    const report = await rig.report(brokers);
    expect(report).toMatchObject({ expected: 1_000, lost: 0, disordered: 0 });
    expect(rig.cursorAhead).toEqual([]);
  });

  it('does not take what is too large: it goes out as its beginning, in its place, also over cuts', async () => {
    const rig = await DeliveryRig.start({
      brokers: behindProxy,
      maxEvents: 20,
      topics: { overrides: { maxMessageBytes: 100_000 } },
    });
    rig.onPublish = (calls) => {
      if (calls % 5 === 1 && calls < 30) setTimeout(() => proxy.cut(), 3);
    };
    const oversize = JSON.stringify({ specversion: '1.0', data: 'x'.repeat(200_000) });
    await rig.write(200, (n) => Buffer.from(n % 40 === 7 ? oversize : '{"specversion":"1.0"}'));
    await rig.loop.drain();
    await expectDelivered(rig, brokers);
  });
});

/** What V8 holds on to after a collection, buffers included. */
async function heldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // The memory of buffers is given back some turns after the collection that found them dead.
  for (let turn = 0; turn < 3; turn += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('a cluster of two brokers', async () => {
  const found = await startKafkaCluster();
  if ('skipped' in found) {
    it.skip(`needs a Kafka cluster: ${found.skipped}`);
    return;
  }
  const cluster = found;
  afterAll(() => cluster.dispose());

  /** Partitions of the topic that the second broker leads. */
  async function ledBySecond(topic: string): Promise<number> {
    const admin = testClient(cluster.brokers).admin();
    await admin.connect();
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return (topics[0]?.partitions ?? []).filter(({ leader }) => leader === cluster.second.nodeId).length;
    } finally {
      await admin.disconnect();
    }
  }

  it('changes leaders by SIGKILL, by a stop in order and when they return: nothing is lost, the order holds', async () => {
    const rig = await DeliveryRig.start({
      brokers: cluster.brokers,
      topics: { partitions: 6, replicationFactor: 2, overrides: { minInsyncReplicas: 1 } },
    });
    const topic = `${rig.topics.prefix}.events`;
    await rig.write(1_000);
    await rig.loop.drain();
    const led = await ledBySecond(topic);
    expect(led).toBeGreaterThan(0);
    for (const end of [() => cluster.second.kill(), () => cluster.second.stop()]) {
      const ended = end();
      await rig.write(2_000);
      await ended;
      await rig.write(1_000);
      await rig.loop.drain();
      expect(await ledBySecond(topic)).toBe(0);
      await cluster.second.restart();
      await rig.write(1_000);
      // The controller gives the partitions back; batches go out meanwhile.
      await expect
        .poll(
          async () => {
            await rig.write(50);
            return ledBySecond(topic);
          },
          { timeout: 60_000, interval: 200 },
        )
        .toBe(led);
      await rig.write(500);
      await rig.loop.drain();
    }
    await expectDelivered(rig, cluster.brokers);
  });
});
