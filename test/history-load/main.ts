import { randomUUID } from 'node:crypto';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { startEmbeddedPostgres } from '../../apps/watcher/src/persistence/embedded-postgres.adapter.js';
import { runMigrations } from '../../apps/watcher/src/persistence/migration-runner.adapter.js';
import { MIGRATIONS_DIRECTORY, withClient } from '../setup/postgres.js';
import { temporaryFolder, Watcher } from '../system/processes.js';
import { documentedQueries, LISTS, VIEWS, type QueryCase, type Target } from './cases.js';
import { seedHistory, SNAPSHOTS_OF_A_HUNDRED } from './seed.js';

const USAGE = `npm run history:load -- [--snapshots 10000000] [--rounds 100] [--limit-ms 50] [--dir <folder>]

Fills a real Postgres with made-up history (half as many gifters as snapshots), then asks REST of a running service for pages
of 100 of each list, and Postgres for each view and each of the ten queries of docs/database.md, in turn. Prints median and
95th percentile; plans (EXPLAIN ANALYZE, BUFFERS) go to .cache/history-load. --dir keeps the database and takes it again.
Ends with 1 when something takes longer than the limit.`;

const OUTPUT = fileURLToPath(new URL('../../.cache/history-load', import.meta.url));
/** Each place is asked this often before it counts: connections are open, caches as warm as those of a server that is used. */
const WARM_UP_ROUNDS = 5;

/** `npm run history:load`. Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { snapshots: text, rounds: text, 'limit-ms': text, dir: text, help: { type: 'boolean' } },
  });
  const snapshots = Number(values.snapshots ?? 10_000_000);
  const rounds = Number(values.rounds ?? 100);
  const limitMs = Number(values['limit-ms'] ?? 50);
  if (values.help === true || ![snapshots, rounds, limitMs].every((value) => value > 0)) {
    console.log(USAGE);
    return values.help === true ? 0 : 2;
  }
  const temporary = values.dir === undefined ? await temporaryFolder() : undefined;
  const dataDir = temporary?.path ?? values.dir ?? '';
  const server = await startEmbeddedPostgres({ dataDir });
  try {
    const streamers = 100 * Math.max(1, Math.round(snapshots / SNAPSHOTS_OF_A_HUNDRED));
    const url = await preparedDatabase(server.url, streamers);
    const work = await temporaryFolder();
    try {
      return await measure({
        url,
        streamers,
        rounds,
        limitMs,
        folder: work.path,
        serverLog: join(dataDir, 'postgres/server.log'),
      });
    } finally {
      await work.remove();
    }
  } finally {
    await server.stop();
    await temporary?.remove();
  }
}

/** The address of a filled database of this size; what an earlier run with the same folder made is used again. */
async function preparedDatabase(admin: string, streamers: number): Promise<string> {
  const name = `history_load_${streamers}`;
  const address = new URL(admin);
  address.pathname = `/${name}`;
  const known = await withClient(admin, async (client) => {
    const found = await client.query(`SELECT FROM pg_database WHERE datname = $1`, [name]);
    return (found.rowCount ?? 0) > 0;
  });
  if (known) {
    console.log(`database ${name} is there already`);
    await runMigrations({ url: address.href, directory: MIGRATIONS_DIRECTORY });
    return address.href;
  }
  const draft = `draft_${randomUUID().slice(0, 8)}`;
  const draftAddress = new URL(admin);
  draftAddress.pathname = `/${draft}`;
  await withClient(admin, (client) => client.query(`CREATE DATABASE ${draft}`));
  await runMigrations({ url: draftAddress.href, directory: MIGRATIONS_DIRECTORY });
  console.log(`making history of ${streamers} streamers`);
  await withClient(draftAddress.href, (client) => seedHistory(client, { streamers }, console.log));
  // Named when it is whole: a run that was broken off leaves nothing that a later one would take for it.
  await withClient(admin, (client) => client.query(`ALTER DATABASE ${draft} RENAME TO ${name}`));
  return address.href;
}

interface Measurement {
  readonly url: string;
  readonly streamers: number;
  readonly rounds: number;
  readonly limitMs: number;
  readonly folder: string;
  readonly serverLog: string;
}

/** One thing to measure: `ask` resolves when the whole answer is here. */
interface Probe {
  readonly name: string;
  ask(target: Target): Promise<unknown>;
}

async function measure(options: Measurement): Promise<number> {
  const { url, streamers, rounds, limitMs } = options;
  const queries = [...VIEWS, ...(await documentedQueries())];
  const watcher = await Watcher.start(settingsOf(options));
  const figures = new Map<string, number[]>();
  try {
    await withClient(url, async (client) => {
      await client.query('SET ROLE livetap_read');
      const probes = [
        ...LISTS.map((list) => listProbe(watcher, list.name, list.path)),
        ...queries.map((one) => queryProbe(client, one)),
      ];
      for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
        for (const probe of probes) {
          const target = targetOf(round + WARM_UP_ROUNDS, streamers);
          const from = performance.now();
          await probe.ask(target);
          if (round >= 0) figures.set(probe.name, [...(figures.get(probe.name) ?? []), performance.now() - from]);
        }
      }
    });
  } finally {
    await watcher.stop();
  }
  const slow = print(figures, limitMs);
  await keepPlans(options, queries);
  console.log(`plans: ${OUTPUT}`);
  console.log(slow.length === 0 ? `all within ${limitMs} ms` : `NOT within ${limitMs} ms: ${slow.join('; ')}`);
  return slow.length === 0 ? 0 : 1;
}

/** A service without a network: all streamers are paused. */
function settingsOf({ url, folder }: Measurement): Record<string, string> {
  return { DATABASE_URL: url, LIVETAP_DATA_DIR: join(folder, 'data'), LIVETAP_TIKTOK_WEB_URL: 'http://127.0.0.1:9' };
}

/** Every second one is a big streamer; the others, and the sessions, are spread over all. */
function targetOf(round: number, streamers: number): Target {
  const big = round % 2 === 0;
  const streamer = big ? 1 + 100 * ((round / 2) % (streamers / 100)) : 1 + ((round * 7919) % streamers);
  const live = (round * 31) % (streamer % 100 === 1 ? 28 : 7);
  return {
    streamer,
    uniqueId: `streamer${streamer}`,
    userId: String(6_800_000_000_000_000_000n + BigInt(streamer)),
    session: String(7_300_000_000_000_000_000n + BigInt(streamer * 1_000 + live)),
    oldSession: String(7_200_000_000_000_000_000n + BigInt(streamer * 1_000 + 1 + (round % 5))),
  };
}

/** Two requests for each place: the first page and the one after it, in turn. */
function listProbe(watcher: Watcher, name: string, pathOf: (target: Target) => string): Probe {
  let next: string | undefined;
  return {
    name: `GET ${name}`,
    async ask(target) {
      const path = next ?? pathOf(target);
      const answer = await watcher.json<{ nextCursor?: string }>(path);
      next =
        next === undefined && answer.nextCursor !== undefined
          ? `${path}&cursor=${encodeURIComponent(answer.nextCursor)}`
          : undefined;
    },
  };
}

function queryProbe(client: pg.Client, { name, sql }: QueryCase): Probe {
  return { name, ask: (target) => client.query(sql(target)) };
}

/** @returns the names of what is too slow */
function print(figures: ReadonlyMap<string, readonly number[]>, limitMs: number): string[] {
  const slow: string[] = [];
  console.log(`${'median'.padStart(8)}  ${'p95'.padStart(8)}  ms`);
  for (const [name, times] of figures) {
    const sorted = [...times].sort((a, b) => a - b);
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
    console.log(`${at(0.5).toFixed(1).padStart(8)}  ${at(0.95).toFixed(1).padStart(8)}  ${name}`);
    if (at(0.95) > limitMs) slow.push(`${name} (${at(0.95).toFixed(1)} ms)`);
  }
  return slow;
}

/** Plans of the queries as Postgres explains them, and of the statements behind REST as it writes them into its log. */
async function keepPlans(options: Measurement, queries: readonly QueryCase[]): Promise<void> {
  const { url, streamers, serverLog } = options;
  await rm(OUTPUT, { recursive: true, force: true });
  await mkdir(OUTPUT, { recursive: true });
  const target = targetOf(0, streamers);
  await withClient(url, async (client) => {
    for (const { name, sql } of queries) {
      const statement = sql(target);
      await client.query(statement);
      const plan = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, BUFFERS) ${statement}`);
      await writeFile(
        join(OUTPUT, fileName(name)),
        `${statement}\n\n${plan.rows.map((row) => row['QUERY PLAN']).join('\n')}\n`,
      );
    }
  });
  const database = new URL(url).pathname.slice(1);
  const settings = { log_min_duration: '0', log_analyze: 'on', log_buffers: 'on', log_nested_statements: 'on' };
  await withClient(url, async (client) => {
    await client.query(`ALTER DATABASE ${database} SET session_preload_libraries = 'auto_explain'`);
    for (const [name, value] of Object.entries(settings)) {
      await client.query(`ALTER DATABASE ${database} SET auto_explain.${name} = '${value}'`);
    }
  });
  const watcher = await Watcher.start(settingsOf(options));
  try {
    for (const { name, path } of LISTS) {
      await watcher.json(path(target));
      const from = await sizeOf(serverLog);
      await watcher.json(path(target));
      await writeFile(join(OUTPUT, fileName(`GET ${name}`)), `${path(target)}\n\n${await readFrom(serverLog, from)}`);
    }
  } finally {
    await watcher.stop();
    await withClient(url, (client) => client.query(`ALTER DATABASE ${database} RESET ALL`));
  }
}

async function sizeOf(path: string): Promise<number> {
  const file = await open(path);
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

async function readFrom(path: string, from: number): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}

function fileName(name: string): string {
  return `${name.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '-')}.txt`;
}
