import { describe, expect, it } from 'vitest';
import * as proto from '../../libs/connector/src/proto/index.js';
import { benchConnectorBurst } from './connector-burst.mjs';
import { benchPacedLoad } from './paced-load.mjs';

describe('the benchmark of a burst', () => {
  it('sends the same frames to both libraries, and says what stays', async () => {
    const { rows, ratios, messages } = await benchConnectorBurst({
      proto,
      connections: 10,
      framesPerRoom: 2,
      rounds: 1,
    });
    expect(rows.map(({ name }) => name)).toEqual(['livetap', 'tiktok-live-connector 2.4.0']);
    expect(messages).toBeGreaterThanOrEqual(10 * 2 * 4);
    for (const { bytes } of rows) expect(bytes.peak).toBeGreaterThan(0);
    expect(ratios.peak).toBeGreaterThan(0);
  });
});

describe('the benchmark of a paced load', () => {
  it('counts the events of every message, and the processor time of each way', async () => {
    const options = { proto, connections: 4, perSecond: 400, seconds: 0.5, rounds: 1 };
    const { rows, ratios, messages } = await benchPacedLoad(options);
    expect(rows.map(({ name }) => name)).toEqual([
      'livetap, every event',
      'livetap, chat and gifts',
      'tiktok-live-connector 2.4.0, every event',
    ]);
    expect(messages).toBeGreaterThan(0);
    for (const { microsPerMessage, share } of rows) {
      expect(microsPerMessage).toBeGreaterThan(0);
      expect(share).toBeGreaterThan(0);
    }
    expect(ratios.all).toBeGreaterThan(0);
    expect(ratios.few).toBeGreaterThan(0);
  });
});
