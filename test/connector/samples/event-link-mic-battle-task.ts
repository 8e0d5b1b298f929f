import { WebcastEvent, type WebcastLinkmicBattleTaskMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.LINK_MIC_BATTLE_TASK, (data: WebcastLinkmicBattleTaskMessage) => {
  console.log(`Battle task (${data.battleId}) type: ${data.battleTaskMessageType}`);
  if (data.taskUpdate) {
    console.log(`Progress: ${data.taskUpdate.taskProgress}`);
  }
  if (data.taskSettle) {
    console.log(`Result: ${data.taskSettle.taskResult}`);
  }
});
