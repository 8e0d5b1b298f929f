import { WebcastEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.SUPER_FAN, (data) => {
  if (data.content?.defaultPattern) {
    console.log(data.content.defaultPattern);
  }
  if (data.commonBarrageContent?.defaultPattern) {
    console.log(data.commonBarrageContent.defaultPattern);
  }
});
