import { WebcastEvent, type WebcastChatMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.CHAT, (data: WebcastChatMessage) => {
  const uniqueId = data.user?.uniqueId;
  const nickname = data.user?.nickname;
  if (uniqueId) {
    console.log(`User uniqueId: ${uniqueId}`);
  }
  if (nickname) {
    console.log(`User nickname: ${nickname}`);
  }
  if (data.comment) {
    console.log(`Comment: ${data.comment}`);
  }
});
