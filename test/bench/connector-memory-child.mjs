// One library in a process of its own: opens idle connections and says what they cost. Started by connector-memory.mjs.
const [, , subject, url, countText, roomId] = process.argv;
const count = Number(countText);

const libraries = {
  async livetap() {
    const { TikTokLiveConnection } = await import('@livetap/connector');
    return () =>
      new TikTokLiveConnection('somebody', {
        endpoints: { webUrl: url, webcastUrl: url, socketUrl: url.replace('http', 'ws') },
        fetchRoomInfoOnConnect: false,
      });
  },
  async 'tiktok-live-connector 2.4.0'() {
    const { TikTokLiveConnection } = await import('tiktok-live-connector');
    return () => new TikTokLiveConnection('somebody', { fetchRoomInfoOnConnect: false });
  },
};

async function memory() {
  for (let i = 0; i < 3; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc();
  }
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  return { heap: heapUsed, outside: external + arrayBuffers, resident: rss };
}

const make = await libraries[subject]();
const connections = [];
async function open() {
  const connection = make();
  connection.on('chat', () => undefined);
  connection.on('error', () => undefined);
  connections.push(connection);
  await connection.connect(roomId);
}

// One connection first: what a library loads and compiles once is not the price of a connection.
await open();
const before = await memory();
for (let i = 1; i < count; i += 1) await open();
const after = await memory();
process.send({ before, after });
// The parent ends this process; until then the connections must stay.
setInterval(() => connections.length, 60_000);
