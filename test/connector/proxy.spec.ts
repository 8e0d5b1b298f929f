// No connection goes around the proxy: pages, JSON, sign calls, chat, the sign server's client itself and the socket.
// The servers answer under TikTok's and the sign server's own names, by TLS, on a port that only the proxy knows, and
// write down where each connection came from.
import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  buildEulerClient,
  checkLive,
  createProxyAgents,
  SignConfig,
  TikTokLiveConnection,
  WebcastSocket,
  type ProxyAgents,
} from '@livetap/connector';
import { FakeClock, SeededRandom } from '@livetap/testkit';
import { SILENT_LOGGER } from '../../apps/watcher/src/common/logger.port.js';
import { SecretBox } from '../../apps/watcher/src/common/secret-box/secret-box.js';
import { ConnectorRoomConnector } from '../../apps/watcher/src/rooms/connector-room-connector.adapter.js';
import { RoomConnectError, type RoomConnection } from '../../apps/watcher/src/rooms/room-connector.port.js';
import { SourceHealth } from '../../apps/watcher/src/rooms/sources/source-health.js';
import { FakeSignBudget } from '../../apps/watcher/src/rooms/testing/fake-sign-budget.js';
import { MemoryProxyPoolStore } from '../../apps/watcher/src/streamers/proxies/memory-proxy-pool-store.js';
import { ProxyPools } from '../../apps/watcher/src/streamers/proxies/proxy-pools.js';
import { StreamerVault } from '../../apps/watcher/src/streamers/streamer-vault.js';
import { TikTokAccess } from '../../apps/watcher/src/streamers/tiktok-access.adapter.js';
import { startSimulator } from '../../apps/simulator/src/index.js';
import { serverFrame } from '../../libs/connector/test-support/loopback.js';
import { ConnectProxy, Socks5Proxy, type CountingProxy } from './support/proxies.js';
import { HiddenTikTok } from './support/tiktok.js';

const closers: (() => Promise<unknown>)[] = [];
/** Every TCP connection that this process opened, the proxies' own included: its own port and the other's. */
let dialled: { readonly from: number; readonly to: number }[];
function watchDials(): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its socket below
  const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;
  vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket, ...args: unknown[]) {
    this.once('connect', () => dialled.push({ from: this.localPort ?? 0, to: this.remotePort ?? 0 }));
    return connect.apply(this, args);
  });
}

beforeEach(() => {
  dialled = [];
  delete SignConfig.cachedInstance;
  SignConfig.apiKey = undefined;
  watchDials();
});
afterEach(async () => {
  vi.restoreAllMocks();
  delete SignConfig.cachedInstance;
  SignConfig.apiKey = undefined;
  for (const close of closers.splice(0).reverse()) await close();
});

function destroyed(agents: ProxyAgents): ProxyAgents {
  closers.push(() => Promise.resolve([agents.http.destroy(), agents.https.destroy()]));
  return agents;
}

const LOGIN = 'user:p@ss';

describe('by TLS, under the real names', () => {
  const kinds: [string, (tikTok: HiddenTikTok) => CountingProxy][] = [
    ['an http proxy', (tikTok) => new ConnectProxy(tikTok.route)],
    ['an https proxy', (tikTok) => new ConnectProxy(tikTok.route, tikTok.certificate)],
    ['a SOCKS5 proxy', (tikTok) => new Socks5Proxy(tikTok.route)],
  ];

  it.each(kinds)('everything goes through %s', async (_name, make) => {
    const tikTok = await new HiddenTikTok().start();
    closers.push(() => tikTok.close());
    const proxy = await make(tikTok).start();
    closers.push(() => proxy.close());
    const { cert } = tikTok.certificate;
    const agent = destroyed(createProxyAgents(proxy.url, { ca: cert, proxyCa: cert }));
    const connection = new TikTokLiveConnection('somebody', {
      signApiKey: 'key-of-one',
      enableExtendedGiftInfo: true,
      webClientOptions: { agent },
      wsClientOptions: { agent: agent.https },
      session: { cookie: { type: 'cookie', value: { sessionId: 'a=b=c', ttTargetIdc: 'useast5' } } },
    });
    const chats: string[] = [];
    const chatted = new Promise<void>((resolve) =>
      connection.on('chat', (message) => {
        chats.push(message.comment);
        resolve();
      }),
    );
    await connection.connect();
    await connection.sendMessage('hello');
    await connection.apiClient.webcast.getRateLimits();
    tikTok.origin.sockets[0]?.send(
      serverFrame({
        messages: [{ method: 'WebcastChatMessage', payload: Buffer.from('1a0568656c6c6f', 'hex') }],
      }),
    );
    await chatted;

    expect(connection.roomId).toBe('7123456789012345678');
    expect(chats).toEqual(['hello']);
    expect(tikTok.origin.requests.map(({ headers, url }) => `${headers.host ?? ''}${url.pathname}`)).toEqual([
      'www.tiktok.com/@somebody/live',
      'www.tiktok.com/api-live/user/room/',
      'webcast.tiktok.com/webcast/room/info/',
      'webcast.tiktok.com/webcast/gift/list/',
      'api.eulerstream.com/webcast/fetch',
      'api.eulerstream.com/webcast/chat',
      'api.eulerstream.com/webcast/rate_limits',
    ]);
    expect(tikTok.origin.upgrades.map(({ headers }) => headers.host)).toEqual(['webcast-ws.tiktok.com']);
    expect(tikTok.origin.upgrades[0]?.headers.cookie).toContain('sessionid=a=b=c;');

    // Names went to the proxy as names, with the login; connections are kept, so there is one for each host.
    expect([...new Set(proxy.tunnels.map(({ to }) => to))].sort()).toEqual([
      'api.eulerstream.com:443',
      'webcast-ws.tiktok.com:443',
      'webcast.tiktok.com:443',
      'www.tiktok.com:443',
    ]);
    expect(new Set(proxy.tunnels.map(({ login }) => login))).toEqual(new Set([LOGIN]));
    // Nobody but the proxy came to the servers, and each of its tunnels was used.
    expect(tikTok.seenPorts).toHaveLength(proxy.tunnels.length);
    expect(tikTok.seenPorts.filter((port) => !proxy.outgoingPorts.has(port))).toEqual([]);
    expect(dialled.filter(({ to }) => to === proxy.port)).toHaveLength(proxy.tunnels.length);
    await connection.disconnect();
    console.log(`${proxy.url.split(':')[0]}: ${proxy.tunnels.length} tunnels, 0 connections around them`);
  });

  it('the words of axios for a proxy count as well', async () => {
    const tikTok = await new HiddenTikTok().start();
    closers.push(() => tikTok.close());
    const proxy = await new ConnectProxy(tikTok.route).start();
    closers.push(() => proxy.close());
    const connection = new TikTokLiveConnection('somebody', {
      webClientOptions: {
        proxy: { protocol: 'http', host: '127.0.0.1', port: proxy.port, auth: { username: 'user', password: 'p@ss' } },
        retry: 0,
      },
    });
    closers.push(() => Promise.resolve(connection.webClient.agents.https?.destroy()));
    // The certificate is not trusted here: the tunnels are what counts.
    await expect(connection.fetchIsLive()).rejects.toMatchObject({ code: 'CONNECTOR_ALL_SOURCES_FAILED' });
    expect(proxy.tunnels.map(({ to }) => to)).toEqual([
      'www.tiktok.com:443',
      'www.tiktok.com:443',
      'api.eulerstream.com:443',
    ]);
    expect(new Set(proxy.tunnels.map(({ login }) => login))).toEqual(new Set([LOGIN]));
    expect(tikTok.origin.requests).toEqual([]);
  });
});

describe('against the simulator, in clear', () => {
  it.each([
    ['an http proxy', () => new ConnectProxy()],
    ['a SOCKS5 proxy', () => new Socks5Proxy()],
  ])('a room is watched through %s, and each connection to the simulator is the proxy’s', async (_name, make) => {
    const simulator = await startSimulator({ world: { streamers: 1, rate: 50, liveAtStart: 1 } });
    closers.push(() => simulator.close());
    const proxy: CountingProxy = await make().start();
    closers.push(() => proxy.close());
    SignConfig.basePath = simulator.url;
    closers.push(() => Promise.resolve((SignConfig.basePath = 'https://api.eulerstream.com')));
    const agent = destroyed(createProxyAgents(proxy.url));
    const [streamer] = simulator.world.list();
    const connection = new TikTokLiveConnection(streamer?.uniqueId ?? '', {
      endpoints: { webUrl: simulator.url, webcastUrl: simulator.url, socketUrl: simulator.wsUrl },
      webClientOptions: { agent },
      wsClientOptions: { agent: agent.http },
    });
    const received = new Promise<void>((resolve) => {
      let messages = 0;
      connection.on('rawData', () => ((messages += 1) === 20 ? resolve() : undefined));
    });
    await connection.connect();
    await received;
    const direct = dialled.filter(({ from, to }) => to === simulator.port && !proxy.outgoingPorts.has(from));
    expect(direct).toEqual([]);
    expect(proxy.tunnels.length).toBeGreaterThanOrEqual(1);
    expect(new Set(proxy.tunnels.map(({ to }) => to))).toEqual(new Set([`127.0.0.1:${simulator.port}`]));
    await connection.disconnect();
  });
});

it('a connection around the proxy would be seen: a socket without an agent', async () => {
  const simulator = await startSimulator({ world: { streamers: 1, rate: 50, liveAtStart: 1 } });
  closers.push(() => simulator.close());
  const proxy = await new ConnectProxy().start();
  closers.push(() => proxy.close());
  const connection = new TikTokLiveConnection(simulator.world.list()[0]?.uniqueId ?? '', {
    endpoints: { webUrl: simulator.url, webcastUrl: simulator.url, socketUrl: simulator.wsUrl },
    eulerApiInstance: buildEulerClient({ basePath: simulator.url }),
    webClientOptions: { agent: destroyed(createProxyAgents(proxy.url)) },
  });
  await connection.connect();
  expect(dialled.filter(({ from, to }) => to === simulator.port && !proxy.outgoingPorts.has(from))).toHaveLength(1);
  await connection.disconnect();
});

describe('in the service', () => {
  it.each([
    ['an http proxy', () => new ConnectProxy()],
    ['a SOCKS5 proxy', () => new Socks5Proxy()],
  ])('a streamer’s own proxy may be %s: checks, sign calls and the socket use it', async (_name, make) => {
    const simulator = await startSimulator({ world: { streamers: 1, rate: 50, liveAtStart: 1 } });
    closers.push(() => simulator.close());
    const proxy: CountingProxy = await make().start();
    closers.push(() => proxy.close());
    const route = new TikTokAccess({
      webUrl: simulator.url,
      webcastUrl: simulator.url,
      socketUrl: simulator.wsUrl,
      signApiUrl: simulator.url,
    }).route({ proxyUrl: proxy.url });
    closers.push(() => Promise.resolve([route.client.agents.http?.destroy(), route.client.agents.https?.destroy()]));
    const [streamer] = simulator.world.list();
    const { client } = route;
    const check = await checkLive(client, { uniqueId: streamer?.uniqueId ?? '' });
    expect(check.verdict).toBe('live');
    for (const name of ['direct', 'euler'] as const) {
      const address = await route.source(name).resolve({ roomId: check.roomId ?? '' });
      const received = new Promise<void>((resolve, reject) => {
        WebcastSocket.open({
          address,
          agent: route.socketAgent(address.url),
          handlers: {
            onBatch: () => resolve(),
            onFrameRejected: (_bytes, _at, error) => reject(error),
            onClosed: () => undefined,
          },
        }).then((socket) => closers.push(() => socket.close()), reject);
      });
      await received;
    }
    expect(dialled.filter(({ from, to }) => to === simulator.port && !proxy.outgoingPorts.has(from))).toEqual([]);
    expect(proxy.tunnels.length).toBeGreaterThanOrEqual(2);
  });
});

interface Promised {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}
function promised(): Promised {
  let settle: Omit<Promised, 'promise'> | undefined;
  const promise = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  return { promise, ...(settle as unknown as Omit<Promised, 'promise'>) };
}

describe('a pool of real proxies', () => {
  const ROOMS = 12;

  it('one dies: its rooms go over and the others stay; it comes back and takes its share again', async () => {
    const simulator = await startSimulator({ world: { streamers: ROOMS, rate: 20, liveAtStart: 1 } });
    closers.push(() => simulator.close());
    const proxies = [await new ConnectProxy().start(), await new ConnectProxy().start()] as const;
    for (const proxy of proxies) closers.push(() => proxy.close());
    const clock = new FakeClock();
    const random = new SeededRandom(1);
    const vault = new StreamerVault(new SecretBox([]));
    const store = new MemoryProxyPoolStore();
    const entries = proxies.map(({ url, port }, index) => ({ id: `px_${index}`, address: `localhost:${port}`, url }));
    await store.add('eu', '', entries);
    const pools = new ProxyPools({ clock, random, logger: SILENT_LOGGER, store, vault });
    await pools.refresh();
    const access = new TikTokAccess({
      webUrl: simulator.url,
      webcastUrl: simulator.url,
      socketUrl: simulator.wsUrl,
      signApiUrl: simulator.url,
      vault,
      pools,
    });
    const connector = new ConnectorRoomConnector({
      access,
      clock,
      random,
      sources: ['direct'],
      health: new SourceHealth({ clock, random }),
      budget: new FakeSignBudget(),
    });
    const open = new Map<number, RoomConnection>();
    /** Told when the socket of a room has closed. */
    const closed = new Map<number, Promise<void>>();
    let failed = 0;

    /** Tries until the room is live, and says which proxy its socket goes through. */
    const join = async (room: number): Promise<number> => {
      const { uniqueId = '', roomId = '' } = simulator.world.list()[room] ?? {};
      for (;;) {
        const before = proxies.map(({ tunnels }) => tunnels.length);
        const ended = promised();
        const live = promised();
        try {
          const connection = await connector.open(
            {
              roomId,
              uniqueId,
              access: { id: String(room), proxyPool: 'eu' },
              priority: 50,
              waitingSince: 0,
              confirmLive: () => Promise.resolve(true),
              signal: new AbortController().signal,
            },
            {
              onWaiting: () => undefined,
              onOpen: () => undefined,
              // Also an empty one: rooms of the simulator may be quiet for minutes.
              onFrame: () => live.resolve(),
              onFrameRejected: () => live.reject(new Error('a frame was rejected')),
              onClosed: () => {
                open.delete(room);
                ended.resolve();
                live.reject(new RoomConnectError('network', 'it closed before its first frame'));
              },
            },
          );
          open.set(room, connection);
          closed.set(room, ended.promise);
          await live.promise;
          return proxies.findIndex(({ tunnels }, index) => tunnels.length > (before[index] ?? 0));
        } catch (error) {
          if (!(error instanceof RoomConnectError)) throw error;
          failed += 1;
          expect(failed).toBeLessThan(20);
        }
      }
    };
    const joinAll = async (rooms: readonly number[]): Promise<number[]> => {
      const ways: number[] = [];
      for (const room of rooms) ways.push(await join(room));
      return ways;
    };
    const states = (): unknown => pools.figures().pools.get('eu');
    closers.push(() => Promise.all([...open.values()].map((connection) => connection.close())));

    const all = Array.from({ length: ROOMS }, (_, room) => room);
    const first = await joinAll(all);
    expect([...new Set(first)].sort()).toEqual([0, 1]);
    const [lost, kept] = [0, 1].map((way) => all.filter((room) => first[room] === way)) as [number[], number[]];
    const sockets = new Map(kept.map((room) => [room, open.get(room)]));
    const keptAsTheyWere = (): void => expect(new Map(kept.map((room) => [room, open.get(room)]))).toEqual(sockets);

    const { port } = proxies[0];
    await proxies[0].close();
    for (const room of lost) await closed.get(room);
    expect(await joinAll(lost)).toEqual(lost.map(() => 1));
    // Three failures in a row and it rests: nobody is sent there any more.
    expect(failed).toBe(3);
    expect(states()).toEqual({ healthy: 1, resting: 1, probing: 0 });
    keptAsTheyWere();

    await proxies[0].start(port);
    const [one = 0] = lost;
    await open.get(one)?.close();
    expect(await join(one)).toBe(1);
    await clock.advance(15_000);
    expect(states()).toEqual({ healthy: 1, resting: 0, probing: 1 });
    // Open sockets are left as they are; the next ones are its own again.
    for (const room of lost) await open.get(room)?.close();
    expect(await joinAll(lost)).toEqual(lost.map(() => 0));
    expect(states()).toEqual({ healthy: 2, resting: 0, probing: 0 });
    expect(failed).toBe(3);
    keptAsTheyWere();
    const outgoing = (from: number): boolean => proxies.some((proxy) => proxy.outgoingPorts.has(from));
    expect(dialled.filter(({ from, to }) => to === simulator.port && !outgoing(from))).toEqual([]);
    console.log(`${lost.length} of ${ROOMS} rooms went over and back, ${failed} attempts at the dead proxy`);
  });
});

describe('addresses of proxies', () => {
  it.each(['ftp://user:planted-secret@p:1', 'planted-secret', 'socks4://planted-secret@p:1'])(
    '%s cannot be used, and the error does not repeat it',
    (url) => {
      let thrown: unknown;
      try {
        createProxyAgents(url);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ code: 'CONNECTOR_CONFIGURATION', retryable: false });
      expect(`${String(thrown)}${JSON.stringify(thrown)}`).not.toContain('planted-secret');
    },
  );
});
