import { ControlEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(ControlEvent.DISCONNECTED, ({ code, reason }) => {
  console.log(`Disconnected :(${code})`);
  if (reason) {
    console.log(`Reason: ${reason}`);
  }
});
