import { createServer, type Server } from 'node:net';
import { randomUUID } from 'node:crypto';
import { freePorts, startKafka, TcpProxy } from '@livetap/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { startTestPostgres } from '../setup/postgres.js';
import { consumeAll, expectSameMessages } from './ledger-check.js';
import { eventually, Simulator, temporaryFolder, Watcher } from './processes.js';

const brokers = inject('kafkaBrokers');

interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

describe('bad input gets a problem+json answer that helps', () => {
  let watcher: Watcher;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    folder = await temporaryFolder();
    // Nothing is live there: this suite only asks the API.
    const [nowhere] = await freePorts(1);
    watcher = await Watcher.start({
      LIVETAP_DATA_DIR: folder.path,
      LIVETAP_TIKTOK_WEB_URL: `http://127.0.0.1:${nowhere}`,
      LIVETAP_TIKTOK_WEBCAST_URL: `http://127.0.0.1:${nowhere}`,
      LIVETAP_TIKTOK_SOCKET_URL: `ws://127.0.0.1:${nowhere}`,
      SIGN_API_URL: `http://127.0.0.1:${nowhere}`,
    });
    expect((await watcher.call('/v1/streamers', { method: 'POST', body: { uniqueId: 'known.name' } })).status).toBe(
      201,
    );
  });
  afterAll(async () => {
    expect(await watcher.stop()).toBe(0);
    await folder.remove();
  });

  const cases: [string, number, RegExp, () => Promise<Response>][] = [
    [
      'an invalid uniqueId',
      400,
      /letters, digits/,
      () => watcher.call('/v1/streamers', { method: 'POST', body: { uniqueId: 'no spaces!' } }),
    ],
    [
      'an unknown field',
      400,
      /color/,
      () => watcher.call('/v1/streamers', { method: 'POST', body: { uniqueId: 'other', color: 'red' } }),
    ],
    [
      'a duplicate',
      409,
      /known\.name/,
      () => watcher.call('/v1/streamers', { method: 'POST', body: { uniqueId: '@Known.Name' } }),
    ],
    [
      'a body of 5 MB',
      413,
      /MiB|MB|bytes/i,
      () => watcher.call('/v1/streamers', { method: 'POST', body: { uniqueId: 'x'.repeat(5_000_000) } }),
    ],
    ['a missing streamer', 404, /missing\.one/, () => watcher.call('/v1/streamers/missing.one')],
    [
      'a body that is no JSON',
      400,
      /JSON/,
      () =>
        fetch(`${watcher.url}/v1/streamers`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"uniqueId":',
        }),
    ],
    [
      'another content type',
      415,
      /application\/json/,
      () =>
        fetch(`${watcher.url}/v1/streamers`, {
          method: 'POST',
          headers: { 'content-type': 'text/plain' },
          body: 'hello',
        }),
    ],
    ['a route that does not exist', 404, /\/v1\/nothing/, () => watcher.call('/v1/nothing')],
    ['a limit that is no number', 400, /limit/, () => watcher.call('/v1/streamers?limit=many')],
    ['a session that does not exist', 404, /123/, () => watcher.call('/v1/sessions/123')],
  ];
  it.each(cases)('%s', async (_name, status, words, ask) => {
    const answer = await ask();
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem = (await answer.json()) as Problem;
    expect(problem.status).toBe(status);
    expect(problem.title.length).toBeGreaterThan(3);
    expect(problem.detail).toMatch(words);
  });

  it('a request under a foreign host name is refused: a web page cannot reach the API by DNS rebinding', async () => {
    const { request } = await import('node:http');
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request(`${watcher.url}/v1/streamers`, { headers: { host: 'evil.example' } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  it('a second process on the same data directory does not start', async () => {
    const second = await Watcher.launch({ LIVETAP_DATA_DIR: folder.path });
    const code = await second.program.exited();
    expect(code).not.toBe(0);
    expect(second.program.output).toMatch(/another|already|in use/i);
  });
});

describe('a start that cannot succeed says why and ends with the right code', () => {
  it('wrong settings: all of them are named, none of the values, exit 78', async () => {
    const watcher = await Watcher.launch({
      LIVETAP_HTTP_PORT: 'sekret-port',
      LIVETAP_TOPIC_STRATEGY: 'sekret-strategy',
      LIVETAP_JOURNAL_MAX_BYTES: '-5',
      LIVETAP_NO_SUCH_SETTING: 'sekret-value',
      LIVETAP_API_KEYS: 'sekret-key-without-a-role',
    });
    expect(await watcher.program.exited()).toBe(78);
    for (const name of [
      'LIVETAP_HTTP_PORT',
      'LIVETAP_TOPIC_STRATEGY',
      'LIVETAP_JOURNAL_MAX_BYTES',
      'LIVETAP_NO_SUCH_SETTING',
      'LIVETAP_API_KEYS',
    ]) {
      expect(watcher.program.output).toContain(name);
    }
    expect(watcher.program.output).not.toContain('sekret');
  });

  it('not on loopback without a key: exit 78', async () => {
    const watcher = await Watcher.launch({ LIVETAP_HTTP_HOST: '0.0.0.0' });
    expect(await watcher.program.exited()).toBe(78);
    expect(watcher.program.output).toContain('LIVETAP_API_KEYS');
  });

  it('a port in use: named, and the process ends', async () => {
    const server: Server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = String((server.address() as { port: number }).port);
    const folder = await temporaryFolder();
    try {
      const watcher = await Watcher.launch({ LIVETAP_HTTP_PORT: port, LIVETAP_DATA_DIR: folder.path });
      const code = await watcher.program.exited();
      expect(code).not.toBe(0);
      expect(watcher.program.output).toContain(port);
      expect(watcher.program.output).toMatch(/in use/i);
    } finally {
      server.close();
      await folder.remove();
    }
  });
});

describe('servers that are down at start are waited for', () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const step of cleanUps.splice(0).reverse()) await step();
  });

  it('a database that is down: said once, then ready when it is back', async () => {
    const postgres = await startTestPostgres();
    cleanUps.push(() => postgres.stop());
    const database = new URL(await postgres.createDatabase());
    const [port = 0] = await freePorts(1);
    const target = { host: database.hostname, port: Number(database.port) };
    database.port = String(port);
    const folder = await temporaryFolder();
    cleanUps.push(() => folder.remove());
    const watcher = await Watcher.launch({ LIVETAP_DATA_DIR: folder.path, DATABASE_URL: database.href });
    cleanUps.push(() => watcher.stop());
    await watcher.program.printed(/database/i);
    expect(watcher.program.output).not.toContain(database.password || 'no-password-here');
    const proxy = await TcpProxy.start(target, port);
    cleanUps.push(() => proxy.close());
    await watcher.program.printed(/Livetap is ready/);
    expect((await watcher.call('/v1/streamers')).status).toBe(200);
  });

  it.skipIf(brokers.length === 0)(
    'a broker that is down: the journal holds the events, and they are published when it is up',
    async () => {
      const [port = 0] = await freePorts(1);
      const simulator = await Simulator.start(['--streamers', '10', '--seed', '3']);
      cleanUps.push(() => simulator.stop());
      const folder = await temporaryFolder();
      cleanUps.push(() => folder.remove());
      const prefix = `late.${randomUUID().slice(0, 8)}`;
      const watcher = await Watcher.launch({
        ...simulator.settings,
        LIVETAP_DATA_DIR: folder.path,
        KAFKA_BROKERS: `127.0.0.1:${port}`,
        LIVETAP_TOPIC_PREFIX: prefix,
      });
      cleanUps.push(() => watcher.stop());
      await watcher.program.printed(/"(level|event|msg)".*[Kk]afka|broker/);
      await eventually('the API answers', async () => ((await watcher.call('/livez')).ok ? true : undefined));
      const notReady = await watcher.call('/readyz');
      expect(notReady.status).toBe(503);
      expect(await notReady.text()).toMatch(/kafka|publisher/i);
      await watcher.add((await simulator.streamers()).map(({ uniqueId }) => uniqueId));
      await eventually('events wait in the journal', async () =>
        (await watcher.metric('livetap_journal_events')) > 20 ? true : undefined,
      );

      const kafka = await startKafka({ proxyPort: port, environment: {} });
      if ('skipped' in kafka) throw new Error(kafka.skipped);
      cleanUps.push(() => kafka.dispose());
      const proxy = await TcpProxy.start(kafka.proxyTarget ?? { host: '127.0.0.1', port }, port);
      cleanUps.push(() => proxy.close());
      await eventually('ready', async () => ((await watcher.call('/readyz')).ok ? true : undefined));
      await simulator.quiesce();
      const sent = (await simulator.sent()).length;
      await eventually('everything is published', async () =>
        (await watcher.metric('livetap_events_published_total')) >= sent ? true : undefined,
      );
      expect(await watcher.stop()).toBe(0);
      expectSameMessages(await consumeAll(kafka.brokers, prefix), await simulator.sent());
    },
  );
});
