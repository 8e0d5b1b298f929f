import { SignConfig, createEulerClient } from '@livetap/connector';

SignConfig.apiKey = 'your_server_side_api_key';
const apiClient = createEulerClient();
const res = await apiClient.authentication.createJWT(
  122, // Your account ID
  {
    limits: { minute: 5, hour: 5, day: 5 },
    expireAfter: 60 * 60 * 2, // 2 hours, the maximum accepted value
  },
);
console.log('Generated JWT:', res.data.token);
