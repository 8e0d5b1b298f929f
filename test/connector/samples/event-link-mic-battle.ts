import { WebcastEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.LINK_MIC_BATTLE, (data) => {
  const participants = Object.values(data.anchorInfo)
    .map((info) => info.user?.displayId || info.user?.nickName)
    .filter(Boolean);
  console.log(`New Battle ${data.battleId}`);
  if (participants.length) {
    console.log(`Participants: ${participants.join(' VS ')}`);
  }
});
