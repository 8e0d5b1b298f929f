import { randomUUID } from 'node:crypto';
import { startKafka, TcpProxy } from '@livetap/testkit';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startTestPostgres, withClient } from '../setup/postgres.js';
import { readiness, untilReady, untilReason } from './faulty-services.js';
import { eventually, Simulator, temporaryFolder, Watcher } from './processes.js';

const brokers = inject('kafkaBrokers');

describe.skipIf(brokers.length === 0)('readiness tells each fault by its code, and its end', () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  let watcher: Watcher;
  let settings: Record<string, string>;
  let database: TcpProxy;
  let kafka: TcpProxy;
  let directDatabase: string;
  const report: string[] = [];

  beforeAll(async () => {
    const postgres = await startTestPostgres();
    cleanUps.push(() => postgres.stop());
    directDatabase = await postgres.createDatabase();
    const address = new URL(directDatabase);
    database = await TcpProxy.start({ host: address.hostname, port: Number(address.port) });
    cleanUps.push(() => database.close());
    address.port = String(database.port);
    // The proxy is there first: the server tells its clients the proxy's port.
    kafka = await TcpProxy.start({ host: '127.0.0.1', port: 9 });
    cleanUps.push(() => kafka.close());
    const server = await startKafka({ proxyPort: kafka.port, environment: {} });
    if ('skipped' in server) throw new Error(server.skipped);
    cleanUps.push(() => server.dispose());
    if (server.proxyTarget) kafka.target = server.proxyTarget;
    const simulator = await Simulator.start(['--streamers', '3', '--seed', '11', '--rate', '20']);
    cleanUps.push(() => simulator.stop());
    const folder = await temporaryFolder();
    cleanUps.push(() => folder.remove());
    const since = performance.now();
    settings = {
      ...simulator.settings,
      LIVETAP_DATA_DIR: folder.path,
      DATABASE_URL: address.href,
      KAFKA_BROKERS: `127.0.0.1:${kafka.port}`,
      LIVETAP_TOPIC_PREFIX: `health.${randomUUID().slice(0, 8)}`,
      LIVETAP_SHUTDOWN_TIMEOUT_MS: '8000',
    };
    watcher = await Watcher.start(settings);
    cleanUps.push(() => watcher.stop('SIGKILL'));
    report.push(`start to ready: ${Math.round(performance.now() - since)} ms`);
    await watcher.add((await simulator.streamers()).map(({ uniqueId }) => uniqueId));
    await eventually('leases are held', async () =>
      (await watcher.metric('livetap_leases_held')) === 3 ? true : undefined,
    );
  });
  afterAll(async () => {
    for (const step of cleanUps.splice(0).reverse()) await step();
    console.log(report.join('\n'));
  });

  let unlock: () => void = () => undefined;
  let locked: Promise<void> = Promise.resolve();
  /** Holds the table of the leases, so that nobody can renew any. */
  async function lockLeases(): Promise<void> {
    const open = new Promise<void>((resolve) => (unlock = resolve));
    await new Promise<void>((held, failed) => {
      locked = withClient(directDatabase, async (client) => {
        await client.query('BEGIN');
        await client.query('LOCK TABLE leases IN ACCESS EXCLUSIVE MODE');
        held();
        await open;
        await client.query('ROLLBACK');
      });
      locked.catch(failed);
    });
  }
  const cut = (proxy: TcpProxy): void => {
    proxy.fault = { kind: 'refuse' };
    proxy.cut();
  };

  const faults: [string, string[], () => unknown, () => unknown][] = [
    [
      'database black-holed',
      ['DATABASE_UNREACHABLE'],
      () => (database.fault = { kind: 'blackHole' }),
      () => (database.fault = { kind: 'none' }),
    ],
    ['database refuses', ['DATABASE_UNREACHABLE'], () => cut(database), () => (database.fault = { kind: 'none' })],
    [
      'leases not renewed',
      ['LEASES_NOT_RENEWED'],
      lockLeases,
      async () => {
        unlock();
        await locked;
      },
    ],
    [
      'brokers black-holed',
      ['KAFKA_UNREACHABLE', 'PUBLISHER_STALLED', 'PUBLISHER_FAILING'],
      () => (kafka.fault = { kind: 'blackHole' }),
      () => (kafka.fault = { kind: 'none' }),
    ],
    [
      'brokers refuse',
      ['KAFKA_UNREACHABLE', 'PUBLISHER_STALLED', 'PUBLISHER_FAILING'],
      () => cut(kafka),
      () => (kafka.fault = { kind: 'none' }),
    ],
  ];
  it.each(faults)('%s', async (name, codes, begin, end) => {
    await untilReady(watcher);
    await begin();
    const seen = await untilReason(watcher, codes);
    const { body } = await readiness(watcher);
    for (const { message } of body.reasons) expect(message).toMatch(/^[A-Z].{10,}\.$/s);
    await end();
    const back = await untilReady(watcher);
    report.push(`${name}: seen after ${Math.round(seen)} ms, its end after ${Math.round(back)} ms`);
  });

  it('an orderly stop: not ready from its first moment on, alive until its end, in time although no broker answers', async () => {
    kafka.fault = { kind: 'blackHole' };
    await untilReason(watcher, ['KAFKA_UNREACHABLE', 'PUBLISHER_STALLED', 'PUBLISHER_FAILING']);
    const since = performance.now();
    const ended = watcher.stop();
    await untilReason(watcher, ['SERVICE_STOPPING']);
    const { codes } = await readiness(watcher);
    expect(codes[0]).toBe('SERVICE_STOPPING');
    expect(await ended).toBe(0);
    report.push(
      `SIGTERM to exit without a broker: ${Math.round(performance.now() - since)} ms (limit for sending 8000 ms)`,
    );
    // What could not be sent is in the journal, and said.
    expect(watcher.program.output).toContain('drain.incomplete');
  });

  it('a stop while the database hangs: no step uses up its time, for nothing is waited for twice', async () => {
    kafka.fault = { kind: 'none' };
    watcher = await Watcher.start({ ...settings, LIVETAP_SHUTDOWN_TIMEOUT_MS: '20000' });
    const running = watcher;
    cleanUps.push(() => running.stop('SIGKILL'));
    await untilReady(watcher);
    await eventually('leases are held', async () =>
      (await watcher.metric('livetap_leases_held')) === 3 ? true : undefined,
    );
    database.fault = { kind: 'blackHole' };
    await untilReason(watcher, ['DATABASE_UNREACHABLE']);
    await untilReason(watcher, ['LEASES_NOT_RENEWED']);
    const since = performance.now();
    expect(await watcher.stop()).toBe(0);
    report.push(`SIGTERM to exit while the database hangs: ${Math.round(performance.now() - since)} ms`);
    expect(watcher.program.output).not.toContain('drain.stepTimedOut');
    database.fault = { kind: 'none' };
  });
});
