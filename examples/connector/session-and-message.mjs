// Writes one message into a chat, as the owner of a session. Sending goes through the sign server: it sees the session.
//   SIGN_API_KEY=… TIKTOK_SESSION_ID=… TIKTOK_TARGET_IDC=… node session-and-message.mjs <name> --message 'Hello'
import { TikTokLiveConnection, WebcastEvent } from '@livetap/connector';
import { commandLine } from './command-line.mjs';

const { name, options, flags } = commandLine({ message: { type: 'string', default: 'Hello!' } });
const { TIKTOK_SESSION_ID: sessionId, TIKTOK_TARGET_IDC: ttTargetIdc } = process.env;
if (!sessionId || !ttTargetIdc) {
  console.error(
    'Set TIKTOK_SESSION_ID and TIKTOK_TARGET_IDC: the cookies sessionid and tt-target-idc of your browser.',
  );
  process.exit(64);
}
const connection = new TikTokLiveConnection(name, {
  ...options,
  session: { cookie: { type: 'cookie', value: { sessionId, ttTargetIdc } } },
});

const seen = new Promise((resolve) => {
  connection.on(WebcastEvent.CHAT, ({ comment }) => {
    if (comment === flags.message) resolve();
  });
});
const { roomId } = await connection.connect();
console.log(`connected to room ${roomId}`);
await connection.sendMessage(flags.message);
console.log('sent');
await seen;
console.log('seen in the chat');
await connection.disconnect();
