// npm run smoke:live -- @user: connects to the real TikTok and prints what it saw. For people with a network.
import { ensureReady, fail } from './lib/setup.mjs';

const [user, seconds = '60'] = process.argv.slice(2);
if (!user) fail('Say whom to watch: npm run smoke:live -- @user [seconds]', 64);
ensureReady();

const { ControlEvent, TikTokLiveConnection } = await import('../libs/connector/dist/index.js');
const connection = new TikTokLiveConnection(user, { signApiKey: process.env.SIGN_API_KEY });
const counts = new Map();
connection.on(ControlEvent.RAW_DATA, (method) => counts.set(method, (counts.get(method) ?? 0) + 1));
connection.on(ControlEvent.ERROR, ({ info, exception }) =>
  process.stderr.write(`${info}: ${exception?.message ?? ''}\n`),
);

try {
  const state = await connection.connect();
  process.stdout.write(`Connected to room ${state.roomId}. Watching for ${seconds} s …\n`);
} catch (error) {
  fail(`Could not connect to ${user}: ${error.message}`);
}
await new Promise((resolve) => {
  setTimeout(resolve, Number(seconds) * 1000);
  connection.on(ControlEvent.DISCONNECTED, ({ code, reason }) => {
    process.stdout.write(`Disconnected: ${code} ${reason ?? ''}\n`);
    resolve();
  });
});
await connection.disconnect();
for (const [method, count] of [...counts].sort((a, b) => b[1] - a[1]))
  process.stdout.write(`${String(count).padStart(7)}  ${method}\n`);
process.stdout.write(`${[...counts.values()].reduce((sum, n) => sum + n, 0)} messages of ${counts.size} methods\n`);
