import { WebcastEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.ENVELOPE, (data) => {
  const envelope = data.envelopeInfo;
  if (envelope) {
    if (envelope.envelopeId) {
      console.log(`Envelope ${envelope.envelopeId}`);
    }
    if (envelope.sendUserName) {
      console.log(`From: ${envelope.sendUserName}`);
    }
    console.log(`Diamonds: ${envelope.diamondCount}, People: ${envelope.peopleCount}`);
  }
});
