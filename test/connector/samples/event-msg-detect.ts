import { WebcastEvent, type WebcastMsgDetectMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.MSG_DETECT, (data: WebcastMsgDetectMessage) => {
  console.log(`Detect type: ${data.detectType}, triggerBy: ${data.triggerBy}`);
  if (data.triggerCondition?.uplinkDetectWebSocket !== undefined) {
    console.log(`WebSocket detect: ${data.triggerCondition.uplinkDetectWebSocket}`);
  }
  if (data.timeInfo?.apiRecvTimeMs) {
    console.log(`API recv time: ${data.timeInfo.apiRecvTimeMs}`);
  }
});
