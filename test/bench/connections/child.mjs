// One library in a process of its own, with as many connections as it is told, in rooms of frame-server.mjs. Says what its
// memory is when they are open, then does what it is told: counts the events of a stretch of frames, closes. Started by run.mjs.
import { SUBJECTS } from './subjects.mjs';

const { subject, port, connections: count, first, heard } = JSON.parse(process.argv[2]);
const open = await SUBJECTS[subject](`http://127.0.0.1:${port}`);

const connections = [];
let events = 0;
let awaited;
/** How many connections are being opened at once. */
const AT_ONCE = 50;

async function openUpTo(number) {
  while (connections.length < number) {
    const few = Math.min(AT_ONCE, number - connections.length);
    const rooms = Array.from({ length: few }, (_, at) =>
      String(7_300_000_000_000_000_000n + BigInt(connections.length + at)),
    );
    connections.push(...(await Promise.all(rooms.map((roomId) => open(roomId, heard, onEvent)))));
  }
}

function onEvent() {
  events += 1;
  if (awaited !== undefined && events >= awaited.events) conclude();
}

/** The memory that is in use, what nobody needs any more left out where the process may collect it. Bytes. */
async function memory() {
  for (let i = 0; globalThis.gc && i < 3; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc();
  }
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  return {
    heap: heapUsed,
    outside: external + arrayBuffers,
    resident: rss,
    peak: process.resourceUsage().maxRSS * 1024,
  };
}

function conclude() {
  const { user, system } = process.cpuUsage(awaited.processor);
  const seconds = (performance.now() - awaited.at) / 1_000;
  awaited = undefined;
  process.send({ counted: { events, seconds, processorMicros: user + system, kernelMicros: system } });
  events = 0;
}

// Some connections before anything is measured: what a library loads and compiles is not the price of a connection.
await openUpTo(first);
const before = await memory();
await openUpTo(count);
process.send({ opened: { before, after: await memory() } });

process.on('message', async (order) => {
  if (order.expect !== undefined) {
    awaited = { events: order.expect, at: performance.now(), processor: process.cpuUsage() };
    // They may all have come already.
    if (events >= order.expect) conclude();
  }
  if (order.measure) process.send({ measured: await memory() });
  if (order.close) {
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
    process.send({ closed: await memory() });
  }
});
process.on('disconnect', () => process.exit(0));
