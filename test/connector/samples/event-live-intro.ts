import { WebcastEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.LIVE_INTRO, (msg) => {
  const uniqueId = msg.host?.uniqueId;
  const nickname = msg.host?.nickname;
  if (uniqueId) {
    console.log(`Host uniqueId: ${uniqueId}`);
  }
  if (nickname) {
    console.log(`Host nickname: ${nickname}`);
  }
  if (msg.description) {
    console.log(`Description: ${msg.description}`);
  }
});
