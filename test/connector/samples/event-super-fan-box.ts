import { WebcastEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.SUPER_FAN_BOX, (data) => {
  console.log('A Super Fan Box was sent!', data.envelopeInfo);
});
