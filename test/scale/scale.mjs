// npm run scale -- --rooms 5000 --rate 250 --minutes 2: so many live rooms in one watcher, so many messages a second over all
// of them. Prints what a room costs in memory, processor time, delay of the event loop, and the slopes of memory and handles.
// `--cut 30` cuts a room's socket every 30 s, `--no-kafka` measures the service alone with its journal, `--json` prints one
// JSON line instead of a table. Exits 1 when rooms or messages are missing.
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureReady } from '../../scripts/lib/setup.mjs';
import { equation, eventually, Figures, median, pause, post, Program, SERVICE, slope } from '../outage/programs.mjs';

const { values: flags } = parseArgs({
  options: {
    rooms: { type: 'string', default: '5000' },
    rate: { type: 'string', default: '250' },
    minutes: { type: 'string', default: '2' },
    cut: { type: 'string' },
    'no-kafka': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const rooms = Number(flags.rooms);
const rate = Number(flags.rate);
const seconds = Number(flags.minutes) * 60;
const cutSeconds = flags.cut === undefined ? undefined : Number(flags.cut);
if (![rooms, rate, seconds, cutSeconds ?? 1].every((value) => value > 0)) {
  console.error('--rooms, --rate, --minutes and --cut must be numbers above 0.');
  process.exit(2);
}

ensureReady();
const { freePorts, startKafka } = await import('../../libs/testkit/dist/index.js');

const MIB = 1024 * 1024;
/** Clock ticks of `/proc/<pid>/stat` in a second, on every Linux. */
const TICKS = 100;
const CONNECT_MS = 15 * 60_000;
const SAMPLES = 60;
const cleanUps = [];
const say = (text) => {
  if (!flags.json) console.log(text);
};

/** Resident bytes, processor seconds and open files of a process. */
async function usage(pid) {
  const [stat, statm, files] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/statm`, 'utf8'),
    readdir(`/proc/${pid}/fd`),
  ]);
  // Behind the name, which may hold spaces: state is field 3, utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    resident: Number(statm.split(' ')[1]) * 4096,
    processor: (Number(fields[11]) + Number(fields[12])) / TICKS,
    files: files.length,
  };
}

async function start() {
  let brokers = [];
  if (!flags['no-kafka']) {
    const kafka = await startKafka({ environment: {}, optimised: true });
    if ('skipped' in kafka) throw new Error(`no broker: ${kafka.skipped}`);
    cleanUps.push(() => kafka.dispose());
    brokers = kafka.brokers;
  }
  const folder = await mkdtemp(join(tmpdir(), 'livetap-scale-'));
  // An embedded Postgres started by root runs as another user.
  await chmod(folder, 0o755);
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  // One stream for all rooms where each says much: at 10,000 messages a second the simulator would else need more of the machine
  // than the service. Rooms that say little would all do so at one moment.
  const world = {
    ...{ port: 0, streamers: rooms, rate, 'live-at-start': 1, schedule: false, seed: 23, skew: 0 },
    'same-stream': rate >= rooms,
  };
  const simulator = new Program(
    'simulator',
    'apps/simulator/dist/main.js',
    [
      ...Object.entries({ ...world, 'ledger-dir': join(folder, 'ledger'), 'ledger-entries': 100_000 }).flatMap(
        ([name, value]) => [`--${name}`, String(value)],
      ),
    ],
    {},
  );
  cleanUps.push(() => simulator.stop());
  const [simulatorUrl] = await simulator.printed(/http:\/\/127\.0\.0\.1:\d+/);
  const [port] = await freePorts(1);
  const watcher = new Program('watcher', SERVICE, [], {
    LIVETAP_HTTP_PORT: String(port),
    LIVETAP_DATA_DIR: join(folder, 'data'),
    ...(brokers.length === 0
      ? {}
      : { KAFKA_BROKERS: brokers.join(','), LIVETAP_TOPIC_PREFIX: `scale.${randomUUID().slice(0, 8)}` }),
    LIVETAP_TIKTOK_WEB_URL: simulatorUrl,
    LIVETAP_TIKTOK_WEBCAST_URL: simulatorUrl,
    LIVETAP_TIKTOK_SOCKET_URL: simulatorUrl.replace('http:', 'ws:'),
    SIGN_API_URL: simulatorUrl,
    LIVETAP_REQUESTS_PER_SECOND: '5000',
  });
  cleanUps.push(() => watcher.stop());
  await watcher.printed(/Livetap is ready/);
  return { simulatorUrl, watcher, url: `http://127.0.0.1:${port}` };
}

async function run() {
  const { simulatorUrl, watcher, url } = await start();
  const { pid } = watcher.child;
  const figures = async () => new Figures(await (await fetch(`${url}/metrics`)).text());
  const live = (now) => now.lines.find(([key]) => key === 'livetap_rooms{state="live"}')?.[1] ?? 0;
  await pause(5_000);
  const empty = await usage(pid);
  const { streamers } = await (await fetch(`${simulatorUrl}/_sim/streamers`)).json();
  const began = performance.now();
  for (let from = 0; from < streamers.length; from += 500) {
    const part = streamers.slice(from, from + 500).map(({ uniqueId }) => ({ uniqueId }));
    await post(`${url}/v1/streamers`, { streamers: part });
  }
  await eventually(
    'all rooms are live',
    async () => {
      await pause(1_000);
      return live(await figures()) >= rooms ? true : undefined;
    },
    CONNECT_MS,
  );
  const connectSeconds = (performance.now() - began) / 1_000;
  say(`${rooms} rooms are live after ${connectSeconds.toFixed(1)} s; measuring for ${seconds} s`);

  const samples = [];
  const started = performance.now();
  const before = { ...(await usage(pid)), received: (await figures()).sum('livetap_messages_received_total') };
  let cuts = 0;
  while (performance.now() - started < seconds * 1_000) {
    await pause((seconds * 1_000) / SAMPLES);
    const at = (performance.now() - started) / 1_000;
    const [own, now] = [await usage(pid), await figures()];
    samples.push({
      at,
      ...own,
      live: live(now),
      heap: now.sum('livetap_nodejs_heap_size_used_bytes'),
      external: now.sum('livetap_nodejs_external_memory_bytes'),
      delay: now.sum('livetap_nodejs_eventloop_lag_p99_seconds'),
    });
    // The last room cut has time to come back before it is counted.
    if (cutSeconds !== undefined && at < seconds - cutSeconds && Math.floor(at / cutSeconds) > cuts) {
      const room = streamers[cuts % streamers.length];
      cuts += 1;
      await post(`${simulatorUrl}/_sim/faults`, { kind: 'cut', uniqueId: room.uniqueId });
    }
  }
  const took = (performance.now() - started) / 1_000;
  const after = { ...(await usage(pid)), received: (await figures()).sum('livetap_messages_received_total') };
  await post(`${simulatorUrl}/_sim/quiesce`);
  const last = await eventually(
    'everything that was received is admitted and published',
    async () => {
      const now = await figures();
      return equation(now).open === 0 && now.sum('livetap_journal_events') === 0 ? now : undefined;
    },
    CONNECT_MS,
  );
  const liveAtTheEnd = live(last);
  const code = await watcher.stop();
  // The first third is warm-up: the heap finds its size.
  const settled = samples.slice(Math.floor(samples.length / 3));
  return {
    rooms,
    connectSeconds,
    messagesPerSecond: (after.received - before.received) / took,
    kibPerRoom: (median(settled.map(({ resident }) => resident)) - empty.resident) / rooms / 1024,
    residentMib: median(settled.map(({ resident }) => resident)) / MIB,
    peakMib: Math.max(...samples.map(({ resident }) => resident)) / MIB,
    heapMib: median(settled.map(({ heap }) => heap)) / MIB,
    cores: (after.processor - before.processor) / took,
    delayP99Ms: median(settled.map(({ delay }) => delay)) * 1_000,
    filesPerRoom: (after.files - empty.files) / rooms,
    mibPerHour: (slope(settled.map(({ at, resident }) => [at, resident])) * 3_600) / MIB,
    heapMibPerHour: (slope(settled.map(({ at, heap }) => [at, heap])) * 3_600) / MIB,
    externalMibPerHour: (slope(settled.map(({ at, external }) => [at, external])) * 3_600) / MIB,
    filesPerHour: slope(settled.map(({ at, files }) => [at, files])) * 3_600,
    cuts,
    gaps: last.lines.find(([key]) => /synthesized_total\{.*room\.gap/.test(key))?.[1] ?? 0,
    gapSeconds: Object.fromEntries(
      last.lines.flatMap(([key, value]) => {
        const reason = /^livetap_gap_seconds_total\{reason="(\w+)"/.exec(key)?.[1];
        return reason === undefined || value === 0 ? [] : [[reason, value]];
      }),
    ),
    liveAtTheEnd,
    unaccounted: equation(last).open,
    code,
  };
}

function print(result) {
  const row = (name, value, digits, unit = '') =>
    console.log(`  ${name.padEnd(46)}${value.toLocaleString('en-US', { maximumFractionDigits: digits })}${unit}`);
  row('rooms live at the end', result.liveAtTheEnd, 0);
  row('all connected after', result.connectSeconds, 1, ' s');
  row('messages a second', result.messagesPerSecond, 0);
  row('resident memory, median; peak', result.residentMib, 0, ` MiB; ${Math.round(result.peakMib)} MiB`);
  row('heap in use, median', result.heapMib, 0, ' MiB');
  row('resident memory of a room', result.kibPerRoom, 1, ' KiB');
  row('open files of a room', result.filesPerRoom, 2);
  row('processor', result.cores, 2, ' cores');
  row('delay of the event loop, p99', result.delayP99Ms, 1, ' ms');
  row('slope of memory', result.mibPerHour, 1, ' MiB/h');
  row('slope of the heap in use', result.heapMibPerHour, 1, ' MiB/h');
  row('slope of memory outside the heap', result.externalMibPerHour, 1, ' MiB/h');
  row('slope of open files', result.filesPerHour, 1, ' /h');
  row('sockets cut; gaps', result.cuts, 0, `; ${result.gaps}`);
  for (const [reason, seconds] of Object.entries(result.gapSeconds)) row(`length of gaps, ${reason}`, seconds, 1, ' s');
  row('received and not accounted for', result.unaccounted, 0);
}

try {
  say(`${rooms} rooms, ${rate} messages/s, ${availableParallelism()} cores, simulator and broker on the same machine`);
  const result = await run();
  if (flags.json) console.log(JSON.stringify(result));
  else print(result);
  process.exitCode = result.liveAtTheEnd === rooms && result.unaccounted === 0 && result.code === 0 ? 0 : 1;
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  for (const step of cleanUps.reverse()) await step();
}
