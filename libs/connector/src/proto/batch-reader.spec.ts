import { describe, expect, it } from 'vitest';
import { ProtoMessageFetchResult, readBatch, WebcastChatMessage } from './index.js';

const chat = WebcastChatMessage.encode({ comment: 'hello' }).finish();

function batch(): Uint8Array {
  return ProtoMessageFetchResult.encode({
    messages: [
      { method: 'WebcastChatMessage', payload: chat, msgId: '7312345678901234567', isHistory: true },
      { method: 'WebcastSomethingNew', payload: Uint8Array.of(1, 2) },
    ],
    cursor: 'c1',
    fetchInterval: '1000',
    now: '1720000000123',
    internalExt: 'ext',
    routeParams: { imprp: 'x', version: '2' },
    heartbeatDuration: 10_000,
    needAck: true,
    pushServer: 'wss://example.test/im',
  }).finish();
}

describe('readBatch', () => {
  it('says what the full decoder says', () => {
    const full = ProtoMessageFetchResult.decode(batch());
    const read = readBatch(batch());
    expect(read).toMatchObject({
      cursor: full.cursor,
      now: full.now,
      internalExt: full.internalExt,
      needAck: full.needAck,
      heartbeatDuration: full.heartbeatDuration,
      pushServer: full.pushServer,
      routeParams: full.routeParams,
      dropped: 0,
    });
    expect(read.messages).toEqual(
      full.messages.map(({ method, msgId, payload, isHistory }) => ({ method, msgId, payload, isHistory })),
    );
  });

  it('has defaults for everything that is absent', () => {
    expect(readBatch(new Uint8Array(0))).toEqual({
      messages: [],
      cursor: '',
      now: '0',
      internalExt: '',
      needAck: false,
      heartbeatDuration: 0,
      pushServer: '',
      routeParams: {},
      dropped: 0,
    });
    const [entry] = readBatch(ProtoMessageFetchResult.encode({ messages: [{}] }).finish()).messages;
    expect(entry).toMatchObject({ method: '', msgId: '0', isHistory: false });
    expect(entry?.payload).toHaveLength(0);
  });

  it('does not copy payloads', () => {
    const bytes = batch();
    const [entry] = readBatch(bytes).messages;
    expect(entry?.payload.buffer).toBe(bytes.buffer);
    expect(WebcastChatMessage.decode(entry?.payload ?? new Uint8Array(0)).comment).toBe('hello');
  });

  it('leaves out an entry that cannot be read, and counts it', () => {
    const broken = [0x0a, 3, 0x0a, 9, 65];
    const read = readBatch(Uint8Array.from([...broken, ...batch()]));
    expect(read.messages).toHaveLength(2);
    expect(read.dropped).toBe(1);
  });

  it('throws RangeError when the batch is cut short, wherever that is', () => {
    const bytes = batch();
    let refused = 0;
    for (let length = 0; length < bytes.length; length++) {
      try {
        readBatch(bytes.subarray(0, length));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        refused += 1;
      }
    }
    // Only a cut between two of the eleven fields, or before the first, cannot be told from a shorter batch.
    expect(refused).toBe(bytes.length - 11);
  });
});
