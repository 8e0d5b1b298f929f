import { ControlEvent, type TikTokWsClient } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(ControlEvent.WEBSOCKET_CONNECTED, (client: TikTokWsClient) => {
  console.log('WebSocket open:', client.open);
});
