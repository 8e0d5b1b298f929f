// npm run tail:load -- --clients 1000 --rate 20000 --seconds 30: so many clients of the live tail, each filtered to a streamer of
// its own, get so many events a second in all, while one client that never reads is among them and others are cut again and again.
// Checks that every client got every event once and in order, that those that were cut found no hole and at most one flush
// twice, and that the slow one was cut with its reason. Exits 1 when one does not hold. `--json` prints one JSON line.
import { fork } from 'node:child_process';
import { get, Agent } from 'node:http';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureReady } from '../../scripts/lib/setup.mjs';

const { values: flags } = parseArgs({
  options: {
    clients: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '30' },
    cuts: { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  },
});
const [count, rate, seconds, cuts] = [flags.clients, flags.rate, flags.seconds, flags.cuts].map(Number);
if (![count, rate, seconds].every((value) => value > 0) || !(cuts >= 0)) {
  console.error('--clients, --rate and --seconds are numbers above 0, --cuts is a number.');
  process.exit(2);
}
/** Clients that are cut, each about as often. */
const CUTTERS = 10;
/** What one client may have received behind the last place that it was told: one write of the server. */
const FLUSH_EVENTS = 1_000;
const PATIENCE_MS = 120_000;

if (!flags.json) ensureReady();
const child = fork(fileURLToPath(new URL('tail-server.mjs', import.meta.url)), {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
});
const said = new Map();
child.on('message', (message) => said.get(message.kind)?.(message));
const hear = (kind) => new Promise((resolve) => said.set(kind, resolve));
const failed = new Promise((_, reject) =>
  child.once('exit', (code) => reject(new Error(`the server ended with ${code}`))),
);
failed.catch(() => undefined);

const { port } = await Promise.race([hear('ready'), failed]);
const agent = new Agent({ keepAlive: false, maxSockets: Infinity });
const latencies = [];
let delivered = 0;

/** Follows one streamer; `onEvent` gets each number. Resolves when the stream is open. */
function open(query, headers, onEvent, state = {}) {
  return new Promise((resolve, reject) => {
    const request = get({ port, host: '127.0.0.1', path: `/v1/events?${query}`, headers, agent }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`status ${answer.statusCode}`));
      let rest = '';
      answer.setEncoding('latin1').on('data', (text) => {
        const blocks = (rest + text).split('\n\n');
        rest = blocks.pop();
        for (const block of blocks) {
          // What arrives with the cut, or after it, was not received.
          if (request.destroyed) return;
          const id = block.startsWith('id: ') ? 0 : block.indexOf('\nid: ') + 1;
          if (id > 0 || block.startsWith('id: ')) {
            const end = block.indexOf('\n', id);
            state.last = block.slice(id + 4, end < 0 ? undefined : end);
          }
          const data = block.indexOf('data: ');
          if (data >= 0) {
            const from = block.indexOf('"id":"', data) + 6;
            onEvent(Number(block.slice(from, block.indexOf('"', from))), block);
          }
        }
      });
      answer.on('error', () => undefined);
      answer.on('close', () => state.onClose?.());
      resolve({ request, answer });
    });
    request.on('error', (error) => (request.destroyed ? undefined : reject(error)));
  });
}

const faults = [];
const fault = (text) => {
  if (faults.length < 20) faults.push(text);
};

/** A client that stays. */
async function stay(streamer) {
  const client = { next: 1 };
  await open(`streamer=s${streamer}`, {}, (n, block) => {
    if (n !== client.next) fault(`client ${streamer}: ${n} came where ${client.next} was due`);
    client.next = n + 1;
    delivered += 1;
    if (delivered % 20 === 0) {
      const at = block.indexOf('"sentat":') + 9;
      latencies.push(Date.now() - Number(block.slice(at, at + 13)));
    }
  });
  return client;
}

/** A client that is cut again and again and goes on after its last id. */
async function cutOften(streamer, times) {
  const state = { last: '', next: 1, repeats: 0, cuts: 0 };
  const again = async () => {
    let left = 1 + Math.floor(Math.random() * 30);
    let first = true;
    let connection;
    const onEvent = (n) => {
      if (n > state.next) fault(`after cut ${state.cuts}: a hole before ${n}, ${state.next} was due`);
      if (n < state.next) {
        state.repeats += 1;
        if (state.next - n > FLUSH_EVENTS) fault(`after cut ${state.cuts}: ${n} came again, ${state.next} was due`);
      } else state.next = n + 1;
      first = false;
      left -= 1;
      if (left <= 0 && state.cuts < times && connection !== undefined) {
        state.cuts += 1;
        const { request } = connection;
        connection = undefined;
        request.destroy();
        void again();
      }
    };
    connection = await open(
      `streamer=s${streamer}`,
      state.last === '' ? {} : { 'last-event-id': state.last },
      onEvent,
      state,
    );
    if (!first && left <= 0) onEvent(state.next);
  };
  await again();
  return state;
}

const clients = await Promise.all(Array.from({ length: count }, (_, streamer) => stay(streamer)));
const cutters = await Promise.all(
  Array.from({ length: cuts > 0 ? CUTTERS : 0 }, (_, index) => cutOften(index % count, Math.ceil(cuts / CUTTERS))),
);
// Follows everything and never reads.
const slow = { text: '' };
const { answer: slowAnswer } = await open('', {}, () => undefined, slow);
slowAnswer.removeAllListeners('data');
slowAnswer.pause();

const started = performance.now();
const cpuBefore = process.cpuUsage();
const fed = hear('fed');
child.send({ kind: 'feed', rate, seconds, count });
const { appended, ms, cpuMs } = await Promise.race([fed, failed]);
const each = (index) => Math.floor(appended / count) + (index < appended % count ? 1 : 0);
const missing = () => clients.filter((client, index) => client.next !== each(index) + 1).length;
const behind = () => cutters.filter((state, index) => state.next !== each(index % count) + 1).length;
while (
  (missing() > 0 || behind() > 0) &&
  performance.now() - started < seconds * 1_000 + PATIENCE_MS &&
  faults.length === 0
) {
  await pause(50);
}
const tookMs = performance.now() - started;
const own = process.cpuUsage(cpuBefore);
if (missing() > 0) fault(`${missing()} clients did not get everything`);
if (behind() > 0) fault(`${behind()} of the clients that were cut did not get everything`);

const figures = hear('clients');
child.send({ kind: 'clients' });
const { clients: left, rss } = await figures;
const slowEnd = new Promise((resolve) => slowAnswer.once('end', resolve));
slowAnswer.on('data', (text) => (slow.text = (slow.text + text).slice(-200)));
slowAnswer.resume();
await Promise.race([slowEnd, pause(10_000, undefined, { ref: false })]);
if (!slow.text.includes(': end, slow')) fault('the client that never reads was not cut with its reason');

latencies.sort((a, b) => a - b);
const percentile = (p) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * p))];
const report = {
  clients: count,
  asked: rate,
  deliveriesPerSecond: Math.round(delivered / (tookMs / 1_000)),
  delivered,
  seconds: Number((tookMs / 1_000).toFixed(1)),
  feedSeconds: Number((ms / 1_000).toFixed(1)),
  serverCpu: Number((cpuMs / ms).toFixed(2)),
  serverCpuMicrosPerDelivery: Math.round((cpuMs * 1_000) / delivered),
  clientsCpu: Number(((own.user + own.system) / 1_000 / tookMs).toFixed(2)),
  serverMemoryMiB: Math.round(rss / 1024 / 1024),
  latencyMs: { p50: percentile(0.5), p99: percentile(0.99) },
  cuts: cutters.reduce((sum, state) => sum + state.cuts, 0),
  repeats: cutters.reduce((sum, state) => sum + state.repeats, 0),
  slowClientCut: slow.text.includes(': end, slow'),
  clientsLeft: left,
  faults,
};
if (flags.json) console.log(JSON.stringify(report));
else {
  console.table({
    ...report,
    latencyMs: `p50 ${report.latencyMs.p50}, p99 ${report.latencyMs.p99}`,
    faults: faults.length,
  });
  for (const text of faults) console.log(`FAILED: ${text}`);
}
child.removeAllListeners('exit');
const gone = new Promise((resolve) => child.once('exit', resolve));
child.send({ kind: 'stop' });
await gone;
process.exit(faults.length === 0 ? 0 : 1);
