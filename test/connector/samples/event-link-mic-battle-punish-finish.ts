import { WebcastEvent, type WebcastLinkMicBattlePunishFinish } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.LINK_MIC_BATTLE_PUNISH_FINISH, (data: WebcastLinkMicBattlePunishFinish) => {
  console.log(`Battle punish finished: ${data.battleId}`);
  console.log(`Reason: ${data.reason}, channel: ${data.channelId}`);
});
