import { WebcastEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.SHARE, (data) => {
  const uniqueId = data.user?.uniqueId;
  const nickname = data.user?.nickname;
  if (uniqueId) {
    console.log(`${uniqueId} shared the stream!`);
  }
  if (nickname) {
    console.log(`${nickname} shared the stream!`);
  }
});
