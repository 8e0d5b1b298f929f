import { WebcastEvent, type WebcastGiftMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.GIFT, (data: WebcastGiftMessage) => {
  const giftType = data.giftDetails?.giftType;
  const giftName = data.giftDetails?.giftName;
  const uniqueId = data.user?.uniqueId;
  const nickname = data.user?.nickname;
  if (giftType === 1 && !data.repeatEnd) {
    // Streak in progress => show only temporary
    console.log('Gift streak in progress');
  } else {
    // Streak ended or non-streakable gift => process the gift with final repeat_count
    console.log('Gift streak ended or non-streakable gift');
  }
  if (uniqueId) {
    console.log(`User uniqueId: ${uniqueId}`);
  }
  if (nickname) {
    console.log(`User nickname: ${nickname}`);
  }
  console.log(`GiftId: ${data.giftId}, repeatCount: ${data.repeatCount}`);
  if (giftName) {
    console.log(`Gift name: ${giftName}`);
  }
});
