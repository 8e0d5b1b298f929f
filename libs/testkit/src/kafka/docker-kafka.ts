import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { freePorts } from '../tcp/free-port.js';
import { KAFKA_VERSION, runs } from './kafka-jars.js';
import { waitUntilReady } from './kafka-ready.js';
import type { KafkaAttempt, KafkaOptions, KafkaServer } from './kafka-server.js';

const docker = (...args: string[]): Promise<unknown> => promisify(execFile)('docker', args);

/** Apache Kafka in a container. */
export async function dockerKafka(options: KafkaOptions): Promise<KafkaAttempt> {
  if (!(await runs('docker', 'info'))) return { unavailable: 'no Docker engine answers' };
  const name = `livetap-kafka-${randomUUID()}`;
  const [port = 0, proxiedPort = 0] = await freePorts(2);
  const settings = {
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_NODE_ID: '1',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    KAFKA_LISTENERS: `PLAINTEXT://0.0.0.0:${port},PROXIED://0.0.0.0:${proxiedPort},CONTROLLER://localhost:9093`,
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port},PROXIED://127.0.0.1:${options.proxyPort ?? proxiedPort}`,
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT',
    KAFKA_INTER_BROKER_LISTENER_NAME: 'PLAINTEXT',
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
    KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR: '1',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    // Test events bear times of long ago: the broker would delete them for their age half a minute after its start.
    KAFKA_LOG_INITIAL_TASK_DELAY_MS: '86400000',
  };
  const environment = Object.entries(settings).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
  const published = [port, proxiedPort].flatMap((each) => ['-p', `127.0.0.1:${each}:${each}`]);
  await docker('create', '--name', name, ...environment, ...published, `apache/kafka:${KAFKA_VERSION}`);
  const brokers = [`127.0.0.1:${port}`];
  const server: KafkaServer = {
    brokers,
    origin: 'docker',
    proxyTarget: { host: '127.0.0.1', port: proxiedPort },
    stop: async () => void (await docker('stop', name)),
    kill: async () => void (await docker('kill', name)),
    restart: async () => {
      await docker('start', name);
      await waitUntilReady(brokers);
    },
    dispose: async () => void (await docker('rm', '-f', '-v', name)),
  };
  try {
    await server.restart();
  } catch (error) {
    await server.dispose();
    throw error;
  }
  return { server };
}
