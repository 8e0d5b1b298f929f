import { WebcastEvent, type WebcastUnauthorizedMemberMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.UNAUTHORIZED_MEMBER, (data: WebcastUnauthorizedMemberMessage) => {
  console.log(`Unauthorized member action: ${data.action}`);
  if (data.nickName) {
    console.log(`Nickname: ${data.nickName}`);
  }
  if (data.enterText?.defaultPattern) {
    console.log(`Enter text: ${data.enterText.defaultPattern}`);
  }
});
