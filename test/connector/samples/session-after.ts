import { connection } from '../shared-connection.js';

await connection.webClient.cookieJar.setSessionBundle({
  type: 'cookie',
  value: {
    sessionId: '<account_session_id>',
    ttTargetIdc: '<account_target_idc>',
  },
});
