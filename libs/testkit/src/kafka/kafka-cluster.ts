import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../tcp/free-port.js';
import { javaClassPath, newClusterId } from './java-kafka.js';
import { JavaKafkaProcess } from './java-process.js';
import { nodeProperties } from './java-properties.js';
import { testClient, waitUntilReady } from './kafka-ready.js';
import type { KafkaSkipped } from './kafka-server.js';

/** A broker of a cluster that can be ended and brought back. */
export interface ClusterBroker {
  readonly nodeId: number;
  /** Ends it in order: it hands its partitions over first. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again and waits until it is in the cluster. */
  restart(): Promise<void>;
}

/** Two brokers. The first one is the controller as well and stays; the second one may come and go. */
export interface KafkaCluster {
  readonly brokers: readonly string[];
  readonly second: ClusterBroker;
  dispose(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
const PAUSE_MS = 200;

/** Leaders go back to the preferred broker by themselves a second after it is in step again. Needs Java and Maven. */
export async function startKafkaCluster(): Promise<KafkaCluster | KafkaSkipped> {
  const found = await javaClassPath();
  if ('unavailable' in found) return { skipped: found.unavailable };
  const directory = await mkdtemp(join(tmpdir(), 'livetap-kafka-'));
  const [firstPort = 0, secondPort = 0, controllerPort = 0] = await freePorts(3);
  const clusterId = newClusterId();
  const node = (nodeId: number, port: number, roles: 'broker,controller' | 'broker'): Promise<JavaKafkaProcess> => {
    const own = join(directory, String(nodeId));
    return JavaKafkaProcess.create({
      classPath: found.classPath,
      directory: own,
      clusterId,
      properties: {
        ...nodeProperties({
          nodeId,
          roles,
          data: join(own, 'data'),
          listeners: [{ name: 'PLAINTEXT', protocol: 'PLAINTEXT', port }],
          controller: { nodeId: 1, port: controllerPort },
        }),
        // A broker that is gone is noticed in seconds, as in a cluster it would be in its default of nine.
        'broker.session.timeout.ms': 3_000,
        'broker.heartbeat.interval.ms': 500,
        'replica.lag.time.max.ms': 3_000,
        'leader.imbalance.check.interval.seconds': 1,
        'leader.imbalance.per.broker.percentage': 0,
        'default.replication.factor': 2,
        'min.insync.replicas': 1,
      },
    });
  };
  const [first, second] = await Promise.all([node(1, firstPort, 'broker,controller'), node(2, secondPort, 'broker')]);
  const brokers = [`127.0.0.1:${firstPort}`, `127.0.0.1:${secondPort}`];
  const launch = async (process: JavaKafkaProcess, seed: readonly string[], members: number): Promise<void> => {
    await process.launch();
    await waitUntilReady(seed, () => process.gone).catch((error: unknown) => process.fail(error));
    await untilMembers(seed, members);
  };
  await launch(first, brokers.slice(0, 1), 1);
  await launch(second, brokers, 2);
  return {
    brokers,
    second: {
      nodeId: 2,
      stop: () => second.stop(),
      kill: () => second.kill(),
      restart: () => launch(second, brokers, 2),
    },
    dispose: async () => {
      await Promise.all([first.kill(), second.kill()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function untilMembers(brokers: readonly string[], members: number): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  const admin = testClient(brokers).admin();
  await admin.connect();
  try {
    while ((await admin.describeCluster()).brokers.length < members) {
      if (performance.now() > deadline) throw new Error(`The cluster has not ${members} brokers in time.`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  } finally {
    await admin.disconnect();
  }
}
