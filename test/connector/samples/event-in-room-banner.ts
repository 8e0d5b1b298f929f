import { WebcastEvent, type WebcastInRoomBannerMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.IN_ROOM_BANNER, (data: WebcastInRoomBannerMessage) => {
  if (data.jsonData) {
    console.log('Banner payload:', data.jsonData);
  }
});
