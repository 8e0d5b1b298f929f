import { ControlAction, WebcastEvent } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.STREAM_END, ({ action }: { action: ControlAction }) => {
  if (action === ControlAction.CONTROL_ACTION_STREAM_ENDED) {
    console.log('Stream ended by user');
  }
  if (action === ControlAction.CONTROL_ACTION_STREAM_SUSPENDED) {
    console.log('Stream ended by platform moderator (ban)');
  }
});
