import { WebcastEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.QUESTION_NEW, (data) => {
  const question = data.details?.questionText;
  if (question) {
    console.log(`Question: ${question}`);
  }
  const uniqueId = data.details?.user?.uniqueId;
  const nickname = data.details?.user?.nickname;
  if (uniqueId) {
    console.log(`Asked by (uniqueId): ${uniqueId}`);
  }
  if (nickname) {
    console.log(`Asked by (nickname): ${nickname}`);
  }
});
