import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../tcp/free-port.js';
import { kafkaJars, runs } from './kafka-jars.js';
import { waitUntilReady } from './kafka-ready.js';
import type { KafkaAttempt, KafkaOptions, KafkaServer } from './kafka-server.js';

const STOP_TIMEOUT_MS = 20_000;
const JAVA_FLAGS = [
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Djava.awt.headless=true',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
];

/**
 * Runs the server ($2 …) with its output in a file ($1), says its pid, and kills it when this process ends in whatever way
 * (its end of the pipe closes). Ends when the server ends.
 */
const WATCHED =
  'log="$1"; shift; exec 3<&0; "$@" </dev/null >>"$log" 2>&1 & server=$!; echo "$server"; (cat <&3; kill -9 "$server") >/dev/null 2>&1 & exec 1>&-; wait "$server"';

/** Apache Kafka in one process (KRaft), from the jars that Maven fetches. */
export async function javaKafka(options: KafkaOptions): Promise<KafkaAttempt> {
  if (process.platform === 'win32') return { unavailable: 'a Kafka by Java needs a POSIX shell' };
  const [java, maven] = await Promise.all([runs('java', '-version'), runs('mvn', '-version')]);
  if (!java || !maven) return { unavailable: `${java ? 'Maven' : 'Java'} is not installed` };
  const jars = await kafkaJars();
  const server = await JavaKafka.create(join(jars, '*'), options);
  await server.restart();
  return { server };
}

class JavaKafka implements KafkaServer {
  readonly origin = 'java';
  readonly brokers: readonly string[];
  readonly #log: string;
  #running: { readonly shell: ChildProcess; readonly pid: number; readonly ended: Promise<void> } | undefined;

  private constructor(
    private readonly classPath: string,
    private readonly directory: string,
    private readonly temporary: boolean,
    port: number,
    readonly proxyTarget: { readonly host: string; readonly port: number },
  ) {
    this.brokers = [`127.0.0.1:${port}`];
    this.#log = join(directory, 'server.log');
  }

  static async create(classPath: string, options: KafkaOptions): Promise<JavaKafka> {
    const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'livetap-kafka-')));
    await mkdir(directory, { recursive: true });
    const [port = 0, controllerPort = 0, proxiedPort = 0] = await freePorts(3);
    const data = join(directory, 'data');
    await writeFile(
      join(directory, 'server.properties'),
      properties({ data, port, controllerPort, proxiedPort, proxyPort: options.proxyPort ?? proxiedPort }),
    );
    const server = new JavaKafka(classPath, directory, options.directory === undefined, port, {
      host: '127.0.0.1',
      port: proxiedPort,
    });
    const formatted = await access(join(data, 'meta.properties')).then(
      () => true,
      () => false,
    );
    if (!formatted) await server.#format();
    return server;
  }

  async #format(): Promise<void> {
    // The format command would take a leading dash for an option.
    const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
    await promisify(execFile)('java', [
      ...JAVA_FLAGS,
      '-cp',
      this.classPath,
      'kafka.tools.StorageTool',
      'format',
      '-t',
      clusterId,
      '-c',
      join(this.directory, 'server.properties'),
    ]);
  }

  async restart(): Promise<void> {
    if (this.#running !== undefined) throw new Error('Kafka runs already.');
    const shell = spawn(
      'sh',
      [
        '-c',
        WATCHED,
        'sh',
        this.#log,
        'java',
        ...JAVA_FLAGS,
        '-cp',
        this.classPath,
        'kafka.Kafka',
        join(this.directory, 'server.properties'),
      ],
      {
        stdio: ['pipe', 'pipe', 'ignore'],
      },
    );
    let gone: string | undefined;
    const ended = new Promise<void>((resolve) => {
      const end = (how: string): void => {
        gone = how;
        shell.stdin.destroy();
        resolve();
      };
      shell.once('error', (error) => end(error.message));
      shell.once('exit', (code) => end(`exit code ${code ?? 'none'}`));
    });
    const pid = Number(
      await new Promise<Buffer | string>((resolve) => {
        shell.stdout.once('data', resolve);
        void ended.then(() => resolve(''));
      }),
    );
    this.#running = { shell, pid, ended };
    // Servers of a forgotten test must not keep the test process alive.
    shell.unref();
    try {
      await waitUntilReady(this.brokers, () => gone);
    } catch (error) {
      const log = await readFile(this.#log, 'utf8').catch(() => '');
      await this.kill();
      throw new Error(`Kafka did not start. The end of its log:\n${log.slice(-2000)}`, { cause: error });
    }
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    signal(running.pid, 'SIGTERM');
    const late = setTimeout(() => signal(running.pid, 'SIGKILL'), STOP_TIMEOUT_MS);
    await running.ended;
    clearTimeout(late);
    this.#running = undefined;
  }

  async kill(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    signal(running.pid, 'SIGKILL');
    await running.ended;
    this.#running = undefined;
  }

  async dispose(): Promise<void> {
    await this.kill();
    if (this.temporary) await rm(this.directory, { recursive: true, force: true });
  }
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  if (!(pid > 0)) return;
  try {
    process.kill(pid, name);
  } catch (error) {
    // It ended by itself this moment.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function properties(ports: {
  data: string;
  port: number;
  controllerPort: number;
  proxiedPort: number;
  proxyPort: number;
}): string {
  const settings: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${ports.controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${ports.port},PROXIED://127.0.0.1:${ports.proxiedPort},CONTROLLER://127.0.0.1:${ports.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${ports.port},PROXIED://127.0.0.1:${ports.proxyPort}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': ports.data,
    'auto.create.topics.enable': 'false',
    'offsets.topic.num.partitions': 4,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
