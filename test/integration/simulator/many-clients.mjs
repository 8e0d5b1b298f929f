// A process of Webcast clients: one socket a room, each frame acknowledged. Reports to its parent what came in.
import { gunzipSync } from 'node:zlib';
import {
  ProtoMessageFetchResult,
  WebcastImEnterRoomMessage,
  WebcastPushFrame,
} from '../../../libs/connector/dist/index.js';
import { WebSocket } from 'ws';

const DIALS_AT_ONCE = 200;
const REPORT_EVERY_MS = 50;

const counts = { messages: 0, open: 0, closed: 0, roomsHeard: 0 };

const frame = (payloadType, payload, logId) =>
  WebcastPushFrame.encode({
    ...(logId === undefined ? {} : { logId }),
    payloadEncoding: 'pb',
    payloadType,
    payload,
  }).finish();

const dial = (wsUrl, cookie, roomId) =>
  new Promise((resolve, reject) => {
    const query = new URLSearchParams({
      aid: '1988',
      live_id: '12',
      identity: 'audience',
      resp_content_type: 'protobuf',
      ws_direct: '1',
      compress: 'gzip',
      room_id: roomId,
    });
    const socket = new WebSocket(`${wsUrl}/webcast/im/ws_proxy/ws_reuse_supplement/?${query}`, {
      headers: { cookie },
      perMessageDeflate: false,
    });
    let heard = false;
    socket.on('open', () => {
      counts.open += 1;
      socket.send(
        frame(
          'im_enter_room',
          WebcastImEnterRoomMessage.encode({ roomId, liveId: '12', identity: 'audience' }).finish(),
        ),
      );
      resolve();
    });
    socket.on('error', reject);
    socket.on('close', () => (counts.closed += 1));
    socket.on('message', (data) => {
      const push = WebcastPushFrame.decode(data);
      if (push.payloadType !== 'msg') return;
      const batch = ProtoMessageFetchResult.decode(gunzipSync(push.payload));
      counts.messages += batch.messages.length;
      if (!heard) counts.roomsHeard += 1;
      heard = true;
      socket.send(frame('ack', Buffer.from(batch.internalExt), push.logId));
    });
  });

process.once('message', async ({ url, wsUrl, rooms }) => {
  const front = await fetch(`${url}/`);
  const cookie = front.headers.getSetCookie()[0].split(';')[0];
  setInterval(() => process.send(counts), REPORT_EVERY_MS);
  for (let index = 0; index < rooms.length; index += DIALS_AT_ONCE)
    await Promise.all(rooms.slice(index, index + DIALS_AT_ONCE).map((roomId) => dial(wsUrl, cookie, roomId)));
});
