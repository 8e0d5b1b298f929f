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
await connection.sendMessage('Hello world!');
console.log('Message sent!');

export { connection };
