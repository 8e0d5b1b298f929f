import { WebcastEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.LIKE, (data) => {
  const uniqueId = data.user?.uniqueId;
  const nickname = data.user?.nickname;
  if (uniqueId) {
    console.log(`User uniqueId: ${uniqueId}`);
  }
  if (nickname) {
    console.log(`User nickname: ${nickname}`);
  }
  console.log(`Likes: ${data.likeCount}, total likes: ${data.totalLikeCount}`);
});
