import { WebcastEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.LINK_MIC_ARMIES, (data) => {
  console.log(`Battle ${data.battleId}: gift ${data.giftId} x${data.giftCount}`);
  console.log(`Total diamonds: ${data.totalDiamondCount}`);
});
