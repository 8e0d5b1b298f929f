import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { TcpProxy } from '@livetap/testkit';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../apps/watcher/src/persistence/embedded-postgres.adapter.js';
import { eventually, Simulator, temporaryFolder, Watcher } from '../system/processes.js';

export interface FleetOptions {
  readonly brokers: readonly string[];
  readonly replicas: number;
  readonly rooms: number;
  /** Messages a second over all rooms. */
  readonly rate: number;
  /** Which way leads into rooms; `euler` costs a signature each time. */
  readonly sources?: 'direct' | 'euler';
  /** Folder for everything that the replicas print, then more than usual, and for the simulator's ledger. */
  readonly logs?: string;
  readonly say: (line: string) => void;
}

/** A replica: its process, its data folder, its own way to Postgres. */
export interface Replica {
  readonly name: string;
  readonly id: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly proxy: TcpProxy;
  watcher: Watcher;
  /** What its earlier processes printed. */
  past: string;
}

/** What the database says about ownership at one moment. */
export interface Owners {
  /** Leases that run, by replica id. */
  readonly held: ReadonlyMap<string, number>;
  readonly total: number;
}

/** How long to wait for what takes seconds on an idle machine, ms. */
const PATIENCE_MS = 240_000;

/** Replicas of the service as processes, with one simulator, one Kafka and a real Postgres that can be stopped. */
export class TestFleet {
  readonly replicas: Replica[] = [];
  readonly prefix = `fleet.${randomUUID().slice(0, 8)}`;
  readonly #o: FleetOptions;
  /** With those that were taken out of `replicas`. */
  readonly #all: Replica[] = [];
  readonly #cleanUps: (() => Promise<unknown>)[] = [];
  #folder = '';
  #postgres!: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
  #client: pg.Client | undefined;
  simulator!: Simulator;

  private constructor(options: FleetOptions) {
    this.#o = options;
  }

  /** Everything runs, all rooms are live, and the replicas have shared them out. */
  static async start(options: FleetOptions): Promise<TestFleet> {
    const fleet = new TestFleet(options);
    try {
      await fleet.#start();
      return fleet;
    } catch (error) {
      await fleet.end();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const { rooms, rate, replicas, say } = this.#o;
    const folder = await temporaryFolder();
    this.#folder = folder.path;
    this.#cleanUps.push(() => folder.remove());
    await this.startPostgres();
    this.#cleanUps.push(() => this.stopPostgres());
    this.simulator = await Simulator.start([
      ...['--seed', '41', '--streamers', String(rooms), '--rate', String(rate), '--skew', '0.5'],
      ...['--live-at-start', '1', '--schedule', 'false'],
    ]);
    this.#cleanUps.push(() => this.simulator.stop());
    for (let n = 1; n <= replicas; n += 1) await this.#join(`r${n}`);
    await this.replicas[0]!.watcher.add((await this.simulator.streamers()).map(({ uniqueId }) => uniqueId));
    await this.settled();
    say(`${rooms} rooms are live on ${replicas} replicas: ${(await this.spread()).join(', ')}`);
  }

  async #join(name: string): Promise<void> {
    const proxy = await TcpProxy.start({ host: '127.0.0.1', port: this.#postgres.port });
    this.#cleanUps.push(() => proxy.close());
    const url = new URL(this.#postgres.url);
    url.port = String(proxy.port);
    const dataDir = join(this.#folder, name);
    await mkdir(dataDir);
    const settings = {
      ...this.simulator.settings,
      LIVETAP_DATA_DIR: dataDir,
      DATABASE_URL: url.href,
      KAFKA_BROKERS: this.#o.brokers.join(','),
      LIVETAP_TOPIC_PREFIX: this.prefix,
      LIVETAP_SOCKET_SOURCES: this.#o.sources ?? 'direct',
      ...(this.#o.logs === undefined ? {} : { LIVETAP_LOG_LEVEL: 'debug' }),
    };
    const watcher = await Watcher.start(settings);
    this.#cleanUps.push(
      () => this.replicas.find((one) => one.name === name)?.watcher.program.stop('SIGKILL') ?? Promise.resolve(),
    );
    const { replicaId } = await watcher.json<{ replicaId: string }>('/v1/status');
    const replica: Replica = { name, id: replicaId, settings, proxy, watcher, past: '' };
    this.replicas.push(replica);
    this.#all.push(replica);
  }

  async startPostgres(): Promise<void> {
    const port = this.#postgres === undefined ? {} : { port: this.#postgres.port };
    this.#postgres = await startEmbeddedPostgres({ dataDir: this.#folder, ...port });
    await this.#connect();
  }

  async stopPostgres(): Promise<void> {
    await this.#client?.end().catch(() => undefined);
    this.#client = undefined;
    await this.#postgres.stop();
  }

  async #connect(): Promise<void> {
    await this.#client?.end().catch(() => undefined);
    const client = new pg.Client({ connectionString: this.#postgres.url, application_name: 'test' });
    client.on('error', () => undefined);
    await client.connect();
    this.#client = client;
  }

  /** Ends every connection of the replicas. Returns how many. */
  async terminateBackends(): Promise<number> {
    const { rowCount } = await this.#client!.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'livetap%' AND pid <> pg_backend_pid()`,
    );
    return rowCount ?? 0;
  }

  async owners(): Promise<Owners> {
    const { rows } = await this.#client!.query<{ owner: string; count: number }>(
      'SELECT owner, count(*)::int AS count FROM leases WHERE owner IS NOT NULL AND expires_at > now() GROUP BY owner',
    );
    const held = new Map(rows.map(({ owner, count }) => [owner, count]));
    return { held, total: rows.reduce((sum, { count }) => sum + count, 0) };
  }

  /** Leases by replica, in the order of their names. */
  async spread(): Promise<number[]> {
    const { held } = await this.owners();
    return this.replicas.map(({ id }) => held.get(id) ?? 0);
  }

  /** Waits until all rooms are live on the replicas, shared out fairly. Returns how long that took, ms. */
  async settled(): Promise<number> {
    const from = performance.now();
    await eventually(
      'all rooms are live and shared out',
      async () => {
        const counts = await this.spread();
        const total = counts.reduce((sum, count) => sum + count, 0);
        const fair = Math.max(...counts) - Math.min(...counts) <= Math.max(1, total / counts.length / 10);
        if (total !== this.#o.rooms || !fair) return undefined;
        return (await this.live()) === this.#o.rooms ? true : undefined;
      },
      PATIENCE_MS,
    );
    return performance.now() - from;
  }

  /** Rooms with an open socket, over all replicas that answer. */
  async live(): Promise<number> {
    let live = 0;
    for (const { watcher } of this.replicas) {
      const { rooms } = await watcher.json<{ rooms: { live?: number } }>('/v1/status');
      live += rooms.live ?? 0;
    }
    return live;
  }

  /** Waits until every lease that `replica` held is another's. Returns how long that took, ms. */
  async ownedElsewhere(replica: Replica): Promise<number> {
    const from = performance.now();
    const others = new Set(this.replicas.filter(({ id }) => id !== replica.id).map(({ id }) => id));
    await eventually(
      'all rooms are owned elsewhere',
      async () => {
        const { held } = await this.owners();
        const elsewhere = [...held].reduce((sum, [owner, count]) => sum + (others.has(owner) ? count : 0), 0);
        return elsewhere === this.#o.rooms ? true : undefined;
      },
      PATIENCE_MS,
    );
    return performance.now() - from;
  }

  async restart(replica: Replica): Promise<void> {
    replica.past += replica.watcher.program.output;
    replica.watcher = await Watcher.start(replica.settings);
  }

  /** Every gap, loss of a lease and so on is in the log; counts lines of one kind. */
  logged(replica: Replica, event: string): readonly Record<string, unknown>[] {
    return replica.watcher.program.output
      .split('\n')
      .filter((line) => line.startsWith('{') && line.includes(`"event":"${event}"`))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async wait(ms: number): Promise<void> {
    await pause(ms);
  }

  /** Nothing new is sent from now on; resolves when everything that was is in Kafka. */
  async published(): Promise<void> {
    await this.simulator.quiesce();
    await pause(1_000);
    for (const { watcher } of this.replicas)
      await eventually(
        'everything is published',
        async () => ((await watcher.metric('livetap_events_pending')) === 0 ? true : undefined),
        PATIENCE_MS,
      );
  }

  /** Nothing new is sent, everything that was is in Kafka, all replicas have stopped in order. */
  async quiesce(): Promise<void> {
    await this.published();
    for (const { watcher, name } of this.replicas) {
      const code = await watcher.stop('SIGTERM');
      if (code !== 0) throw new Error(`${name} ended with ${code}:\n${watcher.program.output.slice(-3_000)}`);
    }
  }

  async end(): Promise<void> {
    const { logs } = this.#o;
    if (logs !== undefined) {
      await mkdir(logs, { recursive: true });
      for (const { name, past, watcher } of this.#all)
        await writeFile(join(logs, `${name}.jsonl`), past + watcher.program.output);
      const ledger = await fetch(`${this.simulator.url}/_sim/ledger`).catch(() => undefined);
      if (ledger !== undefined) await writeFile(join(logs, 'ledger.jsonl'), await ledger.text());
    }
    for (const step of this.#cleanUps.splice(0).reverse()) await step().catch(() => undefined);
  }
}
