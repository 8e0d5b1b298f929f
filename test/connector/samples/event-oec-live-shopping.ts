import { WebcastEvent, type WebcastOecLiveShoppingMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.OEC_LIVE_SHOPPING, (data: WebcastOecLiveShoppingMessage) => {
  const shop = data.shopData;
  if (shop) {
    if (shop.title || shop.priceString) {
      console.log(`Product: ${shop.title} (${shop.priceString})`);
    }
    if (shop.shopName || shop.shopUrl) {
      console.log(`Shop: ${shop.shopName}, URL: ${shop.shopUrl}`);
    }
  }
});
