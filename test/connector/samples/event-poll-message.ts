import { WebcastEvent, type WebcastPollMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.POLL_MESSAGE, (data: WebcastPollMessage) => {
  const title = data.pollBasicInfo?.title;
  if (title) {
    console.log(`Poll: ${title}`);
  }
  if (data.pollBasicInfo?.timeRemain) {
    console.log(`Time remaining: ${data.pollBasicInfo.timeRemain}`);
  }
});
