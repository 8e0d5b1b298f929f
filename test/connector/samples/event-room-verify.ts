import { WebcastEvent, type RoomVerifyMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.ROOM_VERIFY, (data: RoomVerifyMessage) => {
  console.log(`Room verify: ${data.noticeType}`);
  console.log(`Action: ${data.action}, closeRoom: ${data.closeRoom}`);
  if (data.content) {
    console.log(`Content: ${data.content}`);
  }
});
