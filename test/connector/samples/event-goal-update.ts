import { WebcastEvent, type WebcastGoalUpdateMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.GOAL_UPDATE, (data: WebcastGoalUpdateMessage) => {
  const goalDescription = data.goal?.description;
  const contributor = data.contributorDisplayId || data.contributorIdStr || data.contributorId;
  if (goalDescription) {
    console.log(`Goal update: ${goalDescription}`);
  }
  if (contributor) {
    console.log(`Contributor: ${contributor}, count: ${data.contributeCount}, score: ${data.contributeScore}`);
  }
});
