// A user of the library whose listener is slower than the socket, in a process of its own so that the memory is the
// library's alone. Started with --expose-gc by overload.spec.ts. Messages are numbered; says what it saw when the last of a
// stretch has come.
import { TikTokLiveConnection } from '@livetap/connector';

const { url, way, workMs, sampleEvery } = JSON.parse(process.argv[2]);
/** A reader that keeps messages for later stops reading at so many, and goes on at half of them. */
const MOST_KEPT = 200;

const connection = new TikTokLiveConnection('somebody', {
  endpoints: { webUrl: url, webcastUrl: url, socketUrl: url },
  fetchRoomInfoOnConnect: false,
});
const seen = { messages: 0, disorder: 0, errors: 0, lost: 0, mostKept: 0, pauses: 0 };
let peak = 0;
let base = 0;
const kept = [];

connection.on('error', () => (seen.errors += 1));
connection.on('disconnected', () => (seen.lost += 1));
connection.on('chat', ({ comment }) => (way === 'at once' ? work(comment) : keep(comment)));

/** What takes the time. */
function work(comment) {
  const until = performance.now() + workMs;
  while (performance.now() < until);
  const [number, last] = comment.split(' ', 2);
  if (Number(number) !== seen.messages) seen.disorder += 1;
  seen.messages += 1;
  if (seen.messages % sampleEvery === 0) peak = Math.max(peak, memory());
  if (last === 'last') process.send({ ...seen, grownBytes: peak - base });
}

/** Work is done later, one message a turn; the socket is told to wait when there is too much of it. */
function keep(comment) {
  kept.push(comment);
  seen.mostKept = Math.max(seen.mostKept, kept.length);
  if (kept.length === 1) setImmediate(workOff);
  if (kept.length >= MOST_KEPT && !connection.wsClient.isPaused) {
    seen.pauses += 1;
    connection.wsClient.pause();
  }
}

function workOff() {
  work(kept.shift());
  if (kept.length <= MOST_KEPT / 2 && connection.wsClient?.isPaused) connection.wsClient.resume();
  if (kept.length > 0) setImmediate(workOff);
}

/** Bytes that are in use, in the heap and outside of it. */
function memory() {
  globalThis.gc();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

await connection.connect('7312345678901234567');
base = memory();
process.send({ ready: true });
process.on('disconnect', () => process.exit(0));
