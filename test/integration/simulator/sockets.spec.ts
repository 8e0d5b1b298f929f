import { ProtoMessageFetchResult, WebcastChatMessage, codecForMethod, type DecodeReport } from '@livetap/connector';
import { afterEach, describe, expect, it } from 'vitest';
import {
  faultSchema,
  startSimulator,
  type FaultOrder,
  type Simulator,
  type WorldOrder,
} from '../../../apps/simulator/src/index.js';
import { Client, dial, directAddress, eventually, json, takeCookie } from './dial.js';

let simulator: Simulator;
afterEach(() => simulator.close());

/** Streamers that are live for good. */
const busy = (streamers: number, rate: number): WorldOrder => ({
  seed: 'sockets',
  streamers,
  rate,
  skew: 0,
  liveAtStart: 1,
  schedule: false,
});
const roomOf = (name = 'sim_0001'): string => simulator.world.get(name).roomId;
const order = (fault: FaultOrder): { id?: number; struck: number } => simulator.fault(faultSchema.parse(fault));
const refusalOf = async (dialling: Promise<unknown>): Promise<{ status: number; headers: Record<string, string> }> => {
  try {
    await dialling;
  } catch (error) {
    return (error as { refusal: { status: number; headers: Record<string, string> } }).refusal;
  }
  throw new Error('the socket was accepted');
};

describe('the Webcast socket', () => {
  it('delivers exactly what the ledger says, in order, decodable and acknowledged', async () => {
    simulator = await startSimulator({ world: busy(1, 2000) });
    const client = await dial(simulator, roomOf());
    await client.until(() => client.messages.length > 2000);
    simulator.world.quiesce();
    await client.until(() => client.messages.length === simulator.ledger.sent);
    await eventually(() => simulator.ledger.acked === simulator.ledger.messages);

    const entries = [...simulator.ledger.inMemory(roomOf())];
    expect(client.messages.map(({ msgId, method }) => `${msgId} ${method}`)).toEqual(
      entries.map(({ msgId, method }) => `${msgId} ${method}`),
    );
    expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, index) => index + 1));
    expect(client.ids().size).toBe(entries.length);
    const report: DecodeReport = { dropped: 0 };
    for (const message of client.messages) codecForMethod(message.method)?.decode(message.payload, report);
    expect(report.dropped).toBe(0);
    const sizes = client.frames.filter((frame) => frame.payloadType === 'msg').length;
    expect(client.messages.length / sizes).toBeGreaterThan(1.5);
  });

  it('answers the enter-room frame, echoes heartbeats and counts both', async () => {
    simulator = await startSimulator({ world: busy(1, 1) });
    const client = await dial(simulator, roomOf());
    await client.until(
      () =>
        client.frames.some((frame) => frame.payloadType === 'im_enter_room_resp') &&
        client.frames.some((frame) => frame.payloadType === 'hb'),
    );
    expect(simulator.stats().sockets).toMatchObject({ open: 1, enters: 1, heartbeats: 1 });
  });

  it('sends payloads in the clear without compress=gzip', async () => {
    simulator = await startSimulator({ world: busy(1, 300) });
    const client = await dial(simulator, roomOf(), { gzip: false });
    await client.until(() => client.messages.length > 10);
    const [first] = client.frames.filter((frame) => frame.payloadType === 'msg');
    expect(first && ProtoMessageFetchResult.decode(first.payload).messages.length).toBeGreaterThan(0);
  });

  it('sends nothing before the room is entered, and changes rooms on a further enter-room frame', async () => {
    simulator = await startSimulator({ world: busy(2, 400) });
    const client = await dial(simulator, roomOf(), { enter: false });
    expect(simulator.world.room(roomOf())?.watchers.size).toBe(0);
    client.enter(roomOf());
    await client.until(() => client.messages.length > 5);
    client.enter(roomOf('sim_0002'));
    await client.until(() => [...simulator.ledger.inMemory(roomOf('sim_0002'))].length > 5);
    expect(simulator.world.room(roomOf())?.watchers.size).toBe(0);
  });

  it('repeats the last messages as history to the next socket', async () => {
    simulator = await startSimulator({ world: busy(1, 500) });
    const first = await dial(simulator, roomOf());
    await first.until(() => first.messages.length > 30);
    simulator.world.quiesce();
    await first.until(() => first.messages.length === simulator.ledger.sent);
    await first.close();
    const second = await dial(simulator, roomOf());
    await second.until(() => second.messages.length > 0);
    expect(second.messages.every((message) => message.isHistory && first.ids().has(message.msgId))).toBe(true);
    expect(simulator.ledger.messages).toBe(first.messages.length);
    expect(simulator.ledger.sent).toBe(first.messages.length + second.messages.length);
  });

  it('does the close handshake and tells the end of a stream as the last message', async () => {
    simulator = await startSimulator({ world: busy(1, 300) });
    const client = await dial(simulator, roomOf());
    await client.until(() => client.messages.length > 10);
    simulator.world.end('sim_0001');
    await client.until(() => client.messages.at(-1)?.method === 'WebcastControlMessage');
    await client.close();
    expect(client.closed?.code).toBe(1005);
    expect(simulator.ledger.sent).toBe(client.messages.length);
  });

  it('pings', async () => {
    simulator = await startSimulator({ world: busy(1, 1), pingIntervalMs: 50 });
    const client = await dial(simulator, roomOf());
    await new Promise((resolve) => client.socket.once('ping', resolve));
  });

  it('sends a client away that does not beat', async () => {
    simulator = await startSimulator({ world: busy(1, 0), idleTimeoutMs: 50, pingIntervalMs: 20 });
    const client = await dial(simulator, roomOf());
    await client.until(() => client.closed !== undefined);
    expect(client.closed).toEqual({ code: 1000, reason: 'no heartbeat' });
    await eventually(() => simulator.stats().sockets.open === 0);
    expect(simulator.stats().sockets.idle).toBe(1);
  });

  it('ignores frames that are none', async () => {
    simulator = await startSimulator({ world: busy(1, 1) });
    const client = await dial(simulator, roomOf());
    client.socket.send(Buffer.from([0xff, 0xff, 0xff]));
    client.socket.send('text');
    client.send('nonsense', new Uint8Array(0));
    client.send('hb', new Uint8Array(0));
    await client.until(() => client.frames.filter((frame) => frame.payloadType === 'hb').length === 2);
    expect(simulator.stats().sockets).toMatchObject({ open: 1, strange: 3 });
  });
});

describe('the upgrade', () => {
  it.each([
    ['another app', { aid: '1' }, 417, 'illegal app_id'],
    ['no direct way', { ws_direct: '0' }, 417, 'illegal secret key'],
    ['a missing parameter', { live_id: '1' }, 400, 'illegal parameter live_id'],
    ['a room that never was', { room_id: '42' }, 400, 'room not found'],
  ])('refuses %s', async (_what, parameters, status, message) => {
    simulator = await startSimulator({ world: busy(1, 1) });
    const cookie = await takeCookie(simulator.url);
    const refusal = await refusalOf(
      Client.open(directAddress(simulator.wsUrl, roomOf(), parameters), cookie, roomOf()),
    );
    expect(refusal.status).toBe(status);
    expect(refusal.headers['handshake-msg']).toBe(message);
  });

  it('refuses a cookie that it did not give', async () => {
    simulator = await startSimulator({ world: busy(1, 1) });
    const refusal = await refusalOf(
      Client.open(directAddress(simulator.wsUrl, roomOf()), 'ttwid=1%7Cx%7C1%7Cy', roomOf()),
    );
    expect(refusal).toMatchObject({ status: 415, headers: { 'handshake-msg': 'DEVICE_BLOCKED' } });
  });

  it('admits by the signed way with the address that the sign server made, and not for another room', async () => {
    simulator = await startSimulator({ world: busy(2, 200) });
    const answer = await fetch(`${simulator.url}/webcast/fetch?client=ttlive-node&room_id=${roomOf()}`);
    expect(answer.headers.get('x-room-id')).toBe(roomOf());
    expect(answer.headers.get('x-request-id')).toBeTruthy();
    const cookie = (answer.headers.get('x-set-tt-cookie') ?? '').split(';')[0] ?? '';
    const result = ProtoMessageFetchResult.decode(Buffer.from(await answer.arrayBuffer()));
    const address = (roomId: string): string => {
      const query = new URLSearchParams({
        aid: '1988',
        live_id: '12',
        identity: 'audience',
        resp_content_type: 'protobuf',
        compress: 'gzip',
        room_id: roomId,
        internal_ext: result.internalExt,
        cursor: result.cursor,
        ...result.routeParams,
      });
      return `${result.pushServer}?${query.toString()}`;
    };
    const client = await Client.open(address(roomOf()), cookie, roomOf());
    await client.until(() => client.messages.length > 0);
    const refusal = await refusalOf(Client.open(address(roomOf('sim_0002')), cookie, roomOf('sim_0002')));
    expect(refusal).toMatchObject({ status: 417 });
  });
});

describe('faults', () => {
  it('refuses upgrades as ordered, then admits again', async () => {
    simulator = await startSimulator({ world: busy(1, 1) });
    order({
      kind: 'refuse',
      uniqueId: 'sim_0001',
      status: 417,
      handshakeMsg: 'illegal secret key',
      times: 2,
      retryAfterS: 3,
    });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const refusal = await refusalOf(dial(simulator, roomOf()));
      expect(refusal).toMatchObject({
        status: 417,
        headers: { 'handshake-msg': 'illegal secret key', 'retry-after': '3' },
      });
    }
    const client = await dial(simulator, roomOf());
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  it('cuts the sockets of a room, of that room alone, without a close frame', async () => {
    simulator = await startSimulator({ world: busy(2, 200) });
    const victim = await dial(simulator, roomOf());
    const other = await dial(simulator, roomOf('sim_0002'));
    await victim.until(() => victim.messages.length > 0);
    expect(order({ kind: 'cut', room: roomOf() })).toEqual({ struck: 1 });
    await victim.until(() => victim.closed !== undefined);
    expect(victim.closed?.code).toBe(1006);
    expect(other.closed).toBeUndefined();
  });

  it('cuts with nothing in flight when told to wait for the acks', async () => {
    simulator = await startSimulator({ world: busy(1, 3000) });
    const client = await dial(simulator, roomOf());
    await client.until(() => client.messages.length > 500);
    order({ kind: 'cut', room: roomOf(), when: 'acked' });
    await client.until(() => client.closed !== undefined);
    expect(client.closed?.code).toBe(1006);
    expect(client.messages.length).toBe(simulator.ledger.sent);
    expect(simulator.ledger.acked).toBe(simulator.ledger.messages);
  });

  it('stalls: the socket lives, nothing comes, nothing counts as sent; afterwards it goes on', async () => {
    simulator = await startSimulator({ world: busy(1, 500) });
    const client = await dial(simulator, roomOf());
    await client.until(() => client.messages.length > 20);
    const { id } = order({ kind: 'stall', room: roomOf() });
    const sent = simulator.ledger.sent;
    await client.until(() => client.messages.length === sent);
    const delivered = simulator.world.room(roomOf())?.recent().at(-1)?.msgId;
    await eventually(() => !(simulator.world.room(roomOf())?.recent().at(-1)?.msgId === delivered));
    expect(simulator.ledger.sent).toBe(sent);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    expect(simulator.faults.remove(id ?? 0)).toBe(true);
    await client.until(() => client.messages.length > sent);
  });

  it('is half open: neither reads nor answers, and never closes by itself', async () => {
    simulator = await startSimulator({ world: busy(2, 500), pingIntervalMs: 20 });
    const client = await dial(simulator, roomOf());
    const other = await dial(simulator, roomOf('sim_0002'));
    await client.until(() => client.messages.length > 20);
    const { id } = order({ kind: 'halfOpen', room: roomOf() });
    const { heartbeats } = simulator.stats().sockets;
    client.send('hb', new Uint8Array(0));
    for (let beat = 1; beat <= 20; beat += 1) {
      other.send('hb', new Uint8Array(0));
      await eventually(() => simulator.stats().sockets.heartbeats === heartbeats + beat);
    }
    expect(client.closed).toBeUndefined();
    simulator.faults.remove(id ?? 0);
    await eventually(() => simulator.stats().sockets.heartbeats === heartbeats + 21);
  });

  it('damages frames or single messages and does not count them', async () => {
    simulator = await startSimulator({ world: busy(1, 500) });
    const client = await dial(simulator, roomOf());
    await client.until(() => client.messages.length > 20);
    for (const mode of ['frame', 'payload'] as const) {
      const before = client.broken.length;
      order({ kind: 'corrupt', room: roomOf(), mode });
      await client.until(() => client.broken.length > before);
    }
    simulator.world.quiesce();
    order({ kind: 'corrupt', room: roomOf(), mode: 'message' });
    const chat = (comment: string): { method: string; fields: object } => ({
      method: 'WebcastChatMessage',
      fields: { comment },
    });
    simulator.sendFrame(
      roomOf(),
      [chat('one'), chat('two'), chat('three')].map((message) => ({ ...message, fields: { ...message.fields } })),
    );
    await client.until(
      () => client.messages.length === [...simulator.ledger.inMemory()].filter((entry) => !entry.damaged).length + 1,
    );
    const [one, two, three] = client.messages.slice(-3);
    expect(() => WebcastChatMessage.decode(two?.payload ?? new Uint8Array(0))).toThrow(RangeError);
    expect(
      [one, three].map((message) => WebcastChatMessage.decode(message?.payload ?? new Uint8Array(0)).comment),
    ).toEqual(['one', 'three']);
    expect(simulator.ledger.messages).toBe(client.messages.length - 1);
  });

  it('spoils HTTP answers for a path, a streamer, a number of times', async () => {
    simulator = await startSimulator({ world: busy(2, 1) });
    const ask = (name: string): Promise<Response> => fetch(`${simulator.url}/api-live/user/room?uniqueId=${name}`);
    order({ kind: 'http', path: '/api-live', uniqueId: 'sim_0001', retryAfterS: 7, times: 1 });
    const limited = await ask('sim_0001');
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
    expect((await ask('sim_0001')).status).toBe(200);

    order({ kind: 'http', path: '/api-live', body: 'html' });
    expect((await ask('sim_0002')).headers.get('content-type')).toContain('text/html');
    order({ kind: 'http', path: '/webcast/room/info', body: 'brokenJson' });
    expect((await ask('sim_0002')).status).toBe(200);
    await expect((await fetch(`${simulator.url}/webcast/room/info/?room_id=${roomOf()}`)).json()).rejects.toThrow();
    order({ kind: 'http', path: '/webcast/room/info', body: 'cut' });
    await expect(fetch(`${simulator.url}/webcast/room/info/?room_id=${roomOf()}`)).rejects.toThrow();
  });
});

describe('the control API', () => {
  it('adds a streamer, starts, pauses and ends it, sends a given message and shows the ledger', async () => {
    simulator = await startSimulator();
    const control = `${simulator.url}/_sim`;
    const added = await json(`${control}/streamers`, { method: 'POST', body: { uniqueId: 'Anna.Live', rate: 0 } });
    expect(added).toMatchObject({ uniqueId: 'anna.live', status: 'offline' });
    const started = await json(`${control}/streamers/anna.live/start`, {
      method: 'POST',
      body: { roomId: '7123456789012345678' },
    });
    expect(started).toMatchObject({ status: 'live', roomId: '7123456789012345678', live: 1 });
    const client = await dial(simulator, '7123456789012345678');
    await client.until(
      () => simulator.world.room('7123456789012345678')?.watchers.size === 1 || client.closed !== undefined,
    );
    const gift = {
      method: 'WebcastGiftMessage',
      msgId: '101',
      fields: {
        giftId: 5487,
        repeatCount: 3,
        groupId: '9',
        user: { userId: '6000000000000000001' },
        giftDetails: { diamondCount: 5, giftType: 1 },
      },
    };
    expect(
      await json(`${control}/rooms/7123456789012345678/messages`, { method: 'POST', body: { messages: [gift] } }),
    ).toEqual({ taken: true, msgIds: ['101'] });
    await client.until(() => client.ids().has('101'));
    expect(await json(`${control}/ledger/summary?room=7123456789012345678`)).toMatchObject({
      messages: 1,
      gifts: 1,
      diamonds: 15,
      giftCount: 3,
    });
    const text = await (await fetch(`${control}/ledger?room=7123456789012345678`)).text();
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toMatchObject([
      {
        room: '7123456789012345678',
        msgId: '101',
        method: 'WebcastGiftMessage',
        facts: { kind: 'gift', repeatCount: 3 },
      },
    ]);
    expect(await json(`${control}/streamers/anna.live/pause`, { method: 'POST' })).toMatchObject({
      status: 'paused',
      statusCode: 3,
    });
    expect(await json(`${control}/streamers/anna.live/unpause`, { method: 'POST' })).toMatchObject({ status: 'live' });
    expect(await json(`${control}/streamers/anna.live/end`, { method: 'POST', body: { action: 4 } })).toMatchObject({
      status: 'offline',
    });
    await client.until(
      () => client.messages.filter((message) => message.method === 'WebcastControlMessage').length === 3,
    );
    expect(
      await json(`${control}/streamers/anna.live/start`, { method: 'POST', body: { sameRoom: true } }),
    ).toMatchObject({ roomId: '7123456789012345678', live: 2 });
  });

  it('answers bad orders with the reason', async () => {
    simulator = await startSimulator({ world: busy(1, 1) });
    const control = `${simulator.url}/_sim`;
    const post = async (path: string, body: unknown): Promise<[number, string]> => {
      const answer = await fetch(`${control}${path}`, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return [answer.status, ((await answer.json()) as { error: string }).error];
    };
    expect(await post('/streamers/nobody/start', {})).toEqual([404, 'there is no streamer nobody']);
    expect(await post('/streamers/sim_0001/start', {})).toEqual([409, 'sim_0001 is live already']);
    expect((await post('/faults', { kind: 'fire' }))[0]).toBe(400);
    expect((await post('/faults', '{'))[0]).toBe(400);
    expect(
      await post(`/rooms/${roomOf()}/messages`, {
        messages: [{ method: 'WebcastChatMessage', fields: { coment: 'x' } }],
      }),
    ).toEqual([400, 'WebcastChatMessage.coment: WebcastChatMessage has no such field']);
    expect((await post('/nothing', {}))[0]).toBe(404);
  });
});

describe('TikTok and the sign server over HTTP', () => {
  it('answers for live, offline and unknown users as TikTok does', async () => {
    simulator = await startSimulator({ world: busy(1, 5) });
    simulator.world.add({ uniqueId: 'gone', rate: 0, restricted: false });
    const live = await json(`${simulator.url}/api-live/user/room?uniqueId=SIM_0001&sourceType=54&aid=1988`);
    expect(live).toMatchObject({
      statusCode: 0,
      data: { user: { uniqueId: 'sim_0001', status: 2, roomId: roomOf() }, liveRoom: { status: 2 } },
    });
    const offline = await json(`${simulator.url}/api-live/user/room?uniqueId=gone`);
    expect(offline).toMatchObject({ statusCode: 0, data: { user: { status: 4, roomId: roomOf('gone') } } });
    expect(await json(`${simulator.url}/api-live/user/room?uniqueId=nobody`)).toMatchObject({
      statusCode: 19881007,
      message: 'user_not_found',
    });
    const page = await (await fetch(`${simulator.url}/@sim_0001/live`)).text();
    const state = JSON.parse(
      /<script id="SIGI_STATE" type="application\/json">(.*?)<\/script>/.exec(page)?.[1] ?? '',
    ) as object;
    expect(state).toMatchObject({
      LiveRoom: { liveRoomUserInfo: { user: { roomId: roomOf() }, liveRoom: { status: 2 } } },
    });
    expect(await (await fetch(`${simulator.url}/@nobody/live`)).text()).not.toContain('liveRoomUserInfo');
    expect(await json(`${simulator.url}/webcast/room/info/?room_id=${roomOf()}`)).toMatchObject({
      status_code: 0,
      data: { status: 2, id_str: roomOf() },
    });
    expect(
      await json(`${simulator.url}/webcast/room/check_alive/?room_ids=${roomOf()},${roomOf('gone')}`),
    ).toMatchObject({ data: [{ alive: true }, { alive: false }] });
    const gifts = (await json(`${simulator.url}/webcast/gift/list/`)) as { data: { gifts: { name: string }[] } };
    expect(gifts.data.gifts.map((gift) => gift.name)).toContain('Finger Heart');
  });

  it('keeps rooms for adults to people with a session', async () => {
    simulator = await startSimulator();
    simulator.world.add({ uniqueId: 'late', rate: 0, restricted: true });
    simulator.world.start('late');
    const address = `${simulator.url}/webcast/room/info/?room_id=${roomOf('late')}`;
    expect(await json(address)).toMatchObject({ status_code: 4003110 });
    expect(await (await fetch(address, { headers: { cookie: 'sessionid=x' } })).json()).toMatchObject({
      status_code: 0,
    });
  });

  it('signs, looks rooms up, sends chats and counts the quota', async () => {
    simulator = await startSimulator({ world: busy(1, 0), quota: { minute: 4 } });
    const room = roomOf();
    expect(await json(`${simulator.url}/webcast/room_id?uniqueId=sim_0001`)).toMatchObject({
      code: 200,
      ok: true,
      room_id: room,
      is_live: true,
    });
    const { userId } = simulator.world.get('sim_0001');
    expect(
      await json(`${simulator.url}/webcast/bulk_live_check`, {
        method: 'POST',
        body: { user_numeric_ids: [userId, '1'] },
      }),
    ).toEqual({ code: 200, response: { data: { [userId]: { room_id: room, is_live: true }, '1': null } } });
    const client = await dial(simulator, room);
    await client.until(() => simulator.stats().sockets.enters === 1);
    const chat = { method: 'POST', body: JSON.stringify({ content: 'hello', targetRoomId: room }) };
    expect((await fetch(`${simulator.url}/webcast/chat`, chat)).status).toBe(401);
    expect(
      (await fetch(`${simulator.url}/webcast/chat`, { ...chat, headers: { 'x-cookie-header': 'sessionid=x' } })).status,
    ).toBe(200);
    await client.until(() => client.messages.some((message) => message.method === 'WebcastChatMessage'));
    const limited = await fetch(`${simulator.url}/webcast/fetch?room_id=${room}`);
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(limited.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(await json(`${simulator.url}/webcast/rate_limits`)).toMatchObject({ minute: { max: 4, remaining: 0 } });
  });
});
