/* eslint-disable @typescript-eslint/await-thenable -- the sample stands as it is documented */
import { connection } from '../shared-connection.js';

await connection.webClient.cookieJar.setSessionBundle({
  type: 'cookie',
  value: {
    sessionId: '<account_session_id>',
    ttTargetIdc: '<account_target_idc>',
  },
});
