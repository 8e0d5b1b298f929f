// A Webcast socket server in a process of its own: every socket is a room, every room gets the same frames, each from another one
// on: rooms are not large and small at the same time. It is its own sign server as well. Started by pipeline-run.mjs with the number of frames; says `{ port }`, and sends when it is told to.
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { WebSocketServer } from 'ws';
import * as proto from '../../../libs/connector/dist/proto/index.js';
import { realisticFrames } from '../realistic-frames.mjs';

/** More than this on its way to a reader: it gets no more until it has read. */
const HELD_BYTES = 256 * 1024;

const frames = realisticFrames(proto, { frames: Number(process.argv[2]), seed: 7 }).map((bytes) => Buffer.from(bytes));
const messages = frames.map(
  (frame) => proto.readBatch(gunzipSync(proto.WebcastPushFrame.decode(frame).payload)).messages.length,
);
const rooms = [];
const http = createServer((request, response) => {
  const body = proto.ProtoMessageFetchResult.encode({
    ...{ cursor: 'cursor', internalExt: 'ext', pushServer: `ws://127.0.0.1:${http.address().port}/` },
  }).finish();
  response.writeHead(200, { 'x-set-tt-cookie': 'ttwid=1; Path=/', 'x-request-id': 'r' }).end(body);
});
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
http.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (client) => {
    const room = { client, next: 0, frameOf: tooLate };
    rooms.push(room);
    // Acks and heartbeats are read and nothing more.
    client.on('message', () => undefined);
    client.on('close', () => rooms.splice(rooms.indexOf(room), 1));
  });
});
http.listen(0, '127.0.0.1', () => process.send({ port: http.address().port }));

process.on('message', ({ framesPerRoom, perSecond }) => {
  const from = rooms[0]?.next ?? 0;
  const upTo = from + framesPerRoom;
  if (upTo > frames.length) throw new Error(`There are ${frames.length} frames; ${upTo} were asked for.`);
  const perRoom = messages.slice(from, upTo).reduce((sum, count) => sum + count, 0);
  for (const [index, room] of rooms.entries()) {
    const shift = Math.floor((index * framesPerRoom) / rooms.length);
    room.frameOf = (next) => frames[from + ((next - from + shift) % framesPerRoom)];
  }
  process.send({ sending: perRoom * rooms.length });
  if (perSecond === undefined) flood(upTo);
  else pace(upTo, (perSecond * framesPerRoom) / perRoom);
});

function tooLate() {
  throw new Error('A room that connects after the order to send has no frames.');
}

/** As fast as each reader reads. */
function flood(upTo) {
  let open = false;
  for (const room of rooms) {
    while (room.next < upTo && room.client.bufferedAmount < HELD_BYTES) send(room);
    open ||= room.next < upTo;
  }
  if (open) setTimeout(() => flood(upTo), 1);
}

/** So many frames a second over all rooms, evenly. */
function pace(upTo, framesPerSecond) {
  const started = performance.now();
  const total = rooms.reduce((sum, room) => sum + upTo - room.next, 0);
  let sent = 0;
  const step = () => {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1_000) * framesPerSecond));
    for (; sent < due; sent += 1) send(rooms[sent % rooms.length]);
    if (sent < total) setTimeout(step, 1);
  };
  step();
}

function send(room) {
  room.client.send(room.frameOf(room.next));
  room.next += 1;
}

process.on('disconnect', () => process.exit(0));
