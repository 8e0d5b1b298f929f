import { WebcastEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.ROOM_USER, (data) => {
  console.log(`Viewer Count: ${data.viewerCount}`);
  const topGifter = data.ranksList[0];
  if (topGifter?.user) {
    const uniqueId = topGifter.user.uniqueId;
    const nickname = topGifter.user.nickname;
    if (uniqueId) {
      console.log(`Top gifter uniqueId: ${uniqueId} (${topGifter.coinCount})`);
    }
    if (nickname) {
      console.log(`Top gifter nickname: ${nickname} (${topGifter.coinCount})`);
    }
  }
});
