import { WebcastEvent, type WebcastRankTextMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.RANK_TEXT, (data: WebcastRankTextMessage) => {
  if (data.ownerIdxBeforeUpdate || data.ownerIdxAfterUpdate) {
    console.log(`Rank change: ${data.ownerIdxBeforeUpdate} -> ${data.ownerIdxAfterUpdate}`);
  }
  if (data.selfGetBadgeMsg?.defaultPattern) {
    console.log(`Self badge text: ${data.selfGetBadgeMsg.defaultPattern}`);
  }
});
