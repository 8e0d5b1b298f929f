// npm run outage -- --minutes 10 --rate 2000: Kafka is away for so long while the simulator sends so many messages a second
// through a real watcher, then comes back. Checks that nothing is lost, the order of every room holds, repeats stay within the
// formula, memory stays flat, and the backlog goes out at least five times as fast as events arrive. Exits 1 when one does not.
// `--kill` ends the broker by SIGKILL instead of in order, `--json` prints one JSON line instead of tables.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { ask, equation, eventually, Figures, median, pause, post, Program, SERVICE, slope } from './programs.mjs';
import { ensureReady } from '../../scripts/lib/setup.mjs';

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seconds: { type: 'string' },
    rate: { type: 'string', default: '2000' },
    streamers: { type: 'string', default: '50' },
    'warm-up': { type: 'string', default: '30' },
    kill: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const outageSeconds = flags.seconds !== undefined ? Number(flags.seconds) : Number(flags.minutes ?? 10) * 60;
const rate = Number(flags.rate);
const warmUpSeconds = Number(flags['warm-up']);
if (![outageSeconds, rate, warmUpSeconds].every((value) => value > 0)) {
  console.error('--minutes or --seconds, --rate and --warm-up must be numbers above 0.');
  process.exit(2);
}

ensureReady();
const { DeliveryLedger, freePorts, RecordCheck, startKafka, visitTopics } =
  await import('../../libs/testkit/dist/index.js');
const { TOPIC_CATALOGUE, topicName } = await import('../../libs/contracts/dist/index.js');

/** Times the arrival rate at which the backlog must go out. */
const CATCH_UP_FACTOR = 5;
/** A batch of the publisher holds at most so many events; each failed attempt may repeat one batch. */
const BATCH_EVENTS = 2_000;
/** Growth of memory during the outage that counts as flat: far below the backlog that a leak would keep. */
const FLAT_BYTES = 64 * 1024 * 1024;
const RESIDENT_LIMIT_BYTES = 512 * 1024 * 1024;
/** Readiness must know within this time, and the request for it takes a moment. */
const READINESS_SECONDS = 5;
const READINESS_SLACK_SECONDS = 1;
const SAMPLE_MS = Math.min(5_000, (outageSeconds * 1_000) / 20);
const LOOK_MS = 900;
const MIB = 1024 * 1024;
/** The first ones tell enough. */
const SHOWN_FAULTS = 10;

const cleanUps = [];
const say = (text) => {
  if (!flags.json) console.log(text);
};
const number = (value, digits = 0) =>
  value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });
const secondsSince = (start) => (performance.now() - start) / 1_000;

async function start() {
  const kafka = await startKafka({ environment: {}, optimised: true });
  if ('skipped' in kafka) throw new Error(`no broker: ${kafka.skipped}`);
  cleanUps.push(() => kafka.dispose());
  const folder = await mkdtemp(join(tmpdir(), 'livetap-outage-'));
  // An embedded Postgres started by root runs as another user.
  await chmod(folder, 0o755);
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  const simulator = new Program(
    'simulator',
    'apps/simulator/dist/main.js',
    [
      '--port',
      '0',
      '--streamers',
      flags.streamers,
      '--rate',
      String(rate),
      '--live-at-start',
      '1',
      '--schedule',
      'false',
      '--seed',
      '11',
      '--skew',
      '0.5',
      '--ledger-dir',
      join(folder, 'ledger'),
    ],
    {},
  );
  cleanUps.push(() => simulator.stop());
  const [url] = await simulator.printed(/http:\/\/127\.0\.0\.1:\d+/);
  const [port] = await freePorts(1);
  const prefix = `outage.${randomUUID().slice(0, 8)}`;
  const watcher = new Program('watcher', SERVICE, [], {
    LIVETAP_HTTP_PORT: String(port),
    LIVETAP_DATA_DIR: join(folder, 'data'),
    KAFKA_BROKERS: kafka.brokers.join(','),
    LIVETAP_TOPIC_PREFIX: prefix,
    LIVETAP_TIKTOK_WEB_URL: url,
    LIVETAP_TIKTOK_WEBCAST_URL: url,
    LIVETAP_TIKTOK_SOCKET_URL: url.replace('http:', 'ws:'),
    SIGN_API_URL: url,
    LIVETAP_REQUESTS_PER_SECOND: '500',
    LIVETAP_CHECK_INTERVAL_MS: '1000',
  });
  cleanUps.push(() => watcher.stop());
  await watcher.printed(/Livetap is ready/);
  return { kafka, simulator, simulatorUrl: url, watcher, url: `http://127.0.0.1:${port}`, prefix };
}

async function run() {
  const { kafka, simulator, simulatorUrl, watcher, url, prefix } = await start();
  const figures = async () => new Figures(await (await ask(`${url}/metrics`)).text());
  const { streamers } = await (await ask(`${simulatorUrl}/_sim/streamers`)).json();
  await post(`${url}/v1/streamers`, { streamers: streamers.map(({ uniqueId }) => ({ uniqueId })) });
  await eventually('all rooms are live', async () =>
    (await figures()).lines.some(([key, value]) => key === 'livetap_rooms{state="live"}' && value >= streamers.length)
      ? true
      : undefined,
  );
  say(`${streamers.length} rooms are live; ${warmUpSeconds} s with the broker, then ${outageSeconds} s without`);
  await pause(warmUpSeconds * 1_000);

  const admittedBefore = (await figures()).sum('livetap_events_admitted_total');
  const outageStart = performance.now();
  await (flags.kill ? kafka.kill() : kafka.stop());
  const goneAt = performance.now();
  const readiness = await eventually('readiness says why', async () => {
    const answer = await fetch(`${url}/readyz`);
    const text = await answer.text();
    return answer.status === 503 && /publisher/.test(text) ? { seconds: secondsSince(goneAt), text } : undefined;
  });
  const samples = [];
  while (secondsSince(outageStart) < outageSeconds) {
    const now = await figures();
    samples.push({
      at: secondsSince(outageStart),
      resident: watcher.residentBytes() || now.sum('livetap_process_resident_memory_bytes'),
      heap: now.sum('livetap_nodejs_heap_size_used_bytes'),
      backlog: now.sum('livetap_journal_events'),
    });
    await pause(SAMPLE_MS);
  }
  const beforeReturn = await figures();
  const arrivalRate = (beforeReturn.sum('livetap_events_admitted_total') - admittedBefore) / secondsSince(outageStart);
  await kafka.restart();
  const catchUp = await watchCatchUp(figures, arrivalRate, () => watcher.residentBytes());
  say(`the backlog of ${number(catchUp.backlog)} events is gone after ${number(catchUp.seconds, 1)} s`);

  await post(`${simulatorUrl}/_sim/quiesce`);
  const last = await eventually('everything that was received is published', async () => {
    const now = await figures();
    const { open } = equation(now);
    return open === 0 && now.sum('livetap_journal_events') === 0 ? now : undefined;
  });
  const exitCode = await watcher.stop();
  const delivery = await compare({ kafka, simulatorUrl, prefix });
  await simulator.stop();
  return {
    arrivalRate,
    backlog: catchUp.backlog,
    readiness,
    samples,
    catchUp,
    delivery,
    errors: last.sum('livetap_publish_errors_total'),
    equation: equation(last),
    exitCode,
  };
}

/** From the first acknowledgement after the outage until less than a second of arrivals waits. */
async function watchCatchUp(figures, arrivalRate, residentBytes) {
  const before = await figures();
  const published = (now) => now.sum('livetap_events_published_total');
  const start = published(before);
  const backlog = before.sum('livetap_journal_events');
  const restartedAt = performance.now();
  let firstAt;
  let firstPublished = start;
  let peak = 0;
  const end = await eventually(
    'the backlog is gone',
    async () => {
      // Each look costs the service some milliseconds, which the backlog needs.
      await pause(LOOK_MS);
      const now = await figures();
      const at = performance.now();
      peak = Math.max(peak, residentBytes());
      if (firstAt === undefined && published(now) > start) {
        firstAt = at;
        firstPublished = published(now);
      }
      return now.sum('livetap_journal_events') < arrivalRate ? { at, published: published(now) } : undefined;
    },
    Math.max(300_000, outageSeconds * 1_000),
  );
  // A backlog that went out between two looks was seen only as a whole.
  const seconds = Math.max(0.001, (end.at - (firstAt === end.at ? restartedAt : firstAt)) / 1_000);
  const count = end.published - (firstAt === end.at ? start : firstPublished);
  return {
    backlog,
    reconnectSeconds: (firstAt - restartedAt) / 1_000,
    seconds,
    published: count,
    rate: count / seconds,
    peak,
  };
}

/** What the simulator handed to open sockets against what lies in the topics. */
async function compare({ kafka, simulatorUrl, prefix }) {
  const ledger = new DeliveryLedger();
  const answer = await ask(`${simulatorUrl}/_sim/ledger`);
  for await (const line of createInterface({ input: Readable.fromWeb(answer.body) })) {
    if (line === '') continue;
    const { room, msgId, damaged } = JSON.parse(line);
    if (!damaged) ledger.expect(`/tiktok/rooms/${room}`, msgId);
  }
  const topics = TOPIC_CATALOGUE.filter(({ subject }) => subject !== 'raw' && subject !== 'canary').map(({ subject }) =>
    topicName(prefix, subject, 'subject'),
  );
  const check = new RecordCheck();
  const faults = [];
  let faulty = 0;
  await visitTopics(kafka.brokers, topics, (record) => {
    ledger.arrived(record);
    const found = check.faults(record);
    if (found.length > 0) faulty += 1;
    if (faults.length < SHOWN_FAULTS) faults.push(...found);
  });
  for (const fault of faults) say(fault);
  return { ...ledger.report(), faulty };
}

/** Marks a check that depends on the speed of the machine: a test leaves it out. */
const TIMING = true;

function judge(result) {
  const { samples, catchUp, delivery, errors } = result;
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const growth = (pick) => median(samples.slice(-quarter).map(pick)) - median(samples.slice(0, quarter).map(pick));
  const grown = growth(({ resident }) => resident);
  const allowed = errors * BATCH_EVENTS;
  const peak = Math.max(...samples.map(({ resident }) => resident));
  return [
    ['events that had to arrive', number(delivery.expected), delivery.expected > 0],
    ['events in the topics', number(delivery.events), true],
    ['lost', number(delivery.lost), delivery.lost === 0],
    ['records against the contract', number(delivery.faulty), delivery.faulty === 0],
    [
      'out of order, rooms split, holes in sequences',
      `${delivery.disordered}, ${delivery.split}, ${delivery.holes}`,
      delivery.disordered + delivery.split + delivery.holes === 0,
    ],
    [
      `repeated (formula: ${errors} failed attempts × ${number(BATCH_EVENTS)})`,
      number(delivery.repeated),
      delivery.repeated <= allowed,
    ],
    [
      'readiness said why after',
      `${number(result.readiness.seconds, 1)} s`,
      result.readiness.seconds <= READINESS_SECONDS + READINESS_SLACK_SECONDS,
      TIMING,
    ],
    ['backlog', `${number(catchUp.backlog)} events`, catchUp.backlog > 0],
    ['arrival rate', `${number(result.arrivalRate)} events/s`, result.arrivalRate > 0],
    ['connected again after', `${number(catchUp.reconnectSeconds, 1)} s`, true],
    ['backlog cleared in', `${number(catchUp.seconds, 1)} s at ${number(catchUp.rate)} events/s`, true],
    [
      'times the arrival rate',
      number(catchUp.rate / result.arrivalRate, 1),
      catchUp.rate >= CATCH_UP_FACTOR * result.arrivalRate,
      TIMING,
    ],
    ['memory: peak during the outage', `${number(peak / MIB)} MiB`, peak <= RESIDENT_LIMIT_BYTES],
    [
      'memory: peak while the backlog went out',
      `${number(catchUp.peak / MIB)} MiB`,
      catchUp.peak <= RESIDENT_LIMIT_BYTES,
    ],
    ['memory: last quarter of the outage against the first', `${number(grown / MIB, 1)} MiB`, grown <= FLAT_BYTES],
    [
      'memory: slope',
      `${number((slope(samples.map(({ at, resident }) => [at, resident])) * 60) / MIB, 2)} MiB/min`,
      true,
    ],
    [
      'received + synthesized − published − repeats − dropped',
      String(result.equation.open),
      result.equation.open === 0,
    ],
    ['exit code of the watcher', String(result.exitCode), result.exitCode === 0],
  ];
}

function print(result, rows) {
  if (flags.json) {
    console.log(
      JSON.stringify({
        ...result,
        checks: rows.map(([name, value, ok, timing = false]) => ({ name, value, ok, timing })),
      }),
    );
    return;
  }
  say('\nduring the outage');
  say('     s   resident MiB   heap MiB   backlog');
  const every = Math.max(1, Math.ceil(result.samples.length / 20));
  for (const { at, resident, heap, backlog } of result.samples.filter((_, index) => index % every === 0)) {
    say(
      `${number(at).padStart(6)}${number(resident / MIB).padStart(15)}${number(heap / MIB).padStart(11)}${number(backlog).padStart(10)}`,
    );
  }
  say(`\nreadiness: ${result.readiness.text}`);
  say('');
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value, ok] of rows) say(`${ok ? ' ok ' : 'FAIL'}  ${name.padEnd(width)}  ${value}`);
  for (const sample of result.delivery.samples) say(`      ${sample}`);
}

// Whoever stops the run leaves no servers behind.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void cleanUp().then(() => process.exit(130)));

async function cleanUp() {
  for (const step of cleanUps.splice(0).reverse()) await step();
}

let code = 1;
try {
  say(
    `outage of ${outageSeconds} s at ${rate} messages/s, ${flags.kill ? 'SIGKILL' : 'stop in order'}, ${availableParallelism()} cores`,
  );
  const result = await run();
  const rows = judge(result);
  print(result, rows);
  code = rows.every(([, , ok]) => ok) ? 0 : 1;
} catch (error) {
  console.error(error);
} finally {
  await cleanUp();
}
// Whoever reads the output through a pipe gets all of it.
if (process.stdout.writableLength > 0) await once(process.stdout, 'drain');
process.exit(code);
