import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebcastChatMessage } from '@livetap/connector';
import { systemClock } from './common/clock.js';
import type { Clock } from './common/clock.js';
import { MessageIds } from './common/ids.js';
import { Random } from './common/random.js';
import { ControlRoutes } from './control/control-routes.js';
import type { Fault } from './faults/fault.schema.js';
import { Faults } from './faults/faults.js';
import { HttpFront } from './http/front.js';
import { Quota } from './http/quota.js';
import type { QuotaLimits, QuotaTotals } from './http/quota.js';
import { SignRoutes } from './http/sign-routes.js';
import { TikTokRoutes } from './http/tiktok-routes.js';
import { Ledger } from './ledger/ledger.js';
import { LedgerSpill } from './ledger/spill.js';
import { makeGiven } from './messages/given.js';
import type { GivenMessage } from './messages/given.js';
import { LiveScript } from './messages/script.js';
import { Viewers } from './messages/viewers.js';
import { Replay } from './replay/player.js';
import type { ReplayProgress } from './replay/player.js';
import { readRecording } from './replay/recording.js';
import { Tickets } from './socket/secrets.js';
import { WebcastServer } from './socket/webcast-server.js';
import type { SocketStats } from './socket/webcast-server.js';
import type { OutMessage } from './world/message.js';
import { World, WorldError } from './world/world.js';
import { worldSchema } from './world/world.schema.js';
import type { WorldOptions, WorldOrder } from './world/world.schema.js';

export interface SimulatorOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Default 0: a free port. */
  readonly port?: number | undefined;
  /** The world to begin with; none: no streamers. */
  readonly world?: WorldOrder | undefined;
  readonly replay?: ReplayOrder | undefined;
  readonly quota?: QuotaLimits | undefined;
  /** Length of the sign server's minute; default 60,000. */
  readonly quotaMinuteMs?: number | undefined;
  /** Entries kept in memory, default 2,000,000. */
  readonly ledgerEntries?: number | undefined;
  /** Directory for further entries. */
  readonly ledgerDir?: string | undefined;
  /** Default 60,000. */
  readonly idleTimeoutMs?: number | undefined;
  /** Default 20,000. */
  readonly pingIntervalMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

export interface ReplayOrder {
  readonly directory: string;
  /** Time between two frames of a room, ms; absent: as fast as acknowledged. */
  readonly paceMs?: number | undefined;
  /** Default 1000. */
  readonly restMs?: number | undefined;
  /** Default `rec`. */
  readonly prefix?: string | undefined;
}

/** A running simulator. */
export interface Simulator {
  /** `http://127.0.0.1:<port>`: TikTok's web, its webcast API and the sign server. */
  readonly url: string;
  /** `ws://127.0.0.1:<port>`. */
  readonly wsUrl: string;
  readonly port: number;
  readonly world: World;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly sockets: WebcastServer;
  readonly quota: Quota;
  /** Adds streamers, made up by the seed. */
  define(world: WorldOrder): void;
  /** Adds the rooms of a recording, one streamer each, live at once. Returns their progress so far. */
  replay(order: ReplayOrder): Promise<readonly ReplayProgress[]>;
  replayProgress(): readonly ReplayProgress[];
  /** Sends a message in a room to whoever is in it. */
  send(roomId: string, message: GivenMessage): { readonly message: OutMessage; readonly taken: boolean };
  /** Sends several messages in one frame. */
  sendFrame(
    roomId: string,
    messages: readonly GivenMessage[],
  ): { readonly messages: readonly OutMessage[]; readonly taken: boolean };
  /** Orders a fault. */
  fault(fault: Fault): { readonly id?: number; readonly struck: number };
  stats(): SimulatorStats;
  /** Ends everything; resolves when the port is free. */
  close(): Promise<void>;
}

export interface SimulatorStats {
  readonly uptimeMs: number;
  readonly sockets: SocketStats;
  readonly requests: Readonly<Record<string, number>>;
  /** What the sign server's quota granted and refused. */
  readonly quota: QuotaTotals;
  readonly ledger: { readonly sent: number; readonly messages: number };
  readonly streamers: { readonly live: number; readonly paused: number; readonly offline: number };
  readonly rooms: number;
  readonly quiesced: boolean;
  readonly memoryBytes: number;
}

const DEFAULT_LEDGER_ENTRIES = 2_000_000;
const DEFAULT_IDLE_MS = 60_000;
const DEFAULT_PING_MS = 20_000;
const CLOSE_LIMIT_MS = 1000;
const REPLAY_WINDOW = 8;
const DEFAULT_VIEWERS = 3000;

/** Starts a simulator: TikTok's web, the sign server and the Webcast sockets on one loopback address. */
export const startSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const clock = options.clock ?? systemClock;
  const startedAt = clock.now();
  const definedWorld: WorldOptions | undefined =
    options.world === undefined ? undefined : worldSchema.parse(options.world);
  const seed = definedWorld?.seed ?? 'livetap';
  const ids = new MessageIds(clock);
  let viewers = new Viewers(seed, DEFAULT_VIEWERS);
  const nonceRandom = new Random(`${seed}/nonce/${startedAt}`);
  const nonce = (): string => nonceRandom.text(22);
  const tickets = new Tickets(`simulator/${seed}`);
  const spill = options.ledgerDir === undefined ? undefined : new LedgerSpill(options.ledgerDir);
  const ledger = new Ledger({ maxEntries: options.ledgerEntries ?? DEFAULT_LEDGER_ENTRIES, spill });
  const world = new World({
    clock,
    script: ({ roomId, streamer, random }) => new LiveScript(roomId, streamer, { ids, viewers, random }),
  });
  const replays: Replay[] = [];
  const faults: Faults = new Faults(clock, (fault) => sockets.release(fault));
  const sockets: WebcastServer = new WebcastServer({
    clock,
    ledger,
    faults,
    tickets,
    room: (roomId) => world.room(roomId),
    uniqueIdOf: (roomId) => world.ownerOf(roomId)?.uniqueId,
    idleTimeoutMs: options.idleTimeoutMs ?? DEFAULT_IDLE_MS,
    pingIntervalMs: options.pingIntervalMs ?? DEFAULT_PING_MS,
    onAcknowledged: (roomId) => {
      for (const replay of replays) replay.acknowledged(roomId);
    },
  });
  const quota = new Quota(clock, options.quota ?? {}, options.quotaMinuteMs);

  const define = (options: WorldOptions): void => {
    // Streams that are on keep the viewers they have.
    viewers = new Viewers(options.seed, options.viewers);
    world.define(options);
  };

  const sendFrame = (
    roomId: string,
    given: readonly GivenMessage[],
  ): { messages: readonly OutMessage[]; taken: boolean } => {
    const room = world.room(roomId);
    if (room === undefined) throw new WorldError('UNKNOWN_ROOM', `there is no room ${roomId}`);
    const messages = given.map((message) => makeGiven(message, { roomId, now: clock.now(), nextId: () => ids.next() }));
    return { messages, taken: room.publish(messages) };
  };

  const host = options.host ?? '127.0.0.1';
  const origin = (scheme: string): string => `${scheme}://${host.includes(':') ? `[${host}]` : host}:${address.port}`;

  const simulator: Simulator = {
    get url() {
      return origin('http');
    },
    get wsUrl() {
      return origin('ws');
    },
    get port() {
      return address.port;
    },
    world,
    ledger,
    faults,
    sockets,
    quota,
    define: (order) => define(worldSchema.parse(order)),
    replay: async (order) => {
      const replay = new Replay(await readRecording(order.directory), {
        clock,
        world,
        paceMs: order.paceMs,
        restMs: order.restMs ?? 1000,
        window: REPLAY_WINDOW,
        prefix: order.prefix ?? 'rec',
      });
      replays.push(replay);
      return replay.progress();
    },
    replayProgress: () => replays.flatMap((replay) => replay.progress()),
    send: (roomId, given) => {
      const { messages, taken } = sendFrame(roomId, [given]);
      const [message] = messages;
      if (message === undefined) throw new RangeError('no message was made');
      return { message, taken };
    },
    sendFrame,
    fault: (fault) => sockets.order(fault),
    stats: () => {
      const streamers = { live: 0, paused: 0, offline: 0 };
      for (const streamer of world.list()) streamers[streamer.status] += 1;
      return {
        uptimeMs: clock.now() - startedAt,
        sockets: { ...sockets.stats },
        requests: front.requests(),
        quota: quota.totals(),
        ledger: { sent: ledger.sent, messages: ledger.messages },
        streamers,
        rooms: world.allRooms().length,
        quiesced: world.quiesced,
        memoryBytes: process.memoryUsage.rss(),
      };
    },
    close: async () => {
      world.close();
      for (const replay of replays) replay.stop();
      faults.clear();
      await sockets.close(CLOSE_LIMIT_MS);
      await closeServer(server);
    },
  };

  const tiktok = new TikTokRoutes({ clock, world, tickets, nonce });
  const sign = new SignRoutes({
    clock,
    world,
    tickets,
    quota,
    nonce,
    socketUrl: () => simulator.wsUrl,
    onHistorySent: (roomId, messages) => {
      const room = world.room(roomId);
      if (room === undefined || messages.length === 0) return;
      ledger.record(
        { room: roomId, live: room.live, socket: 0, at: clock.now(), isHistory: true },
        messages.map(({ msgId, method, facts }) => ({ msgId, method, facts, damaged: false })),
      );
    },
    onChat: (roomId, content) => {
      const room = world.room(roomId);
      if (room?.status !== 'live') return false;
      const msgId = ids.next();
      const payload = WebcastChatMessage.encode({
        common: { method: 'WebcastChatMessage', msgId, roomId, createTime: String(clock.now()), isShowMsg: true },
        user: viewers.get(0),
        comment: content,
      }).finish();
      room.publish([{ method: 'WebcastChatMessage', msgId, payload }]);
      return true;
    },
  });
  const control = new ControlRoutes(simulator);
  const front = new HttpFront({
    clock,
    faults,
    find: (method, path) => control.find(method, path) ?? tiktok.find(method, path) ?? sign.find(method, path),
    ownerOf: (roomId) => world.ownerOf(roomId)?.uniqueId,
    roomOf: (name) => world.find(name)?.roomId,
  });
  const server = createServer((request, response) => front.handle(request, response));
  server.keepAliveTimeout = 65_000;
  sockets.attach(server);
  const address = await listen(server, host, options.port ?? 0);
  if (definedWorld !== undefined) define(definedWorld);
  if (options.replay !== undefined) await simulator.replay(options.replay);
  return simulator;
};

const listen = (server: Server, host: string, port: number): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    // A long queue: thousands of sockets may dial within one second.
    server.listen({ host, port, backlog: 8192 }, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
