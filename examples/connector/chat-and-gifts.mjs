// Chat and gifts as they come, until the live ends.
import { ControlEvent, TikTokLiveConnection, WebcastEvent } from '@livetap/connector';
import { commandLine } from './command-line.mjs';

const { name, options } = commandLine();
const connection = new TikTokLiveConnection(name, options);

connection.on(WebcastEvent.CHAT, ({ user, comment }) => console.log(`${user?.uniqueId}: ${comment}`));
connection.on(WebcastEvent.GIFT, ({ user, giftDetails, giftId, repeatCount, repeatEnd }) => {
  // Gifts of type 1 come again and again while a streak goes on; the last frame has the final count.
  if (giftDetails?.giftType === 1 && !repeatEnd) return;
  console.log(`${user?.uniqueId} sends ${repeatCount} x ${giftDetails?.giftName ?? giftId}`);
});
connection.on(WebcastEvent.STREAM_END, () => console.log('the live has ended'));
connection.on(ControlEvent.ERROR, ({ info, exception }) => console.error(info, exception));
connection.on(ControlEvent.DISCONNECTED, ({ code }) => console.log(`disconnected (${code})`));
process.once('SIGINT', () => void connection.disconnect());

const { roomId } = await connection.connect();
console.log(`connected to room ${roomId}`);
