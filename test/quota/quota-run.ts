import { randomUUID } from 'node:crypto';
import { startTestPostgres } from '../setup/postgres.js';
import { eventually, Simulator, temporaryFolder, Watcher } from '../system/processes.js';

export interface QuotaRunOptions {
  /** So many go live at once, twice: with the direct way open, then others with it closed. */
  readonly streamers: number;
  /** Requests that the sign server answers in its minute. */
  readonly perMinute: number;
  /** Length of that minute, ms; 60,000 is the real one. */
  readonly minuteMs: number;
  readonly replicas: number;
  readonly brokers: readonly string[];
  readonly say: (line: string) => void;
}

/** What became of one set of streamers. */
export interface QuotaPhase {
  readonly connected: number;
  /** From the moment when the first went live to the last socket, seconds. */
  readonly seconds: number;
  /** What the sign server granted and refused, by its own count. */
  readonly granted: number;
  readonly refused: number;
  /** Requests granted in each of its windows. */
  readonly windows: readonly number[];
  /** Most rooms that waited for a signature at one moment, as REST said. */
  readonly waited: number;
  /** Sockets opened by each replica. */
  readonly sockets: readonly number[];
}

export interface QuotaReport {
  readonly open: QuotaPhase;
  readonly closed: QuotaPhase;
  /** Limit of the minute that the replicas learned from the sign server. */
  readonly learnedLimit: number | undefined;
  /** Words of outputs and metrics that hold the key of the sign server; must be empty. */
  readonly leaks: readonly string[];
}

interface Stats {
  readonly quota: { readonly granted: number; readonly refused: number; readonly minutes: readonly number[] };
}

interface Sources {
  readonly signatures: {
    readonly waiting: number;
    readonly windows: readonly { readonly window: string; readonly limit: number }[];
  };
}

const KEY = 'planted-sign-key';
/** Beyond the time that the quota allows; only against hanging. */
const PATIENCE_MS = 180_000;

/**
 * Streamers that all go live at once, watched by some replicas on one real Postgres and one broker, and a sign server with
 * a quota that counts what it refuses.
 */
export async function runQuota(options: QuotaRunOptions): Promise<QuotaReport> {
  const { streamers, perMinute, minuteMs, replicas, brokers, say } = options;
  const cleanUps: (() => Promise<unknown>)[] = [];
  try {
    const postgres = await startTestPostgres();
    cleanUps.push(() => postgres.stop());
    const limits = ['--rate-limit-minute', String(perMinute), '--rate-limit-minute-ms', String(minuteMs)];
    const simulator = await Simulator.start(['--streamers', '0', ...limits]);
    cleanUps.push(() => simulator.stop());
    const url = await postgres.createDatabase();
    const prefix = `quota.${randomUUID().slice(0, 8)}`;
    const start = async (): Promise<Watcher> => {
      const folder = await temporaryFolder();
      cleanUps.push(() => folder.remove());
      const watcher = await Watcher.start({
        ...simulator.settings,
        LIVETAP_DATA_DIR: folder.path,
        DATABASE_URL: url,
        KAFKA_BROKERS: brokers.join(','),
        LIVETAP_TOPIC_PREFIX: prefix,
        LIVETAP_TOPIC_STRATEGY: 'single',
        LIVETAP_TOPIC_PARTITIONS: '1',
        SIGN_API_KEY: KEY,
      });
      cleanUps.push(() => watcher.stop());
      return watcher;
    };
    const watchers = [await start()];
    watchers.push(...(await Promise.all(Array.from({ length: replicas - 1 }, start))));
    const fleet = new Fleet(simulator, watchers, say);

    const open = await fleet.goLive('open', streamers);
    await fleet.end('open', streamers);
    const refusal = { kind: 'refuse', way: 'direct', status: 417, handshakeMsg: 'illegal secret key' };
    await simulator.post('/_sim/faults', { ...refusal, forMs: 3_600_000 });
    const patience = PATIENCE_MS + (Math.ceil(streamers / perMinute) + 1) * (minuteMs + 4_000);
    const closed = await fleet.goLive('closed', streamers, patience);
    const [first] = await fleet.sources();
    const learnedLimit = first?.signatures.windows.find(({ window }) => window === 'minute')?.limit;
    return { open, closed, learnedLimit, leaks: await fleet.leaks() };
  } finally {
    for (const step of cleanUps.reverse()) await step();
  }
}

class Fleet {
  constructor(
    private readonly simulator: Simulator,
    private readonly watchers: readonly Watcher[],
    private readonly say: (line: string) => void,
  ) {}

  /** Adds so many streamers, in equal shares, lets them all go live, and waits until each has a socket. */
  async goLive(name: string, count: number, patienceMs = PATIENCE_MS): Promise<QuotaPhase> {
    const { simulator, watchers, say } = this;
    const names = namesOf(name, count);
    for (const uniqueId of names) await simulator.post('/_sim/streamers', { uniqueId, rate: 0.05, live: false });
    const held = await this.metric('livetap_leases_held');
    const share = Math.ceil(count / watchers.length);
    // Who is told of a streamer takes it.
    for (const [n, watcher] of watchers.entries())
      for (let from = n * share; from < Math.min(count, (n + 1) * share); from += 500)
        await watcher.add(names.slice(from, Math.min(from + 500, (n + 1) * share)));
    await eventually('every streamer has an owner', async () =>
      sum(await this.metric('livetap_leases_held')) >= sum(held) + count ? true : undefined,
    );
    const before = await this.stats();
    const opened = await this.metric('livetap_socket_source_opened_total');
    say(`${name}: ${count} streamers go live`);
    const startedAt = performance.now();
    await Promise.all(lanes(names, 20, (uniqueId) => simulator.post(`/_sim/streamers/${uniqueId}/start`)));
    let waited = 0;
    let said = 0;
    const connected = await eventually(
      'every room has a socket',
      async () => {
        const waiting = (await this.sources()).map(({ signatures }) => signatures.waiting);
        waited = Math.max(waited, sum(waiting));
        const sockets = await this.connected(name);
        const seconds = (performance.now() - startedAt) / 1_000;
        if (seconds >= said + 30) {
          said = seconds;
          const { granted, refused } = (await this.stats()).quota;
          say(`${Math.round(seconds)} s: ${sockets} connected, ${granted} signatures, ${refused} refused`);
        }
        return sockets >= count ? sockets : undefined;
      },
      patienceMs,
    );
    const seconds = (performance.now() - startedAt) / 1_000;
    const after = await this.stats();
    const now = await this.metric('livetap_socket_source_opened_total');
    return {
      connected,
      seconds,
      granted: after.quota.granted - before.quota.granted,
      refused: after.quota.refused - before.quota.refused,
      windows: after.quota.minutes,
      waited,
      sockets: now.map((count, n) => count - (opened[n] ?? 0)),
    };
  }

  /** The streams end; their rooms are left. */
  async end(name: string, count: number): Promise<void> {
    await Promise.all(
      lanes(namesOf(name, count), 20, (uniqueId) => this.simulator.post(`/_sim/streamers/${uniqueId}/end`)),
    );
    await eventually('the rooms are left', async () => ((await this.connected(name)) === 0 ? true : undefined));
  }

  sources(): Promise<readonly Sources[]> {
    return Promise.all(this.watchers.map((watcher) => watcher.json<Sources>('/v1/sources')));
  }

  async leaks(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const [n, watcher] of this.watchers.entries()) {
      if (watcher.program.output.includes(KEY)) found.push(`log of replica ${n}`);
      for (const route of ['/metrics', '/v1/sources', '/v1/status'])
        if ((await (await watcher.call(route)).text()).includes(KEY)) found.push(`${route} of replica ${n}`);
    }
    return found;
  }

  private async connected(name: string): Promise<number> {
    const { streamers } = await this.simulator.get<{ streamers: { uniqueId: string; sockets: number }[] }>(
      '/_sim/streamers',
    );
    return streamers.filter(({ uniqueId, sockets }) => uniqueId.startsWith(`${name}_`) && sockets > 0).length;
  }

  private stats(): Promise<Stats> {
    return this.simulator.get<Stats>('/_sim/stats');
  }

  private metric(name: string): Promise<readonly number[]> {
    return Promise.all(this.watchers.map((watcher) => watcher.metric(name)));
  }
}

function namesOf(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `${name}_${n}`);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** Works the list off, so many at a time. */
function lanes<T>(list: readonly T[], count: number, work: (entry: T) => Promise<unknown>): Promise<void>[] {
  const rest = [...list];
  return Array.from({ length: count }, async () => {
    for (let entry = rest.shift(); entry !== undefined; entry = rest.shift()) await work(entry);
  });
}
