import { topicName } from '@livetap/contracts';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { KeyRing } from './access/key-ring.js';
import { AccessPolicy } from './admin/access.js';
import { createHttpAdapter } from './admin/http-adapter.js';
import { setUpHttpApp } from './admin/http-app.js';
import { ProblemFilter } from './admin/problem.filter.js';
import { RouteTable } from './admin/route-table.js';
import { AppModule } from './app.module.js';
import { ensureCommandTopics } from './commands/command-topics.adapter.js';
import { commandTopics, CommandTransport } from './commands/command-transport.js';
import type { CrashPoints } from './common/crash-point.js';
import { Redactor } from './common/redactor.js';
import { SystemClock, SystemRandom } from './common/system-clock.adapter.js';
import { ConfigError } from './config/config.error.js';
import { loadConfig, secretsOf } from './config/load-config.js';
import { readEnvironment } from './config/read-environment.js';
import type { WatcherConfig } from './config/watcher-config.js';
import { announce } from './operations/announce.js';
import { readBuildInfo } from './operations/build-info.adapter.js';
import { takeDataFolder } from './operations/data-folder.adapter.js';
import { Drain } from './operations/drain.js';
import { mostRoomSockets } from './operations/file-descriptors.adapter.js';
import type { Foundation } from './operations/foundation.js';
import { Health } from './operations/health.js';
import { HttpGate } from './operations/http-gate.adapter.js';
import { JsonLogger } from './operations/json-logger.js';
import { Lifecycle } from './operations/lifecycle.js';
import { Metrics } from './operations/metrics.js';
import { NestLogger } from './operations/nest-logger.js';
import { Service } from './operations/service.js';
import { untilSpace } from './operations/until-space.js';

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/** The whole life of the process: settings, port, data folder, application, running, orderly stop. Returns the exit code. */
async function live(config: WatcherConfig, crashPoints: CrashPoints): Promise<number> {
  const redactor = new Redactor(secretsOf(config));
  const logger = new JsonLogger({ level: config.logLevel, redactor });
  const lifecycle = new Lifecycle(
    { on: (event, listener) => process.on(event, listener as () => void), exit: (code) => process.exit(code), tell },
    logger,
  );
  lifecycle.install();
  const clock = new SystemClock();
  const drain = new Drain({ clock, logger, timeoutMs: config.shutdownTimeoutMs, crashPoints });
  const gate = new HttpGate();
  let app: NestFastifyApplication | undefined;
  try {
    await gate.listen(config.http.host, config.http.port);
    const random = new SystemRandom();
    const folder = await untilSpace(() => takeDataFolder(config.storage.dataDir, crashPoints), {
      clock,
      random,
      logger,
      signal: lifecycle.starting,
      onWaiting: (reason) => gate.waitingFor(reason),
    });
    drain.add({ phase: 'data', name: 'data folder', run: () => folder.release() });
    const build = readBuildInfo();
    const keyRing = new KeyRing({ clock, logger });
    const foundation: Foundation = {
      config,
      redactor,
      logger,
      clock,
      random,
      crashPoints,
      drain,
      health: new Health(),
      metrics: new Metrics({
        ...build,
        canaryTopic: topicName(config.topics.prefix, 'canary', config.topics.strategy),
      }).withProcessFigures(),
      access: { keyRing, policy: new AccessPolicy({ ...config.http, keyRing }) },
      folder,
      maxRoomSockets: await mostRoomSockets(),
      build,
      starting: lifecycle.starting,
      onWaiting: (reason) => gate.waitingFor(reason),
      onFatal: (error) => lifecycle.fail(error),
    };
    logger.info('service.starting', {
      ...build,
      replicaId: folder.replicaId,
      mode: config.kafka ? 'publish' : 'journalOnly',
    });
    app = await createApp(foundation, gate);
    const commands = createCommands(app, foundation);
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    lifecycle.starting.throwIfAborted();
    gate.open();
    await app.get(Service).start(commands);
    await announce({ foundation, port: gate.port, out: (line) => void process.stdout.write(`${line}\n`) });
  } catch (error) {
    // A stop that was asked for meanwhile is no failure.
    if (!lifecycle.stopping) lifecycle.fail(error);
  }
  await lifecycle.stopRequested;
  await drain.run();
  gate.shut();
  await app?.close();
  await gate.close();
  logger.info('service.stopped', { exitCode: lifecycle.exitCode });
  return lifecycle.exitCode;
}

async function createApp(foundation: Foundation, gate: HttpGate): Promise<NestFastifyApplication> {
  const { config, logger, build, redactor, access } = foundation;
  const routes = new RouteTable();
  const problems = new ProblemFilter(routes, logger, redactor);
  const adapter = await createHttpAdapter({
    policy: access.policy,
    routes,
    problems,
    requestsPerMinute: config.http.requestsPerMinute,
    serverFactory: gate.serverFactory,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.register(foundation), adapter, {
    abortOnError: false,
    bodyParser: false,
    logger: new NestLogger(logger),
  });
  setUpHttpApp(app, { problems, version: build.version });
  return app;
}

function createCommands(app: NestFastifyApplication, foundation: Foundation): CommandTransport | undefined {
  const { config, logger, clock, random } = foundation;
  const { kafka } = config;
  if (!config.commands) return undefined;
  if (!kafka) {
    logger.warn('commands.withoutKafka', {
      hint: 'LIVETAP_COMMANDS is on but KAFKA_BROKERS is not set: set it, or use REST.',
    });
    return undefined;
  }
  const topics = commandTopics(config.topics.prefix);
  const clientId = 'livetap-commands';
  const { partitions: replyPartitions, replicationFactor, create } = config.topics;
  const ensureTopics = (): Promise<void> =>
    ensureCommandTopics({ kafka, clientId, topics, replyPartitions, replicationFactor, create });
  return new CommandTransport({ app, kafka, clientId, topics, clock, random, logger, ensureTopics });
}

function readConfig(): WatcherConfig {
  try {
    return loadConfig(readEnvironment());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    tell(error.message);
    process.exit(error.exitCode);
  }
}

/**
 * Runs the service from its settings to its end. Returns the exit code: the caller ends the process, for what is left
 * open then has no more work to do.
 */
export function runWatcher(crashPoints: CrashPoints): Promise<number> {
  return live(readConfig(), crashPoints);
}
