import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../tcp/free-port.js';
import { JavaKafkaProcess } from './java-process.js';
import { nodeProperties } from './java-properties.js';
import { kafkaJars, runs } from './kafka-jars.js';
import { waitUntilReady } from './kafka-ready.js';
import type { KafkaAttempt, KafkaOptions, KafkaServer } from './kafka-server.js';

/** Class path of Kafka's jars, or why there is none. @throws when Maven fails */
export async function javaClassPath(): Promise<{ readonly classPath: string } | { readonly unavailable: string }> {
  if (process.platform === 'win32') return { unavailable: 'a Kafka by Java needs a POSIX shell' };
  const [java, maven] = await Promise.all([runs('java', '-version'), runs('mvn', '-version')]);
  if (!java || !maven) return { unavailable: `${java ? 'Maven' : 'Java'} is not installed` };
  return { classPath: join(await kafkaJars(), '*') };
}

/** The format command would take a leading dash for an option. */
export function newClusterId(): string {
  return randomBytes(16).toString('base64url').replace(/^-/, 'A');
}

/** Apache Kafka in one process (KRaft), from the jars that Maven fetches. */
export async function javaKafka(options: KafkaOptions): Promise<KafkaAttempt> {
  const found = await javaClassPath();
  if ('unavailable' in found) return found;
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'livetap-kafka-')));
  const [port = 0, controllerPort = 0, proxiedPort = 0] = await freePorts(3);
  const node = await JavaKafkaProcess.create({
    classPath: found.classPath,
    directory,
    clusterId: newClusterId(),
    optimised: options.optimised ?? false,
    properties: nodeProperties({
      nodeId: 1,
      roles: 'broker,controller',
      data: join(directory, 'data'),
      listeners: [
        { name: 'PLAINTEXT', protocol: 'PLAINTEXT', port },
        {
          name: 'PROXIED',
          protocol: 'PLAINTEXT',
          port: proxiedPort,
          ...(options.proxyPort === undefined ? {} : { advertisedPort: options.proxyPort }),
        },
      ],
      controller: { nodeId: 1, port: controllerPort },
    }),
  });
  const brokers = [`127.0.0.1:${port}`];
  const server: KafkaServer = {
    brokers,
    origin: 'java',
    proxyTarget: { host: '127.0.0.1', port: proxiedPort },
    stop: () => node.stop(),
    kill: () => node.kill(),
    restart: async () => {
      await node.launch();
      await waitUntilReady(brokers, () => node.gone).catch((error: unknown) => node.fail(error));
    },
    dispose: async () => {
      await node.kill();
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
  await server.restart();
  return { server };
}
