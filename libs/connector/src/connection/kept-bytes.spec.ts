import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chat, LiveServer, type TestMessage } from '../../test-support/live-server.js';
import { serverFrame, signalled } from '../../test-support/loopback.js';
import { ControlEvent, WebcastEvent } from '../events/webcast-event.js';
import { WebcastMemberMessage } from '../proto/index.js';
import { deserializeWebSocketMessage } from './deserialize-message.js';

let server: LiveServer;
beforeEach(async () => {
  server = await new LiveServer().start();
});
afterEach(() => server.close());

const VIP = Buffer.from('bytes of a field');

const join = (msgId: string): TestMessage => ({
  method: 'WebcastMemberMessage',
  msgId,
  payload: WebcastMemberMessage.encode({ user: { userId: '1', userVipInfo: VIP } }).finish(),
});
const unknown = (text: string): TestMessage => ({
  method: 'WebcastUnknownMessage',
  msgId: '0',
  payload: Buffer.from(`unknown message ${text}`),
});
/** Not protobuf of its kind. */
const broken = (msgId: string): TestMessage => ({
  method: 'WebcastMemberMessage',
  msgId,
  payload: Buffer.from([0x0a, 0x7f, msgId.charCodeAt(0)]),
});
const packed = (...messages: TestMessage[]): Buffer => serverFrame({ messages }, { gzip: true });

describe('bytes that listeners keep', () => {
  it('stay as they are while later frames are unpacked into the same memory', async () => {
    const connection = server.connection();
    const kept: Record<string, Uint8Array[]> = { raw: [], decoded: [], undecoded: [], field: [], batch: [] };
    const end = signalled();
    connection.on(ControlEvent.RAW_DATA, (_method, payload) => void kept['raw']?.push(payload));
    connection.on(
      ControlEvent.DECODED_DATA,
      (_method, _data, payload: Uint8Array) => void kept['decoded']?.push(payload),
    );
    connection.on(ControlEvent.UNDECODED_DATA, ({ payload }) => void kept['undecoded']?.push(payload));
    connection.on(ControlEvent.ERROR, () => undefined);
    connection.on(WebcastEvent.MEMBER, ({ user }) => void kept['field']?.push(user?.userVipInfo ?? Buffer.alloc(0)));
    connection.on(WebcastEvent.CHAT, () => end.done());
    await connection.connect();
    connection.wsClient?.on('protoMessageFetchResult', ({ messages }) => {
      for (const { payload } of messages as readonly TestMessage[]) kept['batch']?.push(payload);
    });
    const sent = ['1', '2', '3', '4'].map((id) => [join(id), unknown(id), broken(id)]);
    for (const messages of sent) server.sockets[0]?.send(packed(...messages));
    server.sockets[0]?.send(packed(chat('the end'), unknown('x'.repeat(2_000))));
    await end.promise;
    const hex = (bytes: readonly Uint8Array[] | undefined): string[] =>
      (bytes ?? []).map((part) => Buffer.from(part).toString('hex'));
    const payloads = (choose: (messages: TestMessage[]) => (TestMessage | undefined)[]): string[] =>
      hex(sent.flatMap((messages) => choose(messages).map((message) => message?.payload ?? VIP)));
    // The last frame may not be told in full yet.
    expect(hex(kept['raw']?.slice(0, 12))).toEqual(payloads((messages) => messages));
    expect(hex(kept['batch']?.slice(0, 12))).toEqual(payloads((messages) => messages));
    expect(hex(kept['decoded']?.slice(0, 4))).toEqual(payloads(([member]) => [member]));
    expect(hex(kept['undecoded']?.slice(0, 8))).toEqual(payloads(([, ...others]) => others));
    expect(hex(kept['field']?.slice(0, 4))).toEqual(sent.map(() => VIP.toString('hex')));
  });

  it('of a frame are not touched by what a listener unpacks meanwhile', async () => {
    const connection = server.connection();
    const heard: string[] = [];
    const inner: Promise<number | undefined>[] = [];
    const end = signalled();
    connection.on(WebcastEvent.CHAT, ({ comment }) => {
      heard.push(comment);
      inner.push(
        deserializeWebSocketMessage(packed(...Array.from({ length: 50 }, (_, at) => unknown(`inner ${at}`)))).then(
          ({ protoMessageFetchResult }) => protoMessageFetchResult?.messages.length,
        ),
      );
      if (comment === 'last') end.done();
    });
    await connection.connect();
    server.sockets[0]?.send(packed(chat('first', '1'), chat('second', '2'), chat('third', '3')));
    server.sockets[0]?.send(packed(chat('last', '4')));
    await end.promise;
    expect(heard).toEqual(['first', 'second', 'third', 'last']);
    expect(await Promise.all(inner)).toEqual([50, 50, 50, 50]);
  });
});
