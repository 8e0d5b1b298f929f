// Counts gifts, diamonds and likes: nothing twice, whatever TikTok repeats.
import { ControlEvent, GiftStreaks, LikeTotal, TikTokLiveConnection, WebcastEvent } from '@livetap/connector';
import { commandLine } from './command-line.mjs';

const { name, options } = commandLine();
const connection = new TikTokLiveConnection(name, options);
const streaks = new GiftStreaks();
const likes = new LikeTotal();
let gifts = 0;
let diamonds = 0;

connection.on(WebcastEvent.GIFT, (gift) => {
  const delta = streaks.add(gift);
  gifts += delta.count;
  diamonds += delta.diamonds ?? 0;
  if (delta.completed) console.log(`${gift.user?.uniqueId}: ${delta.total} x ${gift.giftDetails?.giftName}`);
});
connection.on(WebcastEvent.LIKE, (like) => likes.add(like));
connection.on(ControlEvent.ERROR, ({ info, exception }) => console.error(info, exception));
connection.on(ControlEvent.DISCONNECTED, () => {
  console.log(`${gifts} gifts, ${diamonds} diamonds, ${likes.total} likes`);
});
process.once('SIGINT', () => void connection.disconnect());

const { roomId } = await connection.connect();
console.log(`connected to room ${roomId}`);
