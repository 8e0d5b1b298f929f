import { ControlEvent, TikTokLiveConnection } from '@livetap/connector';

const connection = new TikTokLiveConnection('officialgeilegisela');
connection.on(ControlEvent.CONNECTED, () => console.log('Connected!'));

export { connection };
