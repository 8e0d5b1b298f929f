import { WebcastEvent, type WebcastRoomMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.ROOM_MESSAGE, (data: WebcastRoomMessage) => {
  if (data.content) {
    console.log(`Room message: ${data.content}`);
  }
  if (data.source) {
    console.log(`Source: ${data.source}`);
  }
  console.log(`Scene: ${data.scene}`);
});
