import { WebcastEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.SOCIAL, (data) => {
  if (data.action) {
    console.log(`Social action: ${data.action}`);
  }
  const uniqueId = data.user?.uniqueId;
  const nickname = data.user?.nickname;
  if (uniqueId) {
    console.log(`User uniqueId: ${uniqueId}`);
  }
  if (nickname) {
    console.log(`User nickname: ${nickname}`);
  }
  if (data.shareType || data.shareTarget) {
    console.log(`Share type: ${data.shareType}, share target: ${data.shareTarget}`);
  }
});
