// A user of the library in a process of its own, so that heap and handles are the library's alone. Started with
// --expose-gc by leaks.spec.ts, which tells it what to do; it answers each order with a measurement.
import { TikTokLiveConnection } from '@livetap/connector';

const [, , url, wsUrl, uniqueId] = process.argv;

const connection = new TikTokLiveConnection(uniqueId, {
  endpoints: { webUrl: url, webcastUrl: url, socketUrl: wsUrl },
  enableExtendedGiftInfo: true,
  reconnect: { rememberedMessages: 1_000 },
});
const seen = { chats: 0, decoded: 0, raw: 0, errors: 0, disconnected: 0 };
connection.on('chat', () => (seen.chats += 1));
connection.on('decodedData', () => (seen.decoded += 1));
connection.on('rawData', () => (seen.raw += 1));
connection.on('error', () => (seen.errors += 1));
connection.on('disconnected', () => (seen.disconnected += 1));

const orders = {
  /** Connects and disconnects so many times. */
  async cycle(times) {
    for (let i = 0; i < times; i += 1) {
      await connection.connect();
      await connection.disconnect();
    }
  },
  async connect() {
    await connection.connect();
  },
  /** Waits until so many chats came in all. */
  async chats(count) {
    while (seen.chats < count) await new Promise((resolve) => connection.once('chat', resolve));
  },
  async disconnect() {
    await connection.disconnect();
  },
};

async function measurement() {
  // What closes does so in the turns of the event loop that follow; two collections, for what only the first lets go.
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc();
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  const resources = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  const listeners = connection.eventNames().reduce((sum, name) => sum + connection.listenerCount(name), 0);
  const socketListeners = connection.wsClient
    ? connection.wsClient.eventNames().reduce((sum, name) => sum + connection.wsClient.listenerCount(name), 0)
    : 0;
  const processListeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  return {
    heapUsed,
    outside: external + arrayBuffers,
    resources,
    listeners,
    socketListeners,
    processListeners,
    seen: { ...seen },
  };
}

process.on('message', ({ order, argument }) => {
  orders[order](argument)
    .then(measurement)
    .then((result) => process.send({ result }))
    .catch((error) => process.send({ error: String(error?.stack ?? error) }));
});
process.send({ result: await measurement() });
