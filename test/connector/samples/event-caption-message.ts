import { WebcastEvent, type WebcastCaptionMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.CAPTION_MESSAGE, (data: WebcastCaptionMessage) => {
  if (data.content.length) {
    const lines = data.content.map((c) => `[${c.lang}] ${c.content}`).join(' ');
    console.log(`Caption (${data.timestampMs}): ${lines}`);
  }
});
