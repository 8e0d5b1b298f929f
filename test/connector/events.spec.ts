import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  codecForMethod,
  ControlEvent,
  TikTokLiveConnection,
  WebcastDeserializeConfig,
  WebcastEvent,
  type UndecodedData,
} from '@livetap/connector';
import { DOCUMENTED_PATHS } from './documented-paths.js';
import { merged, messageFor } from './event-messages.js';
import { fieldsWith, valuesAt } from './path-fields.js';
import { connectFully, heard, Stage, type Fields } from './stage.js';

const STREAMER = 'streamer';
let stage: Stage;
let connection: TikTokLiveConnection;

beforeAll(async () => {
  stage = await Stage.open(STREAMER);
  const { url } = stage.simulator;
  const { buildEulerClient } = await import('@livetap/connector');
  connection = new TikTokLiveConnection(STREAMER, {
    ...stage.options,
    eulerApiInstance: buildEulerClient({ basePath: url }),
  });
  await connectFully(connection);
});

afterEach(async () => {
  connection.removeAllListeners();
  if (connection.isConnected) return;
  stage.freshRoom(STREAMER);
  await connectFully(connection);
});

afterAll(async () => {
  await connection.disconnect();
  await stage.close();
});

/** Messages of an event that together have a value at every documented path: one, or one for each member of a oneof. */
function documented(
  event: string,
): { method: string; fields: Fields; paths: readonly (typeof DOCUMENTED_PATHS)[number][] }[] {
  const { method, fields } = messageFor(WebcastEvent[event as keyof typeof WebcastEvent]);
  const codec = codecForMethod(method);
  if (!codec) throw new Error(`${method} has no type`);
  const memberOf = (path: string): string | undefined =>
    codec.fields.find(({ name, optional, kind }) => optional && kind === 'message' && path.startsWith(`${name}.`))
      ?.name;
  const all = DOCUMENTED_PATHS.filter(([of]) => of === event);
  const members = [...new Set(all.map(([, path]) => memberOf(path)).filter((name) => name !== undefined))];
  return (members.length > 0 ? members : [undefined]).map((member) => {
    const paths = all.filter(([, path]) => [member, undefined].includes(memberOf(path)));
    return {
      method,
      paths,
      fields: merged(
        fieldsWith(
          codec,
          paths.map(([, path]) => path),
        ),
        fields,
      ),
    };
  });
}

const EVENTS = Object.entries(WebcastEvent);

describe('events of the room', () => {
  it('are the documented 67', () => expect(EVENTS).toHaveLength(67));

  it.each(EVENTS)('%s (%s) comes raw, decoded, and by its name, once each', async (name, event) => {
    const expected = messageFor(event);
    const [{ method, fields }] = documented(name) as [ReturnType<typeof documented>[number]];
    const log: string[] = [];
    const payloads: unknown[] = [];
    connection.on(ControlEvent.RAW_DATA, (type, binary) => {
      expect(binary).toBeInstanceOf(Uint8Array);
      log.push(`raw ${type}`);
    });
    connection.on(ControlEvent.DECODED_DATA, (type, decoded, binary) => {
      expect(binary).toBeInstanceOf(Uint8Array);
      expect(decoded.type).toBe(codecForMethod(method)?.typeName);
      log.push(`decoded ${type}`);
    });
    for (const [, each] of EVENTS) connection.on(each, (data: unknown) => (log.push(each), payloads.push(data)));
    const last = expected.events.at(-1) ?? event;
    const received = heard(connection, last);
    await stage.play(STREAMER, method, fields);
    await received;
    expect(log).toEqual([`raw ${method}`, `decoded ${method}`, ...expected.events]);
    const data = payloads[expected.events.indexOf(event)];
    if (event === WebcastEvent.STREAM_END) {
      expect(data).toEqual({ action: 3 });
      await heard(connection, ControlEvent.DISCONNECTED);
    } else expect(data).toMatchObject({ common: { method, roomId: stage.roomOf(STREAMER) } });
  });
});

describe('documented properties', () => {
  const held = new Set<string>();
  afterAll(() => {
    expect(held.size).toBe(DOCUMENTED_PATHS.length);
    console.info(`documented properties that hold: ${held.size} of ${DOCUMENTED_PATHS.length}`);
  });

  it('are 130', () => expect(DOCUMENTED_PATHS).toHaveLength(130));

  it.each([...new Set(DOCUMENTED_PATHS.map(([event]) => event))])('of %s hold', async (event) => {
    const name = WebcastEvent[event as keyof typeof WebcastEvent];
    for (const { method, fields, paths } of documented(event)) {
      const received = heard(connection, name);
      await stage.play(STREAMER, method, fields);
      const [data] = await received;
      for (const [, path, kind] of paths) {
        const values = valuesAt(data, path);
        expect(values, path).toHaveLength(1);
        const [value] = values;
        if (kind === 'string' || kind === 'boolean' || kind === 'object') expect(typeof value, path).toBe(kind);
        else if (kind === 'int64') expect(value, path).toMatch(/^\d{13}$/);
        else expect(typeof value, path).toBe('number');
        // Not the default, so the value came over the wire.
        expect(value, path).toBeTruthy();
        held.add(`${event} ${path}`);
      }
    }
    if (name === WebcastEvent.STREAM_END) await heard(connection, ControlEvent.DISCONNECTED);
  });
});

describe('messages without an event', () => {
  it('are visible when nobody knows their method', async () => {
    const raw: string[] = [];
    connection.on(ControlEvent.RAW_DATA, (method) => raw.push(method));
    const received = heard(connection, ControlEvent.UNDECODED_DATA);
    await stage.play(STREAMER, 'WebcastNeverSeenMessage', Uint8Array.of(8, 1));
    expect(await received).toEqual([
      { method: 'WebcastNeverSeenMessage', payload: Buffer.of(8, 1), reason: 'unknownMethod' },
    ]);
    expect(raw).toEqual(['WebcastNeverSeenMessage']);
  });

  it('are visible when their bytes are damaged, with the bytes in the error unless that is switched off', async () => {
    const bytes = Uint8Array.of(0x0a, 0x7f);
    const seen: [UndecodedData, unknown][] = [];
    let message: UndecodedData | undefined;
    connection.on(ControlEvent.UNDECODED_DATA, (undecoded) => (message = undecoded));
    connection.on(ControlEvent.ERROR, ({ info, exception }) => {
      expect(info).toContain('WebcastChatMessage');
      if (message) seen.push([message, exception]);
    });
    for (const showBase64 of [true, false]) {
      WebcastDeserializeConfig.showBase64OnDecodeError = showBase64;
      const done = heard(connection, WebcastEvent.LIKE);
      await stage.play(STREAMER, 'WebcastChatMessage', bytes);
      await stage.play(STREAMER, 'WebcastLikeMessage');
      await done;
    }
    WebcastDeserializeConfig.showBase64OnDecodeError = true;
    expect(seen).toHaveLength(2);
    for (const [undecoded, exception] of seen) {
      expect(undecoded).toMatchObject({ method: 'WebcastChatMessage', reason: 'undecodable', error: exception });
      expect(exception).toMatchObject({ name: 'SchemaDecodeError', code: 'CONNECTOR_DECODE' });
    }
    expect(seen.map(([{ error }]) => error?.message.includes('Cn8='))).toEqual([true, false]);
  });

  it.each([
    ['skipMessageTypes', ['WebcastChatMessage'], null],
    ['includeMessageTypes', ['WebcastLikeMessage'], ['WebcastLikeMessage']],
  ])('are those that %s leaves out: only raw', async (_, skip, include) => {
    Object.assign(WebcastDeserializeConfig, { skipMessageTypes: skip, includeMessageTypes: include });
    const log: string[] = [];
    for (const event of [ControlEvent.RAW_DATA, ControlEvent.DECODED_DATA] as const)
      connection.on(event, (method: string) => log.push(`${event} ${method}`));
    connection.on(WebcastEvent.CHAT, () => log.push('chat'));
    try {
      const done = heard(connection, WebcastEvent.LIKE);
      await stage.play(STREAMER, 'WebcastChatMessage', { comment: 'hello' });
      await stage.play(STREAMER, 'WebcastLikeMessage');
      await done;
    } finally {
      Object.assign(WebcastDeserializeConfig, { skipMessageTypes: [], includeMessageTypes: null });
    }
    expect(log).toEqual(['rawData WebcastChatMessage', 'rawData WebcastLikeMessage', 'decodedData WebcastLikeMessage']);
  });
});

describe('events of the connection', () => {
  it('come with the documented arguments', async () => {
    const seen: Record<string, unknown[]> = {};
    for (const event of Object.values(ControlEvent))
      connection.on(event, (...args: unknown[]) => (seen[event] ??= args));
    await connection.disconnect();
    stage.freshRoom(STREAMER);
    await connectFully(connection);
    const done = heard(connection, WebcastEvent.CHAT);
    await stage.play(STREAMER, 'WebcastChatMessage', { comment: 'hello' });
    await done;
    await stage.fault({ kind: 'corrupt', mode: 'frame', room: stage.roomOf(STREAMER) });
    const failed = heard(connection, ControlEvent.ERROR);
    await stage.play(STREAMER, 'WebcastChatMessage', { comment: 'lost' });
    await failed;
    expect(seen['connected']).toEqual([
      expect.objectContaining({ roomId: stage.roomOf(STREAMER), roomInfo: expect.anything() as unknown }),
    ]);
    expect(seen['disconnected']).toEqual([
      expect.objectContaining({ code: expect.any(Number) as unknown, reason: expect.any(String) as unknown }),
    ]);
    expect(seen['rawData']).toEqual([expect.any(String) as unknown, expect.any(Uint8Array) as unknown]);
    expect(seen['decodedData']).toEqual([
      expect.any(String) as unknown,
      { type: expect.any(String) as unknown, data: expect.any(Object) as unknown },
      expect.any(Uint8Array) as unknown,
    ]);
    expect(seen['websocketConnected']?.[0]).toHaveProperty('open', true);
    expect(seen['websocketData']?.[0]).toHaveProperty('length');
    expect(seen['enterRoom']?.[0]).toMatchObject({ payloadType: 'im_enter_room_resp' });
    expect(seen['error']).toEqual([{ info: expect.any(String) as unknown, exception: expect.any(Error) as unknown }]);
  });

  it('and of the requests: room info, gifts, and a gift with its entry', async () => {
    const info = await connection.fetchRoomInfo();
    expect(info).toHaveProperty('create_time', expect.any(Number));
    expect(info).toHaveProperty('owner.bio_description');
    expect(info).toHaveProperty('stream_url.hls_pull_url');
    const gifts = await connection.fetchAvailableGifts();
    expect(gifts.length).toBeGreaterThan(0);
    for (const gift of gifts)
      expect(gift).toMatchObject({
        id: expect.any(Number) as unknown,
        name: expect.any(String) as unknown,
        diamond_count: expect.any(Number) as unknown,
      });
    connection.options.enableExtendedGiftInfo = true;
    const received = heard(connection, WebcastEvent.GIFT);
    await stage.play(STREAMER, 'WebcastGiftMessage', { giftId: 5655 });
    const [gift] = (await received) as [{ extendedGiftInfo?: unknown }];
    connection.options.enableExtendedGiftInfo = false;
    expect(gift.extendedGiftInfo).toMatchObject({ id: 5655, name: 'Rose', diamond_count: 1 });
  });
});
