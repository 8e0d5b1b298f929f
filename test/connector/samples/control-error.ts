import { ControlEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(ControlEvent.ERROR, ({ info, exception }) => {
  console.error('Error!', info, exception);
});
