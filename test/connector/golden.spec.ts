// What goes over the wire, byte for byte: the requests to TikTok, the sign call, the socket's address and headers, and
// the frames that the client sends. The expected bytes are written by hand here, not by the library's own codec.
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  buildEulerClient,
  Devices,
  Locations,
  ProtoMessageFetchResult,
  Screens,
  TikTokLiveConnection,
  VERSION,
  WebcastImEnterRoomMessage,
  WebcastPushFrame,
  type TikTokLiveConnectionOptions,
} from '@livetap/connector';
import { LoopbackServer, serverFrame } from '../../libs/connector/test-support/loopback.js';
import { ManualClock } from '../../libs/connector/test-support/manual-clock.js';

const ROOM = '7480000000000000001';
const EXT = 'internal_src:pushserver|seq:1|wss_info:0-1-2';
const AGENT = Devices[5]?.user_agent ?? '';
const PRESETS = { device: Devices[5], location: Locations[0], screen: Screens[0] } as Required<
  Pick<TikTokLiveConnectionOptions, 'clientPresets'>
>['clientPresets'];

let server: LoopbackServer;
let clock: ManualClock;
/** Frames of the client, as bytes. */
let sent: Buffer[];
let routeParams: Record<string, string>;

beforeEach(async () => {
  server = await new LoopbackServer().start();
  clock = new ManualClock();
  sent = [];
  routeParams = { wrss: 'a-b_c+/=', empty: '' };
  server.onSocket = (socket) => socket.on('message', (data: Buffer) => sent.push(data));
  server.json('/webcast/room/info/', { data: { status: 2 } });
  server.answers.set('/webcast/fetch', (_request, response) => {
    const body = ProtoMessageFetchResult.encode({
      cursor: 'c-1',
      internalExt: EXT,
      pushServer: `${server.wsUrl}/webcast/im/push/v2/`,
      routeParams,
    }).finish();
    response.writeHead(200, { 'x-set-tt-cookie': 'ttwid=1%7Cabc; Path=/, msToken=x=y=' }).end(body);
  });
});
afterEach(() => server.close());

function connectionWith(options: TikTokLiveConnectionOptions = {}): TikTokLiveConnection {
  return new TikTokLiveConnection('somebody', {
    endpoints: server.endpoints,
    eulerApiInstance: buildEulerClient({ basePath: server.url, apiKey: 'key-1' }),
    clientPresets: PRESETS,
    clock,
    ...options,
  });
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}

/** A protobuf field of wire type 0 or 2. */
function field(number: number, value: bigint | string | Buffer): Buffer {
  if (typeof value === 'bigint') return Buffer.concat([Buffer.from([number << 3]), varint(value)]);
  const content = Buffer.from(value as string);
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(BigInt(content.length)), content]);
}

const hex = (...parts: Buffer[]): string => Buffer.concat(parts).toString('hex');

it('a request to TikTok', async () => {
  const connection = connectionWith({ webClientOptions: { searchParams: { own: 'mine' } } });
  connection.clientParams['device_id'] = '7000000000000000001';
  await connection.fetchRoomInfo(ROOM);
  const [request] = server.requests;
  expect(`${request?.url.pathname ?? ''}${request?.url.search ?? ''}`).toBe(
    '/webcast/room/info/?aid=1988&app_language=en&app_name=tiktok_web&browser_language=en-DE&browser_name=Mozilla' +
      '&browser_online=true&browser_platform=MacIntel&browser_version=' +
      '5.0+%28Macintosh%3B+Intel+Mac+OS+X+10_15_7%29+AppleWebKit%2F537.36+%28KHTML%2C+like+Gecko%29+' +
      'Chrome%2F129.0.0.0+Safari%2F537.36+Edg%2F128.0.0.0&cookie_enabled=true&device_platform=web_pc&focus_state=true' +
      '&from_page=user&history_len=10&is_fullscreen=false&is_page_visible=true&screen_height=1080&screen_width=1920' +
      '&tz_name=Europe%2FBerlin&referer=https%3A%2F%2Fwww.tiktok.com%2F&root_referer=https%3A%2F%2Fwww.tiktok.com%2F' +
      '&channel=tiktok_web&data_collection_enabled=true&os=mac&priority_region=DE&region=DE&user_is_login=true' +
      `&webcast_language=en&device_id=7000000000000000001&own=mine&cursor=&room_id=${ROOM}&internal_ext=`,
  );
  const { host, ...headers } = request?.headers ?? {};
  expect(host).toBe(server.host);
  expect(headers).toEqual({
    connection: 'keep-alive',
    'cache-control': 'max-age=0',
    'user-agent': AGENT,
    accept: 'text/html,application/json,application/protobuf',
    referer: 'https://www.tiktok.com/',
    origin: 'https://www.tiktok.com',
    'accept-language': 'en-US,en;q=0.9',
    'accept-encoding': 'gzip, deflate',
    'sec-fetch-site': 'same-site',
    'sec-fetch-mode': 'cors',
    'sec-fetch-dest': 'empty',
    'sec-fetch-ua-mobile': '?0',
    cookie: 'tt-target-idc=useast1a',
  });
});

it('the sign call', async () => {
  const connection = connectionWith();
  await connection.connect(ROOM);
  const request = server.requests.find(({ url }) => url.pathname === '/webcast/fetch');
  expect(request?.method).toBe('GET');
  expect([...(request?.url.searchParams ?? [])]).toEqual([
    ['client', 'ttlive-node'],
    ['room_id', ROOM],
    ['cursor', ''],
    ['user_agent', AGENT],
    ['client_enter', 'true'],
    ['platform', 'web'],
  ]);
  const { host, connection: _kept, ...headers } = request?.headers ?? {};
  expect(host).toBe(server.host);
  expect(headers).toEqual({
    accept: 'application/json',
    'x-api-key': 'key-1',
    'user-agent': `tiktok-live-connector/${VERSION} ${process.platform}`,
    'accept-encoding': expect.stringContaining('gzip') as string,
  });
  await connection.disconnect();
});

it('the address and the headers of the socket', async () => {
  routeParams = { wrss: 'a-b_c+/=', empty: '', aid: '9999', compress: '', cursor: 'route-cursor', imprp: 'i p' };
  const connection = connectionWith({
    wsConfigOverrides: { DEFAULT_WS_CLIENT_HEADERS: { 'X-Config': 'config', 'X-Both': 'config' } },
    wsClientOptions: { headers: { 'X-Own': 'own', 'X-Both': 'own', Cookie: 'planted=1' } },
  });
  await connection.connect(ROOM);
  const [upgrade] = server.upgrades;
  const search = (upgrade?.url.search ?? '').replace(/last_rtt=1\d\d\.?\d*&/, 'last_rtt=<100..200>&');
  expect(`${upgrade?.url.pathname ?? ''}${search}`).toBe(
    '/webcast/im/push/v2/?version_code=180800&aid=9999&app_language=en&app_name=tiktok_web&browser_platform=MacIntel' +
      '&browser_language=en-DE&browser_name=Mozilla&browser_version=' +
      '5.0+%28Macintosh%3B+Intel+Mac+OS+X+10_15_7%29+AppleWebKit%2F537.36+%28KHTML%2C+like+Gecko%29+' +
      'Chrome%2F129.0.0.0+Safari%2F537.36+Edg%2F128.0.0.0&browser_online=true&cookie_enabled=true' +
      '&tz_name=Europe%2FBerlin&device_platform=web&identity=audience&live_id=12&webcast_language=en&ws_direct=0' +
      '&sup_ws_ds_opt=1&update_version_code=2.0.0&did_rule=3&screen_height=1080&screen_width=1920' +
      '&heartbeat_duration=0&resp_content_type=protobuf&history_comment_count=6&client_enter=1&last_rtt=<100..200>' +
      '&User-Agent=Mozilla%2F5.0+%28Macintosh%3B+Intel+Mac+OS+X+10_15_7%29+AppleWebKit%2F537.36+' +
      '%28KHTML%2C+like+Gecko%29+Chrome%2F129.0.0.0+Safari%2F537.36+Edg%2F128.0.0.0&compress=gzip' +
      `&room_id=${ROOM}&internal_ext=internal_src%3Apushserver%7Cseq%3A1%7Cwss_info%3A0-1-2&cursor=route-cursor` +
      '&wrss=a-b_c%2B%2F%3D&imprp=i+p&version_code=270000',
  );
  const { host, 'sec-websocket-key': key, ...headers } = upgrade?.headers ?? {};
  expect(host).toBe(server.host);
  expect(Buffer.from(key ?? '', 'base64')).toHaveLength(16);
  expect(headers).toEqual({
    'user-agent': AGENT,
    'x-config': 'config',
    'x-both': 'own',
    'x-own': 'own',
    cookie: 'tt-target-idc=useast1a; ttwid=1%7Cabc; msToken=x=y=',
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits',
  });
  await connection.disconnect();
});

it('the frames: enter room, heartbeats, acks', async () => {
  const connection = connectionWith();
  await connection.connect(ROOM);
  await server.framesSent(1);

  const enter = WebcastPushFrame.decode(sent[0] ?? Buffer.alloc(0));
  const { enterUniqueId } = WebcastImEnterRoomMessage.decode(enter.payload);
  expect(BigInt(enterUniqueId)).toBeGreaterThanOrEqual(1n);
  expect(BigInt(enterUniqueId)).toBeLessThan(2n ** 63n);
  const entry = Buffer.concat([
    field(1, BigInt(ROOM)),
    field(4, 12n),
    field(5, 'audience'),
    field(8, BigInt(enterUniqueId)),
    field(9, '0'),
  ]);
  expect(sent[0]?.toString('hex')).toBe(hex(field(6, 'pb'), field(7, 'im_enter_room'), field(8, entry)));

  for (const sequence of [1n, 2n]) {
    clock.advance(9_999);
    expect(sent).toHaveLength(Number(sequence));
    clock.advance(1);
    await server.framesSent(Number(sequence) + 1);
    const beat = Buffer.concat([field(1, BigInt(ROOM)), field(2, sequence)]);
    expect(sent[Number(sequence)]?.toString('hex')).toBe(hex(field(6, 'pb'), field(7, 'hb'), field(8, beat)));
  }

  const [socket] = server.sockets;
  const batch = { needAck: true, internalExt: 'é|1-2', messages: [] };
  socket?.send(serverFrame(batch, { logId: '7480000000000000123', gzip: true }));
  // Log ids are 64 bits: those beyond 2^63 come as negative numbers and go back as the same ten bytes.
  socket?.send(serverFrame(batch, { logId: '-5' }));
  socket?.send(serverFrame({ ...batch, internalExt: '' }, { logId: '9' }));
  socket?.send(serverFrame({ ...batch, needAck: false }, { logId: '9' }));
  socket?.send(serverFrame(batch));
  await server.framesSent(6);
  const ack = (...logId: Buffer[]): string => hex(...logId, field(6, 'pb'), field(7, 'ack'), field(8, 'é|1-2'));
  expect(sent.slice(3).map((bytes) => bytes.toString('hex'))).toEqual([
    ack(field(2, 7480000000000000123n)),
    ack(field(2, 2n ** 64n - 5n)),
    ack(),
  ]);
  await connection.disconnect();
});
