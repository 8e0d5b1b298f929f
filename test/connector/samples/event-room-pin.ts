import { WebcastEvent, type WebcastRoomPinMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.ROOM_PIN, (data: WebcastRoomPinMessage) => {
  const operatorUniqueId = data.operator?.uniqueId;
  const operatorNickname = data.operator?.nickname;
  if (operatorUniqueId) {
    console.log(`Pinned by (uniqueId): ${operatorUniqueId}`);
  }
  if (operatorNickname) {
    console.log(`Pinned by (nickname): ${operatorNickname}`);
  }
  if (data.method) {
    console.log(`Pin method: ${data.method}`);
  }
  const chatText = data.chatMessage?.comment;
  const giftName = data.giftMessage?.giftDetails?.giftName;
  const socialAction = data.socialMessage?.action;
  const memberUniqueId = data.memberMessage?.user?.uniqueId;
  const memberNickname = data.memberMessage?.user?.nickname;
  const likeCount = data.likeMessage?.likeCount;
  if (chatText) {
    console.log(`Pinned chat: ${chatText}`);
  }
  if (giftName) {
    console.log(`Pinned gift: ${giftName}`);
  }
  if (socialAction) {
    console.log(`Pinned social action: ${socialAction}`);
  }
  if (memberUniqueId) {
    console.log(`Pinned member (uniqueId): ${memberUniqueId}`);
  }
  if (memberNickname) {
    console.log(`Pinned member (nickname): ${memberNickname}`);
  }
  if (typeof likeCount === 'number') {
    console.log(`Pinned like count: ${likeCount}`);
  }
});
