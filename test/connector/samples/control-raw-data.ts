import { ControlEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(ControlEvent.RAW_DATA, (messageTypeName, binary) => {
  console.log(messageTypeName, binary);
});
