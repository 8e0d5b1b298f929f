import type { Provider, Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { SILENT_LOGGER, type Logger } from '../../common/logger.port.js';
import { MemoryStreamerStore } from '../../streamers/memory-streamer-store.js';
import { StreamerService } from '../../streamers/streamer-service.js';
import { AccessPolicy } from '../access.js';
import { createHttpAdapter } from '../http-adapter.js';
import { setUpHttpApp } from '../http-app.js';
import { ProblemFilter } from '../problem.filter.js';
import { RouteTable } from '../route-table.js';

export interface TestAppOptions {
  readonly controllers: Type[];
  readonly providers: Provider[];
  /** By default everybody may everything, as on loopback without keys. */
  readonly policy?: AccessPolicy;
  readonly logger?: Logger;
  /** Of one key; by default no limit. */
  readonly requestsPerMinute?: number;
  /** By default a place where no page is. */
  readonly pageFolder?: string;
}

/** The HTTP application of the service with these controllers, version 1.2.3. It answers `inject` and listens nowhere yet. */
export async function testApp(options: TestAppOptions): Promise<NestFastifyApplication> {
  const { controllers, providers, logger = SILENT_LOGGER, requestsPerMinute = 0, pageFolder = '/nowhere' } = options;
  const policy =
    options.policy ?? new AccessPolicy({ apiKeys: [], loopback: true, allowedHosts: [], host: '127.0.0.1' });
  const routes = new RouteTable();
  const problems = new ProblemFilter(routes, logger);
  const adapter = await createHttpAdapter({ policy, routes, problems, requestsPerMinute });
  const module = await Test.createTestingModule({ controllers, providers }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(adapter, { bodyParser: false, logger: false });
  setUpHttpApp(app, { problems, version: '1.2.3', pageFolder });
  await app.init();
  await adapter.getInstance().ready();
  return app;
}

/** Opens a port of loopback. @returns the address of the application, without a slash at its end */
export async function listen(app: NestFastifyApplication): Promise<string> {
  const server = app.getHttpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  return `http://127.0.0.1:${port}`;
}

/** Ends an application that listens, whatever its clients still read. */
export async function hangUp(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpServer();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await app.close();
}

/** Streamers in memory that nobody watches. */
export function idleStreamers(): StreamerService {
  return new StreamerService({
    store: new MemoryStreamerStore(),
    activity: { activityOf: () => undefined },
    control: { added: () => undefined, changed: async () => undefined, removed: async () => undefined },
  });
}
