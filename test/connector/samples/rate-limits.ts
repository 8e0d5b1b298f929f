import { TikTokLiveConnection } from '@livetap/connector';

const connection = new TikTokLiveConnection('officialgeilegisela', {
  signApiKey: 'your-api-key',
});
const response = await connection.apiClient.webcast.getRateLimits();
console.log('Rate Limits:', response.data);

export { connection };
