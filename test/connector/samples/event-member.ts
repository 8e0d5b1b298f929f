import { WebcastEvent, type WebcastMemberMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.MEMBER, (data: WebcastMemberMessage) => {
  const uniqueId = data.user?.uniqueId;
  const nickname = data.user?.nickname;
  if (uniqueId) {
    console.log(`User uniqueId: ${uniqueId}`);
  }
  if (nickname) {
    console.log(`User nickname: ${nickname}`);
  }
  if (uniqueId || nickname) {
    console.log('User joined the stream!');
  }
  console.log(`Viewers: ${data.memberCount}`);
});
