import { describe, expect, it } from 'vitest';
import * as proto from '../../libs/connector/src/proto/index.js';
import { benchConnectorMemory } from './connector-memory.mjs';

describe('the memory benchmark', () => {
  it('opens the same connections with both libraries and bare, and says what one costs', async () => {
    const { rows, ratio, connections, rounds } = await benchConnectorMemory({ proto, connections: 20, rounds: 1 });
    expect([connections, rounds]).toEqual([20, 1]);
    expect(rows.map(({ name }) => name)).toEqual([
      'livetap',
      'tiktok-live-connector 2.4.0',
      'ws, and nothing around it',
    ]);
    // A socket is some KiB at least.
    for (const { heapBytes } of rows) expect(heapBytes).toBeGreaterThan(2_048);
    expect(ratio).toBeGreaterThan(0);
  });
});
