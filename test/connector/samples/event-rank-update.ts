import { WebcastEvent, type WebcastRankUpdateMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.RANK_UPDATE, (data: WebcastRankUpdateMessage) => {
  console.log(`Rank updates: ${data.updatesList.length}`);
  const firstUpdate = data.updatesList[0];
  if (firstUpdate) {
    console.log(`Rank type: ${firstUpdate.rankType}, owner rank: ${firstUpdate.ownerRank}`);
  }
});
