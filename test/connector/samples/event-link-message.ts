import { WebcastEvent, type WebcastLinkMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.LINK_MESSAGE, (data: WebcastLinkMessage) => {
  console.log(`Link message type: ${data.MessageType}, scene: ${data.Scene}`);
  if (data.InviteContent) {
    console.log(`Invite from ${data.InviteContent.fromUserId}`);
    if (data.InviteContent.actionId) {
      console.log(`Action: ${data.InviteContent.actionId}`);
    }
  }
  if (data.ReplyContent) {
    console.log(`Reply status: ${data.ReplyContent.replyStatus}`);
    if (data.ReplyContent.fromUserId || data.ReplyContent.toUserId) {
      console.log(`From ${data.ReplyContent.fromUserId} to ${data.ReplyContent.toUserId}`);
    }
  }
});
