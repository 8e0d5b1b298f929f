import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readServerSentEvents, type ServerSentBlock } from './sse-reader.js';

async function read(...parts: readonly Uint8Array[]): Promise<ServerSentBlock[]> {
  const blocks: ServerSentBlock[] = [];
  for await (const block of readServerSentEvents(ReadableStream.from(parts))) blocks.push(block);
  return blocks;
}

const TEXT =
  'retry: 2000\n: connected\n\nevent: livetap.chat.v1\nid: a1\ndata: {"text":"Grüße 🎁"}\n\n: heartbeat\nid: a2\n\r\ndata: one\rdata: two\r\n\r\n: end, slow\n\nid: never finished\n';
const BLOCKS: readonly ServerSentBlock[] = [
  { comment: 'connected' },
  { event: 'livetap.chat.v1', id: 'a1', data: '{"text":"Grüße 🎁"}' },
  { comment: 'heartbeat', id: 'a2' },
  { data: 'one\ntwo' },
  { comment: 'end, slow' },
];

describe('a stream of server-sent events', () => {
  it('is read block by block, ids without data as well', async () => {
    expect(await read(Buffer.from(TEXT))).toEqual(BLOCKS);
  });

  it('however it is cut on the way', async () => {
    const bytes = Buffer.from(TEXT);
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const edges = [0, ...[...places].sort((a, b) => a - b), bytes.length];
        const parts = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
        expect(await read(...parts)).toEqual(BLOCKS);
      }),
    );
  });
});
