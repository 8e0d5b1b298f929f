// Stays with a live: lost sockets are opened again, repeats are removed, gaps are told.
import { ControlEvent, TikTokLiveConnection, WebcastEvent } from '@livetap/connector';
import { commandLine } from './command-line.mjs';

const { name, options } = commandLine();
const connection = new TikTokLiveConnection(name, { ...options, reconnect: { baseDelayMs: 500, maxDelayMs: 30_000 } });

connection.on(WebcastEvent.CHAT, ({ user, comment }) => console.log(`${user?.uniqueId}: ${comment}`));
connection.on(ControlEvent.RECONNECTING, ({ attempt, reason }) => console.log(`lost (${reason}), attempt ${attempt}`));
connection.on(ControlEvent.RECONNECTED, ({ roomId }) => console.log(`again in room ${roomId}`));
connection.on(ControlEvent.GAP, ({ from, to, bridged }) => {
  console.log(bridged ? 'nothing is missing' : `messages of ${to - from} ms may be missing`);
});
connection.on(ControlEvent.ERROR, ({ info, exception }) => console.error(info, exception));
connection.on(ControlEvent.DISCONNECTED, ({ kind }) => console.log(`disconnected (${kind})`));
process.once('SIGINT', () => void connection.disconnect());

const { roomId } = await connection.connect();
console.log(`connected to room ${roomId}`);
