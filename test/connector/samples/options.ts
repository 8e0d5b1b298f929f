import { TikTokLiveConnection } from '@livetap/connector';
import { tiktokUsername } from '../shared-connection.js';

const tikTokLiveConnection = new TikTokLiveConnection(tiktokUsername, {
  signApiKey: 'your-api-key',
  processInitialData: false,
  enableExtendedGiftInfo: true,
  webConfigOverrides: {
    DEFAULT_HTTP_CLIENT_PARAMS: {
      app_language: 'en-US',
      device_platform: 'web_pc',
    },
    DEFAULT_HTTP_CLIENT_HEADERS: {
      'X-Custom-Header': 'value',
    },
  },
  wsConfigOverrides: {
    DEFAULT_WS_CLIENT_PARAMS: {
      app_language: 'en-US',
    },
    DEFAULT_WS_CLIENT_HEADERS: {
      'X-Custom-Header': 'value',
    },
  },
  webClientOptions: {
    timeout: { request: 10000 },
  },
  wsClientOptions: {
    handshakeTimeout: 10000,
  },
});

export { tikTokLiveConnection };
