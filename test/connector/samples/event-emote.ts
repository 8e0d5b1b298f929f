import { WebcastEvent, type WebcastEmoteChatMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.EMOTE, (data: WebcastEmoteChatMessage) => {
  const uniqueId = data.user?.uniqueId;
  const nickname = data.user?.nickname;
  if (uniqueId) {
    console.log(`User uniqueId: ${uniqueId}`);
  }
  if (nickname) {
    console.log(`User nickname: ${nickname}`);
  }
  const emoteId = data.emoteList[0]?.emoteId;
  if (emoteId) {
    console.log(`Emote id: ${emoteId}`);
  }
});
