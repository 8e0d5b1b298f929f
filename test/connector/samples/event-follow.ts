import { WebcastEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.FOLLOW, (data) => {
  const uniqueId = data.user?.uniqueId;
  const nickname = data.user?.nickname;
  if (uniqueId) {
    console.log(`${uniqueId} followed!`);
  }
  if (nickname) {
    console.log(`${nickname} followed!`);
  }
});
