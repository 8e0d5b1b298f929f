import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  codecForMethod,
  type CommonMessageData,
  readBatch,
  readMessageHeader,
  WebcastPushFrame,
  type DecodeReport,
} from '../../libs/connector/src/proto/index.js';
import { GzipUnpacker } from '../../libs/connector/src/socket/gzip-unpacker.js';
import { DECIDED_OTHERWISE } from './decided-otherwise.js';
import { ReferenceComparison } from './reference-comparison.js';

interface Recorded {
  readonly method: string;
  readonly msgId: string;
  readonly payload: string;
}
interface Expected {
  readonly decoded: Record<string, unknown> | null;
  readonly common?: Record<string, unknown>;
}
interface Frame {
  readonly messages: readonly number[];
  readonly frame: string;
}

const folder = process.env['LIVETAP_RECORDINGS_DIR'];
if (folder === undefined) console.log('recorded messages: skipped: LIVETAP_RECORDINGS_DIR is not set');

describe.skipIf(folder === undefined)('recorded messages', () => {
  const lines = <T>(text: string): T[] =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as T);
  const bytesOf = (name: string): Buffer => readFileSync(join(folder ?? '', name));
  let recorded: Recorded[] = [];
  let expected: Expected[] = [];

  beforeAll(() => {
    recorded = lines(bytesOf('webcast-messages.jsonl').toString());
    expected = lines(gunzipSync(bytesOf('expected.jsonl.gz')).toString());
  });

  it('decode to the values of the reference, field by field', () => {
    const comparison = new ReferenceComparison();
    const report: DecodeReport = { dropped: 0 };
    recorded.forEach((message, index) => {
      const reference = expected[index]?.decoded;
      if (reference === null || reference === undefined) return;
      const codec = codecForMethod(message.method);
      if (codec === undefined) throw new Error(`no type for ${message.method}, which the reference decodes`);
      const ours = codec.decode(Buffer.from(message.payload, 'base64'), report) as Record<string, unknown>;
      comparison.compare(codec.typeName, ours, reference);
    });

    const differences = comparison.differences();
    console.log(
      `decode: ${comparison.messages} of ${recorded.length} messages have a type in the reference; ` +
        `${comparison.fields} values compared, ${differences.length} fields decided otherwise`,
    );
    for (const { field, count, example } of differences) {
      console.log(`  ${field} (${count} times): ${DECIDED_OTHERWISE[field] ?? `NOT DECIDED, ${example}`}`);
    }
    expect(comparison.messages).toBe(expected.filter(({ decoded }) => decoded !== null).length);
    expect(differences.map(({ field }) => field)).toEqual(Object.keys(DECIDED_OTHERWISE).sort());
    expect(report.dropped).toBe(0);
  });

  it('without a type in the reference have a readable header with the recorded values', () => {
    let headers = 0;
    recorded.forEach((message, index) => {
      const common = expected[index]?.common;
      if (common === undefined) return;
      headers += 1;
      const header = readMessageHeader(Buffer.from(message.payload, 'base64'), message.method);
      expect(header).toBeDefined();
      expect(header).toMatchObject({
        method: common['method'],
        msgId: common['msgId'],
        roomId: common['roomId'],
        createTime: common['createTime'],
      });
    });
    console.log(`decode: ${headers} messages without a type in the reference, header compared`);
    expect(headers).toBe(expected.filter(({ decoded }) => decoded === null).length);
  });

  it('of every method say the same in the cheap header and in the decoded one', () => {
    for (const message of recorded) {
      const payload = Buffer.from(message.payload, 'base64');
      const codec = codecForMethod(message.method);
      if (codec === undefined) continue;
      const { common } = codec.decode(payload) as { common: CommonMessageData | undefined };
      expect(common).toBeDefined();
      expect(readMessageHeader(payload, message.method)).toEqual({
        method: common?.method,
        msgId: common?.msgId,
        roomId: common?.roomId,
        createTime: common?.createTime,
        displayKey: common?.displayText?.displayType ?? '',
      });
    }
  });

  it('come out of their frames as they were put in', () => {
    const frames = lines<Frame>(bytesOf('frames.jsonl').toString());
    const unpacker = new GzipUnpacker();
    const NONE = Buffer.alloc(0);
    let messages = 0;
    for (const { frame, messages: indexes } of frames) {
      const push = WebcastPushFrame.decode(Buffer.from(frame, 'base64'));
      const plain = gunzipSync(push.payload);
      // Each goes the fast way, with the result of zlib.
      expect(Buffer.compare(unpacker.unpack(push.payload, plain.length) ?? NONE, plain)).toBe(0);
      const batch = readBatch(plain);
      expect(batch.messages.map(({ method, msgId, payload }) => ({ method, msgId, payload: base64(payload) }))).toEqual(
        indexes.map((index) => {
          const { method, msgId, payload } = recorded[index]!;
          return { method, msgId, payload };
        }),
      );
      messages += batch.messages.length;
    }
    console.log(`decode: ${messages} messages in ${frames.length} frames`);
    expect(messages).toBe(recorded.length);
  });

  it('survive encoding: what was decoded encodes to bytes that decode to the same', () => {
    for (const message of recorded) {
      const codec = codecForMethod(message.method);
      if (codec === undefined) continue;
      const decoded = codec.decode(Buffer.from(message.payload, 'base64'));
      expect(codec.decode(codec.encode(decoded as object).finish())).toEqual(decoded);
    }
  });
});

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
