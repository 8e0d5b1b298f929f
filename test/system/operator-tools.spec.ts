import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts, sampleEvent, TcpProxy, testClient } from '@livetap/testkit';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { SystemClock } from '../../apps/watcher/src/common/system-clock.adapter.js';
import { openJournal } from '../../apps/watcher/src/journal/open-journal.adapter.js';
import { takeDataFolder } from '../../apps/watcher/src/operations/data-folder.adapter.js';
import type { DoctorFault } from '../../apps/watcher/src/operations/doctor/finding.js';
import {
  dashboardQueries,
  readDashboard,
  readRules,
} from '../../apps/watcher/src/operations/testing/deployed-queries.adapter.js';
import { readQuery, Scrape } from '../../apps/watcher/src/operations/testing/promql.js';
import { ConnectProxy } from '../connector/support/proxies.js';
import { startTestPostgres, type TestPostgres, withClient } from '../setup/postgres.js';
import { type DoctorReport, livetap as runLivetap, type Ran } from './livetap-command.js';
import { eventually, Program, Simulator, temporaryFolder, Watcher } from './processes.js';

const CLI = 'apps/watcher/dist/cli/main.js';
const brokers = inject('kafkaBrokers');
const STEADY = 'steady.one';
const PASSWORDS = ['planted-database-secret', 'planted-proxy-secret', 'planted-sign-secret'];

/** A fault, and what of the report must name it. */
interface Planted {
  readonly code: DoctorFault;
  readonly exit: number;
  /** What the mend must say. */
  readonly mend: RegExp;
  /** Plants it; returns the settings that are otherwise then. Undone at the end of the test. */
  plant(): Promise<Readonly<Record<string, string>>>;
}

interface LivetapOptions {
  readonly changes?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

describe.skipIf(brokers.length === 0)('what operators have, on a running service', () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  const afterEachFault: (() => Promise<unknown>)[] = [];
  let postgres: TestPostgres;
  let simulator: Simulator;
  let watcher: Watcher;
  let settings: Record<string, string>;
  let prefix: string;
  let closedPort: number;

  beforeAll(async () => {
    postgres = await startTestPostgres();
    cleanUps.push(() => postgres.stop());
    simulator = await Simulator.start(['--streamers', '3', '--seed', '7', '--rate', '20']);
    cleanUps.push(() => simulator.stop());
    const proxy = await new ConnectProxy().start();
    cleanUps.push(() => proxy.close());
    const folder = await temporaryFolder();
    cleanUps.push(() => folder.remove());
    const [port = 0, closed = 0] = await freePorts(2);
    closedPort = closed;
    prefix = `doctor.${randomUUID().slice(0, 8)}`;
    settings = {
      ...simulator.settings,
      LIVETAP_HTTP_PORT: String(port),
      LIVETAP_DATA_DIR: join(folder.path, 'data'),
      DATABASE_URL: await postgres.createDatabase(),
      KAFKA_BROKERS: brokers.join(','),
      LIVETAP_TOPIC_PREFIX: prefix,
      LIVETAP_TOPIC_PARTITIONS: '2',
      LIVETAP_TOPIC_REPLICATION_FACTOR: '1',
      LIVETAP_SECRETS_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      LIVETAP_JOURNAL_MAX_BYTES: String(64 * 1024 * 1024),
      SIGN_API_KEY: PASSWORDS[2] ?? '',
      LIVETAP_SHUTDOWN_TIMEOUT_MS: '8000',
    };
    watcher = await Watcher.start(settings);
    cleanUps.push(() => watcher.stop('SIGKILL'));
    const [first, ...others] = (await simulator.streamers()).map(({ uniqueId }) => uniqueId);
    // One that stays live all the time.
    await simulator.post('/_sim/streamers', { uniqueId: STEADY, rate: 20, live: true });
    await watcher.add([STEADY, ...others]);
    const proxyUrl = `http://user:${PASSWORDS[1]}@localhost:${proxy.port}`;
    await watcher.json('/v1/streamers', { method: 'POST', body: { uniqueId: first, proxyUrl } });
    await watcher.json('/v1/proxy-pools', { method: 'POST', body: { name: 'pool', proxies: [proxyUrl] } });
  });
  afterAll(async () => {
    for (const step of cleanUps.splice(0).reverse()) await step();
  });

  /** The command line with the settings of the service, changed; no secret may be in what it prints. */
  async function livetap(args: readonly string[], { changes = {}, stdin = '' }: LivetapOptions = {}): Promise<Ran> {
    const ran = await runLivetap(args, { ...settings, ...changes }, stdin);
    for (const secret of [...PASSWORDS, settings['LIVETAP_SECRETS_KEYS'] ?? ''])
      expect(ran.stdout + ran.stderr).not.toContain(secret);
    return ran;
  }

  const lines = (text: string): unknown[] =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown);

  /** The doctor, with other settings than the service has. */
  async function doctor(changes: Readonly<Record<string, string>>): Promise<{ exit: number; report: DoctorReport }> {
    const { exit, stdout } = await livetap(['doctor', '--json'], { changes });
    return { exit, report: JSON.parse(stdout) as DoctorReport };
  }

  const freshFolder = async (): Promise<string> => {
    const folder = await temporaryFolder();
    afterEachFault.push(() => folder.remove());
    return folder.path;
  };
  /** Nobody listens there, and no data folder is at stake: what a second set of settings would be. */
  const elsewhere = async (): Promise<Record<string, string>> => ({
    LIVETAP_HTTP_PORT: String((await freePorts(1))[0]),
    LIVETAP_DATA_DIR: join(await freshFolder(), 'data'),
  });
  const topic = async (name: string, numPartitions: number, configs: Record<string, string> = {}): Promise<string> => {
    const own = `doctor.${randomUUID().slice(0, 8)}`;
    const admin = testClient(brokers).admin();
    await admin.connect();
    const configEntries = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
    await admin.createTopics({
      topics: [{ topic: `${own}.${name}`, numPartitions, configEntries }],
      waitForLeaders: true,
    });
    await admin.disconnect();
    return own;
  };
  const database = async (change: (url: string) => Promise<unknown>): Promise<string> => {
    const url = await postgres.createMigratedDatabase();
    await change(url);
    return url;
  };
  const at = (url: string, change: (address: URL) => void): string => {
    const address = new URL(url);
    change(address);
    return address.href;
  };
  const signFault = (status: number) => (): Promise<Record<string, string>> =>
    simulator.post('/_sim/faults', { kind: 'http', path: '/webcast/rate_limits', status, times: 1 }).then(() => ({}));

  it('alert rules and dashboard ask for metrics, labels and values that a scrape of it has', async () => {
    const scrape = await eventually('the pool is known', async () => {
      const text = await (await watcher.call('/metrics')).text();
      return text.includes('pool="pool"') ? new Scrape(text) : undefined;
    });
    const queries = [...readRules(), ...dashboardQueries(readDashboard())].map(({ expr }) => readQuery(expr));
    expect(queries.length).toBeGreaterThan(50);
    expect(queries.flatMap((query) => scrape.missing(query))).toEqual([]);
  });

  it('doctor: all is well: says so, ends with 0, and the service does not notice', async () => {
    await eventually('rooms are live', async () =>
      (await watcher.metric('livetap_events_admitted_total')) > 0 ? true : undefined,
    );
    const folder = settings['LIVETAP_DATA_DIR'] ?? '';
    const before = { lock: await readFile(join(folder, 'lock'), 'utf8'), files: await readdir(folder) };
    const quotaBefore = await simulator.get<{ quota: unknown }>('/_sim/stats').then(({ quota }) => quota);
    const program = Program.start('doctor', CLI, ['doctor', '--json'], settings);
    expect(await program.exited()).toBe(0);
    const report = JSON.parse(program.output) as DoctorReport;
    expect(report.findings.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(report.findings.map(({ check }) => check)).toEqual([
      'settings',
      'port',
      'data folder',
      'journal',
      'file descriptors',
      'database',
      'secrets',
      'kafka',
      'topics',
      'tiktok',
      'sign server',
      'proxies',
    ]);
    expect(report).toMatchObject({ ok: true, faults: 0, warnings: 0, exitCode: 0 });
    for (const secret of PASSWORDS) expect(program.output).not.toContain(secret);
    expect({ lock: await readFile(join(folder, 'lock'), 'utf8'), files: await readdir(folder) }).toEqual(before);
    expect(await simulator.get<{ quota: unknown }>('/_sim/stats').then(({ quota }) => quota)).toEqual(quotaBefore);
    const admitted = await watcher.metric('livetap_events_admitted_total');
    await eventually('events go on', async () =>
      (await watcher.metric('livetap_events_admitted_total')) > admitted ? true : undefined,
    );
    expect((await watcher.call('/readyz')).status).toBe(200);
  });

  const PLANTED: Readonly<Record<string, Planted>> = {
    'a wrong address, with a secret in it': {
      code: 'SETTINGS_WRONG',
      exit: 78,
      mend: /docs\/config\.md/,
      plant: async () => ({ DATABASE_URL: `mysql://u:${PASSWORDS[0]}@h/d` }),
    },
    'another program on the port': {
      code: 'PORT_TAKEN',
      exit: 69,
      mend: /LIVETAP_HTTP_PORT/,
      plant: async () => {
        const other = createServer((socket) => socket.destroy());
        await once(other.listen(0, '127.0.0.1'), 'listening');
        afterEachFault.push(async () => other.close());
        const bound = other.address();
        return {
          ...(await elsewhere()),
          LIVETAP_HTTP_PORT: String(typeof bound === 'object' && bound !== null ? bound.port : 0),
        };
      },
    },
    'a file where the data folder should be': {
      code: 'DATA_FOLDER_UNUSABLE',
      exit: 78,
      mend: /LIVETAP_DATA_DIR/,
      plant: async () => {
        const path = join(await freshFolder(), 'data');
        await writeFile(path, '');
        return { ...(await elsewhere()), LIVETAP_DATA_DIR: path };
      },
    },
    'the data folder of another replica': {
      code: 'DATA_FOLDER_IN_USE',
      exit: 69,
      mend: new RegExp(`process ${process.pid}`),
      plant: async () => {
        const changes = await elsewhere();
        const folder = await takeDataFolder(changes['LIVETAP_DATA_DIR'] ?? '');
        afterEachFault.push(() => folder.release());
        return changes;
      },
    },
    'a journal larger than its disk': {
      code: 'DISK_NEARLY_FULL',
      exit: 0,
      mend: /LIVETAP_JOURNAL_MAX_BYTES/,
      plant: async () => ({ ...(await elsewhere()), LIVETAP_JOURNAL_MAX_BYTES: String(1024 ** 4) }),
    },
    'a journal with a flipped bit': {
      code: 'JOURNAL_DAMAGED',
      exit: 70,
      mend: /backup/,
      plant: async () => {
        const changes = await elsewhere();
        const directory = join(changes['LIVETAP_DATA_DIR'] ?? '', 'journal');
        const clock = new SystemClock();
        const journal = await openJournal({ directory, maxBytes: 8 * 1024 * 1024, maxAgeMs: 3_600_000, clock });
        for (let n = 1; n <= 3; n += 1) await journal.append([sampleEvent(n)]);
        await journal.close();
        const [name = ''] = (await readdir(directory)).filter((file) => file.endsWith('.segment'));
        const bytes = await readFile(join(directory, name));
        bytes[80] = (bytes[80] ?? 0) ^ 1;
        await writeFile(join(directory, name), bytes);
        return changes;
      },
    },
    'nobody where the database should be': {
      code: 'DATABASE_UNREACHABLE',
      exit: 69,
      mend: /DATABASE_URL/,
      plant: async () => ({ DATABASE_URL: `postgresql://livetap:${PASSWORDS[0]}@127.0.0.1:${closedPort}/livetap` }),
    },
    'a wrong password of the database': {
      code: 'DATABASE_DENIED',
      exit: 78,
      mend: /user, password/,
      plant: async () => ({
        DATABASE_URL: at(settings['DATABASE_URL'] ?? '', (address) => (address.password = PASSWORDS[0] ?? '')),
      }),
    },
    'a database of a newer version': {
      code: 'DATABASE_SCHEMA_UNFIT',
      exit: 78,
      mend: /later one/,
      plant: async () => ({
        DATABASE_URL: await database((url) =>
          withClient(url, (client) =>
            client.query(
              `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'y', '29991231_of_the_future', now())`,
            ),
          ),
        ),
      }),
    },
    'a user without rights in the database': {
      code: 'DATABASE_RIGHTS_MISSING',
      exit: 78,
      mend: /GRANT CREATE/,
      plant: async () => {
        const name = `poor_${randomBytes(4).toString('hex')}`;
        const url = await postgres.createDatabase();
        await withClient(url, (client) => client.query(`CREATE ROLE ${name} LOGIN PASSWORD '${PASSWORDS[0]}'`));
        afterEachFault.push(() => withClient(url, (client) => client.query(`DROP ROLE ${name}`)));
        return {
          DATABASE_URL: at(url, (address) => {
            address.username = name;
            address.password = PASSWORDS[0] ?? '';
          }),
        };
      },
    },
    'the key that opens the secrets is gone': {
      code: 'SECRETS_UNREADABLE',
      exit: 78,
      mend: /LIVETAP_SECRETS_KEYS/,
      plant: async () => ({ LIVETAP_SECRETS_KEYS: `k2:${randomBytes(32).toString('base64')}` }),
    },
    'nobody where the brokers should be': {
      code: 'KAFKA_UNREACHABLE',
      exit: 69,
      mend: /KAFKA_BROKERS/,
      plant: async () => ({ KAFKA_BROKERS: `127.0.0.1:${closedPort}` }),
    },
    'TLS where the brokers speak in clear': {
      code: 'KAFKA_DENIED',
      exit: 78,
      mend: /LIVETAP_KAFKA_TLS/,
      plant: async () => ({ LIVETAP_KAFKA_TLS: 'on' }),
    },
    'topics are missing and may not be made': {
      code: 'TOPICS_MISSING',
      exit: 78,
      mend: /kafka-topics\.sh .*--topic missing\.chat/,
      plant: async () => ({ LIVETAP_TOPIC_PREFIX: 'missing', LIVETAP_TOPIC_CREATE: 'off' }),
    },
    'more replicas than there are brokers': {
      code: 'TOPICS_NOT_CREATABLE',
      exit: 78,
      mend: /LIVETAP_TOPIC_REPLICATION_FACTOR/,
      plant: async () => ({ LIVETAP_TOPIC_PREFIX: `none.${randomUUID()}`, LIVETAP_TOPIC_REPLICATION_FACTOR: '3' }),
    },
    'topics with another number of partitions': {
      code: 'TOPIC_PARTITIONS_DIFFER',
      exit: 78,
      mend: /LIVETAP_TOPIC_PARTITIONS to 5/,
      plant: async () => ({
        LIVETAP_TOPIC_PREFIX: await topic('chat', 5, { 'retention.ms': '604800000', 'cleanup.policy': 'delete' }),
      }),
    },
    'a topic that can never acknowledge': {
      code: 'TOPIC_TOO_FEW_REPLICAS',
      exit: 78,
      mend: /min\.insync\.replicas/,
      plant: async () => ({
        LIVETAP_TOPIC_PREFIX: await topic('chat', 2, { 'min.insync.replicas': '2', 'retention.ms': '604800000' }),
      }),
    },
    'a topic that forgets sooner than planned': {
      code: 'TOPIC_SETTINGS_DIFFER',
      exit: 0,
      mend: /kafka-configs\.sh/,
      plant: async () => ({ LIVETAP_TOPIC_PREFIX: await topic('chat', 2, { 'retention.ms': '60000' }) }),
    },
    'no way to TikTok': {
      code: 'TIKTOK_UNREACHABLE',
      exit: 69,
      mend: /firewall/,
      plant: async () => ({ LIVETAP_TIKTOK_WEBCAST_URL: `http://127.0.0.1:${closedPort}` }),
    },
    'no sign server': {
      code: 'SIGN_SERVER_UNREACHABLE',
      exit: 69,
      mend: /SIGN_API_URL/,
      plant: async () => ({ SIGN_API_URL: `http://127.0.0.1:${closedPort}` }),
    },
    'a key that the sign server refuses': {
      code: 'SIGN_KEY_REFUSED',
      exit: 78,
      mend: /SIGN_API_KEY/,
      plant: signFault(401),
    },
    'a quota that is used up': { code: 'SIGN_QUOTA_USED_UP', exit: 69, mend: /larger plan/, plant: signFault(429) },
    'a proxy that is gone': {
      code: 'PROXY_UNREACHABLE',
      exit: 69,
      mend: /Start it again, or give pool dead/,
      plant: async () => ({
        DATABASE_URL: await database((url) =>
          withClient(url, (client) =>
            client.query(
              `WITH pool AS (INSERT INTO proxy_pools (name, updated_at) VALUES ('dead', now()) RETURNING name)
               INSERT INTO pool_proxies (id, pool_name, address, url)
               SELECT 'p1', name, 'http://127.0.0.1:${closedPort}', 'http://127.0.0.1:${closedPort}' FROM pool`,
            ),
          ),
        ),
      }),
    },
  };

  it.each(Object.entries(PLANTED))(
    'doctor: %s: it is named, and nothing else, with what to do',
    async (_name, planted) => {
      try {
        const { exit, report } = await doctor(await planted.plant());
        const found = report.findings.filter(({ status }) => status === 'fault' || status === 'warning');
        expect([...new Set(found.map(({ code }) => code))]).toEqual([planted.code]);
        expect(found[0]?.mend).toMatch(planted.mend);
        expect({ exit, inReport: report.exitCode }).toEqual({ exit: planted.exit, inReport: planted.exit });
      } finally {
        for (const step of afterEachFault.splice(0).reverse()) await step();
      }
    },
  );

  it('doctor: too few file descriptors: they are named, with what to do', async () => {
    const script = fileURLToPath(new URL(`../../${CLI}`, import.meta.url));
    const { stdout, code } = await new Promise<{ stdout: string; code: unknown }>((resolve) => {
      const command = ['-c', `ulimit -n 300; exec "$0" "$1" doctor`, process.execPath, script];
      execFile('sh', command, { env: { PATH: process.env['PATH'], ...settings } }, (error, text) =>
        resolve({ stdout: text, code: error?.code ?? 0 }),
      );
    });
    expect(stdout).toMatch(
      /FAULT +file descriptors +A process may open 300 .*\[FILE_DESCRIPTORS_TOO_FEW\]\n +→ .*ulimit -n/,
    );
    expect(code).toBe(78);
  });

  it('doctor: several at once: each is named, and the gravest decides how it ends', async () => {
    const { exit, report } = await doctor({
      KAFKA_BROKERS: `127.0.0.1:${closedPort}`,
      DATABASE_URL: at(settings['DATABASE_URL'] ?? '', (address) => (address.password = 'wrong')),
      SIGN_API_URL: `http://127.0.0.1:${closedPort}`,
    });
    expect(report.findings.flatMap(({ status, code }) => (status === 'fault' ? [code] : []))).toEqual([
      'DATABASE_DENIED',
      'KAFKA_UNREACHABLE',
      'SIGN_SERVER_UNREACHABLE',
    ]);
    expect(exit).toBe(78);
  });

  interface Tailed {
    readonly source: string;
    readonly id: string;
    readonly type: string;
    readonly subject: string;
    readonly sequence: string;
  }
  const numbersOf = (events: readonly Tailed[]): number[] =>
    events.map(({ sequence }) => Number(sequence.split('-')[1]));

  it('streamers: a list is imported, changed and taken away again', async () => {
    const csv = 'uniqueId,labels,priority\nfirst.import,de;vip,80\n@Second.Import,,\nno name!,,\n';
    const imported = await livetap(['streamers', 'import', '--json'], { stdin: csv });
    expect(imported.exit).toBe(65);
    expect(lines(imported.stdout)).toMatchObject([{ entries: 3, created: 2, exists: 0, invalid: 1 }]);
    expect(imported.stdout).toContain('no name!');
    const again = await livetap(['streamers', 'import', '--format', 'lines'], { stdin: 'first.import\n# a comment\n' });
    expect(again).toMatchObject({
      exit: 0,
      stdout: '0 streamers were added, 1 were monitored already, 0 are wrong.\n',
    });
    const listed = lines((await livetap(['streamers', 'list', '--label', 'vip', '--json'])).stdout);
    expect(listed).toMatchObject([{ uniqueId: 'first.import', labels: ['de', 'vip'], priority: 80 }]);
    expect((await livetap(['streamers', 'pause', 'first.import', 'second.import'])).exit).toBe(0);
    const table = (await livetap(['streamers', 'list', '--paused'])).stdout.split('\n');
    expect(table[0]).toMatch(/^STREAMER +STATE/);
    expect(table.slice(1, 3).map((line) => line.split(/ +/).slice(0, 2))).toEqual([
      ['first.import', 'paused'],
      ['second.import', 'paused'],
    ]);
    expect((await livetap(['streamers', 'resume', 'first.import', '--json'])).stdout).toBe(
      '{"uniqueId":"first.import","status":"resumed"}\n',
    );
    const removed = await livetap(['streamers', 'remove', 'nobody.here', 'first.import', 'second.import']);
    expect(removed.exit).toBe(65);
    expect(removed.stdout).toBe('first.import is removed.\nsecond.import is removed.\n');
    expect(removed.stderr).toContain('nobody.here');
    expect(await livetap(['streamers', 'remove', 'x', '--purge'])).toMatchObject({ exit: 64 });
  });

  it('tail: goes on where the last run ended, and where it was cut: nothing is missing, nothing comes twice', async () => {
    const whole = Program.start('whole tail', CLI, ['tail', '--json', '--streamer', STEADY], settings);
    cleanUps.push(() => whole.stop('SIGKILL'));
    await whole.printed(/livetap\./);
    const port = Number(settings['LIVETAP_HTTP_PORT']);
    const relay = await TcpProxy.start({ host: '127.0.0.1', port });
    cleanUps.push(() => relay.close());
    const place = join(await freshFolder(), 'place');
    const url = `http://127.0.0.1:${relay.port}`;
    const args = ['tail', '--json', '--url', url, '--resume', place, '--streamer', `@${STEADY.toUpperCase()}`];
    const first = await livetap([...args, '--count', '5']);
    expect(first.exit).toBe(0);
    const second = livetap([...args, '--count', '25']);
    let cuts = 0;
    const cutting = setInterval(() => {
      cuts += 1;
      relay.cut();
    }, 300);
    const { exit, stdout, stderr } = await second;
    clearInterval(cutting);
    expect(exit).toBe(0);
    const events = [...lines(first.stdout), ...lines(stdout)] as Tailed[];
    const all = await eventually('the whole tail has them too', async () => {
      const seen = lines(whole.output.slice(0, whole.output.lastIndexOf('\n'))) as Tailed[];
      return numbersOf(events).every((number) => numbersOf(seen).includes(number)) ? seen : undefined;
    });
    expect(await whole.stop('SIGINT')).toBe(0);
    // Order holds within a topic, and a type is in one.
    for (const type of new Set(events.map((event) => event.type))) {
      const ofType = (some: readonly Tailed[]): number[] => numbersOf(some.filter((event) => event.type === type));
      const [mine, those] = [ofType(events), ofType(all)];
      const from = those.indexOf(mine[0] ?? NaN);
      expect(mine, `of ${type}: ${mine.join(' ')}; of the whole: ${those.join(' ')}`).toEqual(
        those.slice(from, from + mine.length),
      );
    }
    expect(events).toHaveLength(30);
    expect(new Set(events.map(({ subject }) => subject))).toEqual(new Set([STEADY]));
    if (cuts > 0) expect(stderr).toContain('it goes on');
  });

  it('tail: filters by type, in lines for people; ends in order on Ctrl-C and when nobody reads any more', async () => {
    const chats = await livetap(['tail', '--type', 'chat', '--count', '2']);
    expect(chats.stdout).toMatch(/^(\d\d:\d\d:\d\d {2}@\S+ {2}chat {2}.+\n){2}$/);
    const wrong = await livetap(['tail', '--type', 'nonsense']);
    expect(wrong).toMatchObject({ exit: 65 });
    expect(wrong.stderr).toContain('There is no event type');
    const script = fileURLToPath(new URL(`../../${CLI}`, import.meta.url));
    const program = Program.start('tail', CLI, ['tail', '--json'], settings);
    await program.printed(/livetap\./);
    expect(await program.stop('SIGINT')).toBe(0);
    const piped = await new Promise<unknown>((resolve) => {
      const command = ['-c', '"$0" "$1" tail --json | head -n 1; exit "${PIPESTATUS[0]}"', process.execPath, script];
      execFile('bash', command, { env: { PATH: process.env['PATH'], ...settings } }, (error) =>
        resolve(error?.code ?? 0),
      );
    });
    expect(piped).toBe(0);
  });

  it('sessions and status', async () => {
    const [session] = await eventually('a session is stored', async () => {
      const found = lines((await livetap(['sessions', 'list', STEADY, '--json'])).stdout) as { id: string }[];
      return found.length > 0 ? found : undefined;
    });
    const shown = await livetap(['sessions', 'show', session?.id ?? '']);
    expect(shown).toMatchObject({ exit: 0 });
    expect(shown.stdout).toContain(`@${STEADY}`);
    expect(await livetap(['sessions', 'show', '42'])).toMatchObject({ exit: 69 });
    const status = await livetap(['status']);
    expect(status).toMatchObject({ exit: 0 });
    expect(status.stdout).toMatch(/^ready +yes$/m);
    expect(lines((await livetap(['status', '--json'])).stdout)).toMatchObject([{ ready: true }]);
    const away = await livetap(['status', '--url', `http://127.0.0.1:${closedPort}`]);
    expect(away).toMatchObject({ exit: 69 });
    expect(away.stderr).toContain('LIVETAP_URL');
  });
});
