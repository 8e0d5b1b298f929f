import { ControlEvent, type TikTokLiveConnectionState } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(ControlEvent.CONNECTED, (state: TikTokLiveConnectionState) => {
  console.log(`Hurray! Connected to roomId ${state.roomId}`);
  console.log(`Room info loaded: ${Boolean(state.roomInfo)}`);
});
