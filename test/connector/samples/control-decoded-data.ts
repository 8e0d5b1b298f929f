/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars -- the sample stands as it is documented */
import { ControlEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(ControlEvent.DECODED_DATA, (event: string, decodedData: any, binary: Uint8Array) => {
  console.log(event, decodedData);
});
