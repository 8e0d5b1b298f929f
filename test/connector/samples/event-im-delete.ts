import { WebcastEvent, type WebcastImDeleteMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.IM_DELETE, (data: WebcastImDeleteMessage) => {
  if (data.deleteMsgIdsList.length) {
    console.log(`Deleted messages: ${data.deleteMsgIdsList.join(', ')}`);
  }
  if (data.deleteUserIdsList.length) {
    console.log(`Deleted users: ${data.deleteUserIdsList.join(', ')}`);
  }
});
