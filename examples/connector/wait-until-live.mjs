// Waits until somebody goes live (asking each 60 s), then connects. Ctrl+C gives up.
import { ControlEvent, TikTokLiveConnection, WebcastEvent } from '@livetap/connector';
import { commandLine } from './command-line.mjs';

const { name, options } = commandLine();
const connection = new TikTokLiveConnection(name, options);
const giveUp = new AbortController();
process.once('SIGINT', () => {
  giveUp.abort(new Error('given up'));
  void connection.disconnect();
});

connection.on(WebcastEvent.ROOM_USER, ({ viewerCount }) => console.log(`${viewerCount} viewers`));
connection.on(ControlEvent.ERROR, ({ info, exception }) => console.error(info, exception));
connection.on(ControlEvent.DISCONNECTED, ({ code }) => console.log(`disconnected (${code})`));

try {
  console.log(`waiting for ${name}`);
  await connection.waitUntilLive(60, giveUp.signal);
  const { roomId } = await connection.connect();
  console.log(`live in room ${roomId}`);
} catch (error) {
  console.log(error.message);
}
