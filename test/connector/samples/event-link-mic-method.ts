import { WebcastEvent, type WebcastLinkMicMethod } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.LINK_MIC_METHOD, (data: WebcastLinkMicMethod) => {
  console.log(`LinkMic messageType: ${data.messageType}`);
  if (data.channelId || data.userId || data.toUserId) {
    console.log(`Channel: ${data.channelId}, user: ${data.userId}, toUser: ${data.toUserId}`);
  }
});
