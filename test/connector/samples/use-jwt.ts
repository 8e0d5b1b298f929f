import { SignConfig, TikTokLiveConnection } from '@livetap/connector';

SignConfig.baseOptions = SignConfig.baseOptions || {};
SignConfig.baseOptions.headers = {
  ...(SignConfig.baseOptions.headers || {}),
  'x-jwt-key': 'generated-jwt-key',
};
const connection = new TikTokLiveConnection('tv_asahi_news');

export { connection };
