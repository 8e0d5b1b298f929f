import { ControlEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(ControlEvent.WEBSOCKET_DATA, (data: Uint8Array) => {
  console.log(`WebSocket bytes: ${data.length}`);
});
