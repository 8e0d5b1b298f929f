import { TikTokLiveConnection } from '@livetap/connector';

import { HttpProxyAgent, HttpsProxyAgent } from 'hpagent';
const proxy = 'http://user:pwd@host:8080';
const connection = new TikTokLiveConnection('@username', {
  webClientOptions: {
    agent: {
      http: new HttpProxyAgent({ proxy, keepAlive: true }),
      https: new HttpsProxyAgent({ proxy, keepAlive: true }),
    },
  },
});

export { connection };
