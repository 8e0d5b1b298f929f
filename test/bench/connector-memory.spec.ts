import { describe, expect, it } from 'vitest';
import * as proto from '../../libs/connector/src/proto/index.js';
import { benchConnectorMemory } from './connector-memory.mjs';

describe('the memory benchmark', () => {
  it('opens the same connections with both libraries and says what one costs', async () => {
    const { rows, ratio, connections, rounds } = await benchConnectorMemory({ proto, connections: 20, rounds: 1 });
    expect([connections, rounds]).toEqual([20, 1]);
    expect(rows.map(({ name }) => name)).toEqual(['livetap', 'tiktok-live-connector 2.4.0']);
    // A connection is a socket, a client with its parameters and a jar: some KiB at least.
    for (const { heapBytes } of rows) expect(heapBytes).toBeGreaterThan(4_096);
    expect(ratio).toBeGreaterThan(0);
  });
});
