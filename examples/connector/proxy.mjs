// Everything through a proxy: pages, API, sign server and socket.
//   node proxy.mjs <name> --proxy http://user:password@host:8080     (or socks5://…)
import { ControlEvent, createProxyAgents, TikTokLiveConnection, WebcastEvent } from '@livetap/connector';
import { commandLine } from './command-line.mjs';

const { name, options, flags } = commandLine({ proxy: { type: 'string', default: 'http://127.0.0.1:8080' } });
const agent = createProxyAgents(flags.proxy);
const connection = new TikTokLiveConnection(name, {
  ...options,
  webClientOptions: { agent },
  // Sockets are wss://, so the agent for https. On this computer alone they may be ws://.
  wsClientOptions: { agent: options.endpoints ? agent.http : agent.https },
});

connection.on(WebcastEvent.CHAT, ({ user, comment }) => console.log(`${user?.uniqueId}: ${comment}`));
connection.on(ControlEvent.ERROR, ({ info, exception }) => console.error(info, exception));
connection.on(ControlEvent.DISCONNECTED, ({ code }) => console.log(`disconnected (${code})`));
process.once('SIGINT', () => void connection.disconnect());

const { roomId } = await connection.connect();
console.log(`connected to room ${roomId} through the proxy`);
