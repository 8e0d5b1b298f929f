// Child of tail-load.mjs: the route of the live tail with a real journal on disk, fed with made-up events at a given rate.
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const dist = (path) => import(new URL(`../../apps/watcher/dist/${path}.js`, import.meta.url));
const [
  { SILENT_LOGGER },
  { SystemClock },
  { openJournal },
  { JournalTailLog },
  { LiveTail },
  { AccessPolicy },
  { EventsController },
  { createHttpAdapter },
  { setUpHttpApp },
  { ProblemFilter },
  { RouteTable },
  { StreamerService },
] = await Promise.all(
  [
    'common/logger.port',
    'common/system-clock.adapter',
    'journal/open-journal.adapter',
    'livetail/journal-tail-log',
    'livetail/live-tail',
    'admin/access',
    'admin/events.controller',
    'admin/http-adapter',
    'admin/http-app',
    'admin/problem.filter',
    'admin/route-table',
    'streamers/streamer-service',
  ].map(dist),
);

const MOST_AT_ONCE = 5_000;
const MEBIBYTE = 1024 * 1024;

const directory = await mkdtemp(join(tmpdir(), 'livetap-tail-'));
const clock = new SystemClock();
const journal = await openJournal({
  directory,
  maxBytes: 4 * 1024 * MEBIBYTE,
  maxAgeMs: 3_600_000,
  clock,
  readers: [],
});
const tail = new LiveTail({ log: new JournalTailLog(journal), clock });

/** Nobody is looked up in a database here: names are what they are. */
const streamers = { get: () => Promise.reject(new Error('not known')) };
class TailModule {}
Module({
  controllers: [EventsController],
  providers: [
    { provide: LiveTail, useValue: tail },
    { provide: StreamerService, useValue: streamers },
  ],
})(TailModule);
const routes = new RouteTable();
const problems = new ProblemFilter(routes, SILENT_LOGGER);
const policy = new AccessPolicy({ apiKeys: [], loopback: true, allowedHosts: [], host: '127.0.0.1' });
const adapter = await createHttpAdapter({ policy, routes, problems, requestsPerMinute: 0 });
const app = await NestFactory.create(TailModule, adapter, { bodyParser: false, logger: false });
setUpHttpApp(app, { problems, version: '1', pageFolder: '/nowhere' });
await app.init();
await adapter.getInstance().ready();
const server = app.getHttpServer();
server.listen(0, '127.0.0.1', () => process.send({ kind: 'ready', port: server.address().port }));

const FILLING = 'x'.repeat(380);

function eventOf(streamer, n) {
  const subject = `s${streamer}`;
  const value = `{"specversion":"1.0","id":"${n}","source":"/tiktok/rooms/${streamer}","type":"livetap.chat.v1","subject":"${subject}","sentat":${Date.now()},"data":{"comment":"${FILLING}"}}`;
  return {
    topic: 'chat',
    key: String(streamer),
    id: String(n),
    type: 'livetap.chat.v1',
    source: `/tiktok/rooms/${streamer}`,
    subject,
    recordedAt: Date.now(),
    value: Buffer.from(value),
  };
}

/** Events of all streamers in turn; what a streamer sends is numbered from 1. */
async function feed({ rate, seconds, count }) {
  const started = performance.now();
  const cpu = process.cpuUsage();
  let appended = 0;
  const total = rate * seconds;
  while (appended < total) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1_000) * rate)) - appended;
    if (due <= 0) await pause(2);
    else {
      const events = Array.from({ length: Math.min(due, MOST_AT_ONCE) }, (_, index) => {
        const at = appended + index;
        return eventOf(at % count, Math.floor(at / count) + 1);
      });
      await journal.append(events);
      appended += events.length;
    }
  }
  const { user, system } = process.cpuUsage(cpu);
  process.send({ kind: 'fed', appended, ms: performance.now() - started, cpuMs: (user + system) / 1_000 });
}

process.on('message', async (order) => {
  if (order.kind === 'feed') await feed(order);
  if (order.kind === 'clients')
    process.send({ kind: 'clients', clients: tail.clients, rss: process.memoryUsage().rss });
  if (order.kind === 'stop') {
    tail.close();
    server.closeAllConnections();
    await app.close();
    await journal.close();
    await rm(directory, { recursive: true, force: true });
    process.exit(0);
  }
});
