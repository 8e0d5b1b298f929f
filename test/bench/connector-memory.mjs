import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { median } from './measure.mjs';

const CHILD = fileURLToPath(new URL('./connector-memory-child.mjs', import.meta.url));
const OURS = 'livetap';
const PEER = 'tiktok-live-connector 2.4.0';
const ROOM = '7312345678901234567';

/** A sign server and a Webcast socket on one port of this computer, which accept everybody and then say nothing. */
async function quietServer(proto) {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const http = createServer((request, response) => {
    const body = proto.ProtoMessageFetchResult.encode({
      cursor: 'cursor',
      internalExt: 'ext',
      pushServer: `ws://127.0.0.1:${http.address().port}/push/`,
    }).finish();
    response.writeHead(200, { 'x-set-tt-cookie': 'ttwid=1; Path=/', 'x-request-id': 'r' }).end(body);
  });
  http.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (client) => client.resume()),
  );
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${http.address().port}`,
    open: () => sockets.clients.size,
    async close() {
      for (const client of sockets.clients) client.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** Memory of one process before and after it opened its connections, in bytes. */
async function measure(subject, server, connections) {
  const child = fork(CHILD, [subject, server.url, String(connections), ROOM], {
    execArgv: ['--expose-gc'],
    // The original takes the address of the sign server from here only.
    env: { ...process.env, SIGN_API_URL: server.url },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const answer = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', () => reject(new Error(`the process of ${subject} ended before it measured`)));
  });
  if (server.open() !== connections) throw new Error(`${subject}: ${server.open()} of ${connections} sockets are open`);
  child.kill();
  await gone;
  while (server.open() > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  return answer;
}

/**
 * Memory of one idle connection: heap, memory outside of it, and resident size, each as (with all connections − with
 * the first) ÷ (connections − 1). Every round runs each library in a fresh process, in turning order, against the same server; the results
 * are medians over the rounds.
 */
export async function benchConnectorMemory({ proto, connections = 200, rounds = 5 }) {
  const server = await quietServer(proto);
  const samples = { [OURS]: [], [PEER]: [] };
  try {
    for (let round = 0; round < rounds; round += 1) {
      const order = round % 2 === 0 ? [OURS, PEER] : [PEER, OURS];
      for (const subject of order) samples[subject].push(await measure(subject, server, connections));
    }
  } finally {
    await server.close();
  }
  const rows = Object.entries(samples).map(([name, list]) => ({
    name,
    heapBytes: median(list.map(({ before, after }) => (after.heap - before.heap) / (connections - 1))),
    outsideBytes: median(list.map(({ before, after }) => (after.outside - before.outside) / (connections - 1))),
    residentBytes: median(list.map(({ before, after }) => (after.resident - before.resident) / (connections - 1))),
  }));
  const total = ({ heapBytes, outsideBytes }) => heapBytes + outsideBytes;
  return { connections, rounds, rows, ratio: total(rows[1]) / total(rows[0]) };
}
