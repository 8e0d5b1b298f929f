import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chat, control, LiveServer, ROOM } from '../../test-support/live-server.js';
import { ControlEvent, WebcastEvent } from '../events/webcast-event.js';
import { ControlAction } from '../proto/index.js';
import { RouteConfig } from '../routes/route-config.js';
import { BackOff } from './back-off.js';
import { MessageContinuity } from './message-continuity.js';
import type { ReconnectOptions } from './reconnect-options.js';
import type { TikTokLiveConnection } from './tiktok-live-connection.js';

let server: LiveServer;
beforeEach(async () => {
  server = await new LiveServer().start();
});
afterEach(() => server.close());

/** Everything that a user hears, in order. */
function listen(connection: TikTokLiveConnection): string[] {
  const log: string[] = [];
  connection.on(ControlEvent.CONNECTED, () => log.push('connected'));
  connection.on(ControlEvent.DISCONNECTED, ({ code, kind }) => log.push(`disconnected ${code} ${kind}`));
  connection.on(ControlEvent.RECONNECTING, ({ attempt, delayMs, reason }) =>
    log.push(`reconnecting ${attempt} after ${delayMs}: ${reason}`),
  );
  connection.on(ControlEvent.RECONNECTED, ({ roomId, isConnected }) =>
    log.push(`reconnected ${roomId} ${isConnected}`),
  );
  connection.on(ControlEvent.GAP, ({ reason, lastIdBefore, firstIdAfter, bridged }) =>
    log.push(`gap ${reason} ${lastIdBefore}..${firstIdAfter} ${bridged}`),
  );
  connection.on(WebcastEvent.CHAT, ({ comment }) => log.push(`chat ${comment}`));
  connection.on(ControlEvent.ERROR, ({ info }) => log.push(`error ${info}`));
  return log;
}

const make = (options: ReconnectOptions = {}): TikTokLiveConnection =>
  server.connection({ reconnect: { random: () => 0.5, ...options } });

const heard = (log: string[], entry: string | RegExp): Promise<void> =>
  vi.waitFor(() =>
    expect(
      log.some((text) => (typeof entry === 'string' ? text === entry : entry.test(text))),
      log.join('; '),
    ).toBe(true),
  );

async function connected(options: ReconnectOptions = {}): Promise<{ connection: TikTokLiveConnection; log: string[] }> {
  const connection = make(options);
  const log = listen(connection);
  await connection.connect();
  return { connection, log };
}

describe('a lost connection with `reconnect`', () => {
  it('is opened again with a fresh signature, its repeats removed and its gap told', async () => {
    const { connection, log } = await connected();
    server.say(chat('a', '1'), chat('b', '2'));
    await heard(log, 'chat b');
    server.cut();
    await heard(log, /reconnecting/);
    expect(connection.isConnecting).toBe(true);
    await expect(connection.connect()).rejects.toMatchObject({ name: 'AlreadyConnectingError' });
    server.sign({ messages: [chat('b', '2'), chat('c', '3')] });
    server.clock.advance(500);
    await heard(log, /reconnected/);
    server.say(chat('c', '3'), chat('d', '4'));
    await heard(log, 'chat d');
    expect(log).toEqual([
      'connected',
      'chat a',
      'chat b',
      'reconnecting 1 after 500: network',
      'gap network 2..3 true',
      'chat c',
      `reconnected ${ROOM} true`,
      'chat d',
    ]);
    expect(server.requestsTo('/webcast/fetch')).toBe(2);
    expect(server.upgrades).toHaveLength(2);
    await connection.disconnect();
    expect(log.at(-1)).toBe('disconnected 1005 client');
    expect(server.clock.timers).toBe(0);
  });

  it('k times: each message comes once, each listener is called once, nothing is left', async () => {
    const { connection, log } = await connected();
    for (let k = 1; k <= 5; k += 1) {
      server.cut();
      await vi.waitFor(() => expect(log.filter((entry) => entry.startsWith('reconnecting'))).toHaveLength(k));
      server.clock.advance(60_000);
      await vi.waitFor(() => expect(log.filter((entry) => entry.startsWith('reconnected'))).toHaveLength(k));
      server.say(chat('same', '9'), chat(`new ${k}`, String(100 + k)));
      await heard(log, `chat new ${k}`);
    }
    expect(log.filter((entry) => entry === 'chat same')).toHaveLength(1);
    expect(log.filter((entry) => entry === 'connected')).toHaveLength(1);
    await connection.disconnect();
    expect(log.filter((entry) => entry.startsWith('disconnected'))).toEqual(['disconnected 1005 client']);
    expect(server.clock.timers).toBe(0);
  });

  it('tells the gap with its times and ids, as not bridged when history does not reach back', async () => {
    const { connection } = await connected();
    const gaps: unknown[] = [];
    connection.on(ControlEvent.GAP, (gap) => gaps.push(gap));
    const log = listen(connection);
    server.say(chat('a', '1'));
    await heard(log, 'chat a');
    const from = server.clock.now();
    server.clock.advance(5_000);
    server.sockets.at(-1)?.close(1012, 'restart');
    await heard(log, /reconnecting/);
    server.clock.advance(1_000);
    await heard(log, /reconnected/);
    expect(gaps).toEqual([]);
    server.say(chat('z', '26'));
    await heard(log, 'chat z');
    expect(gaps).toEqual([
      {
        roomId: ROOM,
        from,
        to: from + 6_000,
        reason: 'goingAway',
        lastIdBefore: '1',
        firstIdAfter: '26',
        bridged: false,
      },
    ]);
    server.say(chat('y', '27'));
    await heard(log, 'chat y');
    expect(gaps).toHaveLength(1);
  });

  it('waits longer after each failure, as long as it was asked to, and starts anew after a stable time', async () => {
    const { log } = await connected();
    server.json('/webcast/fetch', { message: 'slow down' }, 429, { 'retry-after': '20' });
    server.cut();
    await heard(log, 'reconnecting 1 after 500: network');
    server.clock.advance(500);
    await heard(log, 'reconnecting 2 after 21000: network');
    server.json('/webcast/fetch', {}, 503);
    server.clock.advance(21_000);
    await heard(log, 'reconnecting 3 after 2000: network');
    server.sign();
    server.clock.advance(2_000);
    await heard(log, /reconnected/);
    server.cut();
    await heard(log, 'reconnecting 1 after 4000: network');
    server.clock.advance(4_000);
    await vi.waitFor(() => expect(log.filter((entry) => entry.startsWith('reconnected'))).toHaveLength(2));
    server.clock.advance(30_000);
    log.length = 0;
    server.cut();
    await heard(log, 'reconnecting 1 after 500: network');
  });

  it('is given up after maxAttempts, with one `disconnected`', async () => {
    const { connection, log } = await connected({ maxAttempts: 2 });
    server.refuse = () => ({ status: 503 });
    server.sockets.at(-1)?.close(4006, 'idle');
    await heard(log, /reconnecting 1/);
    server.clock.advance(500);
    await heard(log, /reconnecting 2/);
    server.clock.advance(1_000);
    await heard(log, /^disconnected/);
    expect(log).toEqual([
      'connected',
      'reconnecting 1 after 500: application',
      'error Error while reconnecting',
      'reconnecting 2 after 1000: application',
      'error Error while reconnecting',
      'disconnected 4006 application',
    ]);
    expect(connection.state).toMatchObject({ isConnected: false, isConnecting: false, roomId: '' });
    expect(server.clock.timers).toBe(0);
  });

  it.each([
    ['what will be said again', (): void => server.json('/webcast/fetch', {}, 401), 'network'],
    ['the end of the live', (): void => server.roomInfo(4), 'streamEnded'],
    [
      'the end of the live in the history',
      (): void => server.sign({ messages: [control(ControlAction.CONTROL_ACTION_STREAM_ENDED, '8')] }),
      'streamEnded',
    ],
  ])('is given up at once for %s', async (_name, arrange, kind) => {
    const { log } = await connected();
    arrange();
    server.cut();
    await heard(log, /reconnecting/);
    server.clock.advance(500);
    await heard(log, /^disconnected/);
    expect(log.at(-1)).toBe(`disconnected 1006 ${kind}`);
    expect(log.filter((entry) => entry.startsWith('reconnecting'))).toHaveLength(1);
  });

  it('takes a stranger`s error of a replaced route for one that passes', async () => {
    const { log } = await connected();
    const original = RouteConfig.fetchSignedWebSocketFromProvider;
    RouteConfig.fetchSignedWebSocketFromProvider = async () => {
      throw new TypeError('my own signer is down');
    };
    try {
      server.cut();
      await heard(log, /reconnecting 1/);
      server.clock.advance(500);
      await heard(log, /reconnecting 2/);
    } finally {
      RouteConfig.fetchSignedWebSocketFromProvider = original;
    }
  });

  it('stays closed after the end of the stream', async () => {
    const { connection, log } = await connected();
    server.say(control(ControlAction.CONTROL_ACTION_STREAM_ENDED, '5'));
    await heard(log, /^disconnected/);
    expect(log).toEqual(['connected', 'disconnected 1005 streamEnded']);
    server.clock.advance(600_000);
    expect([server.upgrades.length, connection.isConnecting, server.clock.timers]).toEqual([1, false, 0]);
  });

  it('stays closed after disconnect(), also in the middle of a delay or of an attempt', async () => {
    for (const middle of ['delay', 'attempt', 'listener'] as const) {
      const { connection, log } = await connected();
      const upgrades = server.upgrades.length;
      const requests = server.requestsTo('/webcast/fetch');
      if (middle === 'attempt') server.answers.set('/webcast/fetch', () => undefined);
      if (middle === 'listener') connection.once(ControlEvent.RECONNECTING, () => void connection.disconnect());
      server.cut();
      await heard(log, /reconnecting/);
      if (middle === 'attempt') {
        server.clock.advance(500);
        await vi.waitFor(() => expect(server.requestsTo('/webcast/fetch')).toBe(requests + 1));
      }
      await connection.disconnect();
      await connection.disconnect();
      expect(log).toEqual(['connected', 'reconnecting 1 after 500: network', 'disconnected 1006 client']);
      server.clock.advance(600_000);
      expect([server.upgrades.length, connection.state.isConnecting, server.clock.timers]).toEqual([
        upgrades,
        false,
        0,
      ]);
      server.sign();
      await connection.connect();
      expect(log.at(-1)).toBe('connected');
      await connection.disconnect();
    }
  });

  it('is never repeated when the first connect() fails', async () => {
    server.json('/webcast/fetch', {}, 500);
    const connection = make();
    const log = listen(connection);
    await expect(connection.connect()).rejects.toMatchObject({ code: 'CONNECTOR_SIGN_REFUSED' });
    server.clock.advance(600_000);
    expect(log).toEqual(['error Error while connecting']);
    expect(server.clock.timers).toBe(0);
  });

  it('is opened again when the socket is silent', async () => {
    const { log } = await connected();
    server.clock.advance(75_000);
    await heard(log, /reconnecting 1 after \d+: stalled/);
    expect(log).toContain('error WebSocket Error');
  });

  it('is not opened again without the option', async () => {
    const connection = server.connection();
    const log = listen(connection);
    await connection.connect();
    server.cut();
    await heard(log, 'disconnected 1006 network');
    server.clock.advance(600_000);
    expect(server.upgrades).toHaveLength(1);
    expect(server.clock.timers).toBe(0);
  });

  it.each([{ baseDelayMs: -1 }, { maxDelayMs: Number.NaN }, { maxAttempts: 'many' as never }])(
    'refuses options that mean nothing: %j',
    (reconnect) => {
      expect(() => server.connection({ reconnect })).toThrow(/must be a number of at least 0/);
    },
  );
});

describe('the back-off', () => {
  it('is exponential with full jitter, has a cap and keeps to what was asked', () => {
    const random = { value: 1 };
    const backOff = new BackOff({ baseDelayMs: 100, maxDelayMs: 1_000, random: () => random.value });
    expect([1, 2, 3, 4, 5, 6].map(() => backOff.next())).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    random.value = 0;
    expect(backOff.next()).toBe(0);
    expect(backOff.next(5_000)).toBe(5_000);
    random.value = 0.5;
    expect(backOff.next(5_000)).toBe(5_250);
    expect(backOff.next(1e15)).toBe(2 ** 31 - 1);
    backOff.reset();
    expect(backOff.next()).toBe(50);
    for (let i = 0; i < 5_000; i += 1) backOff.next();
    expect(backOff.next()).toBe(500);
  });
});

describe('the window of message ids', () => {
  const message = (msgId: string): Parameters<MessageContinuity['isRepeat']>[0] => ({
    method: 'WebcastChatMessage',
    msgId,
    payload: new Uint8Array(),
    isHistory: false,
  });

  it('is bounded: the oldest ids are forgotten', () => {
    const continuity = new MessageContinuity(100);
    for (let id = 1; id <= 1_000; id += 1) expect(continuity.isRepeat(message(String(id)))).toBe(false);
    expect(continuity.isRepeat(message('1000'))).toBe(true);
    expect(continuity.isRepeat(message('901'))).toBe(true);
    expect(continuity.isRepeat(message('900'))).toBe(false);
  });

  it('never takes messages without an id for repeats, nor those of another method', () => {
    const continuity = new MessageContinuity(100);
    expect([message('0'), message('0')].map((each) => continuity.isRepeat(each))).toEqual([false, false]);
    expect(continuity.isRepeat(message('5'))).toBe(false);
    expect(continuity.isRepeat({ ...message('5'), method: 'WebcastGiftMessage' })).toBe(false);
  });

  it('tells several losses without a message between them as one gap', () => {
    const continuity = new MessageContinuity(100);
    continuity.lost(10, 'stalled');
    continuity.lost(20, 'network');
    expect(continuity.gapBefore(message('7'), 30, 'room')).toEqual({
      roomId: 'room',
      from: 10,
      to: 30,
      reason: 'stalled',
      firstIdAfter: '7',
      bridged: false,
    });
    expect(continuity.gapBefore(message('8'), 40, 'room')).toBeUndefined();
  });
});
