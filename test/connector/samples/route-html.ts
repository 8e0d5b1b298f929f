import { TikTokLiveConnection, RouteConfig } from '@livetap/connector';

const connection = new TikTokLiveConnection('officialgeilegisela');
const sigiState = await RouteConfig.fetchRoomInfoFromHtml({
  webClient: connection.webClient,
  uniqueId: 'officialgeilegisela',
});
console.log('SIGI_STATE liveRoom:', sigiState.liveRoom);

export { connection };
