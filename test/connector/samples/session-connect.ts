import { TikTokLiveConnection } from '@livetap/connector';

const connection = new TikTokLiveConnection('tv_asahi_news', {
  signApiKey: 'your-api-key',
  authenticateWs: true,
  session: {
    cookie: {
      type: 'cookie',
      value: {
        sessionId: '<account_session_id>',
        ttTargetIdc: '<account_target_idc>',
      },
    },
  },
});
await connection.connect();
console.log('Connected to TikTok LIVE chat!');

export { connection };
