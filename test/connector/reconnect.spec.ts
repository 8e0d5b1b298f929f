import { buildEulerClient, ControlEvent, TikTokLiveConnection, type GapEvent } from '@livetap/connector';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { faultSchema, startSimulator, type FaultOrder, type Simulator } from '../../apps/simulator/src/index.js';

let simulator: Simulator;
let connection: TikTokLiveConnection;
let roomId: string;
/** The method of every message that was handed out. */
let received: string[];
let gaps: GapEvent[];
let reasons: string[];
let reconnected: number;
let closed: string[];

beforeEach(async () => {
  simulator = await startSimulator({ world: { streamers: 1, rate: 200, liveAtStart: 1, schedule: false } });
  ({ roomId } = simulator.world.get('sim_0001'));
  connection = new TikTokLiveConnection('sim_0001', {
    endpoints: { webUrl: simulator.url, webcastUrl: simulator.url, socketUrl: simulator.wsUrl },
    eulerApiInstance: buildEulerClient({ basePath: simulator.url, apiKey: 'key' }),
    reconnect: { baseDelayMs: 20, maxDelayMs: 100, stableAfterMs: 50 },
    // Longer than a busy machine lets a live socket wait: only a silent one is taken for stalled.
    stallTimeoutMs: 1_000,
  });
  received = [];
  gaps = [];
  reasons = [];
  closed = [];
  reconnected = 0;
  connection.on(ControlEvent.RAW_DATA, (method) => received.push(method));
  connection.on(ControlEvent.GAP, (gap) => gaps.push(gap));
  connection.on(ControlEvent.RECONNECTING, ({ attempt, reason }) => {
    if (attempt === 1) reasons.push(reason);
  });
  connection.on(ControlEvent.RECONNECTED, () => (reconnected += 1));
  connection.on(ControlEvent.DISCONNECTED, ({ kind }) => closed.push(kind));
  connection.on(ControlEvent.ERROR, () => undefined);
  await connection.connect();
});
afterEach(async () => {
  await connection.disconnect();
  await simulator.close();
});

const order = (fault: FaultOrder): void => void simulator.fault(faultSchema.parse(fault));
const until = (what: () => boolean): Promise<void> => vi.waitFor(() => expect(what()).toBe(true), { timeout: 20_000 });

describe('reconnecting against the simulator', () => {
  it('after cuts: every message of the room exactly once, a gap for each loss', async () => {
    const LOSSES = 10;
    for (let loss = 1; loss <= LOSSES; loss += 1) {
      const before = received.length;
      await until(() => received.length > before + 20);
      order({ kind: 'cut', room: roomId, when: 'acked' });
      await until(() => reconnected === loss);
    }
    await until(() => gaps.length === LOSSES);
    simulator.world.quiesce();
    // The ledger counts messages by their ids; what came twice would be more here, what is missing less.
    await until(
      () => received.length >= simulator.ledger.messages && simulator.ledger.acked === simulator.ledger.messages,
    );
    expect(received.length).toBe(simulator.ledger.messages);
    expect(reasons).toEqual(Array.from({ length: LOSSES }, () => 'network'));
    // Nothing was in flight, and the room's history reached back to the last message before each cut.
    expect(gaps.map(({ bridged }) => bridged)).toEqual(reasons.map(() => true));
    for (const { from, to, lastIdBefore, firstIdAfter } of gaps) {
      expect(to).toBeGreaterThanOrEqual(from);
      expect(BigInt(firstIdAfter)).toBeGreaterThan(BigInt(lastIdBefore ?? 0));
    }
    expect(closed).toEqual([]);
    console.log(`reconnect: ${LOSSES} cuts, ${received.length} messages of ${simulator.ledger.messages}, each once`);
  });

  it('after a close, a silent socket, a half-open one, refusals and a sign server that is down', async () => {
    const faults: [FaultOrder[], string][] = [
      [[{ kind: 'close', room: roomId, code: 1012, reason: 'restart' }], 'goingAway'],
      [[{ kind: 'stall', room: roomId, forMs: 1_500 }], 'stalled'],
      [[{ kind: 'halfOpen', room: roomId, forMs: 1_500 }], 'stalled'],
      [
        [
          { kind: 'refuse', room: roomId, status: 503, handshakeMsg: 'busy', times: 2 },
          { kind: 'cut', room: roomId },
        ],
        'network',
      ],
      [
        [
          { kind: 'http', path: '/webcast/fetch', status: 503, times: 1 },
          { kind: 'cut', room: roomId },
        ],
        'network',
      ],
    ];
    for (const [index, [list]] of faults.entries()) {
      const before = received.length;
      await until(() => received.length > before);
      list.forEach(order);
      await until(() => reconnected > index);
    }
    expect(reasons.slice(0, faults.length)).toEqual(faults.map(([, reason]) => reason));
    await until(() => gaps.length >= faults.length);
    expect(closed).toEqual([]);
  });

  it('ends with the live', async () => {
    await until(() => received.length > 0);
    simulator.world.end('sim_0001');
    await until(() => closed.length === 1);
    expect([closed, reconnected, reasons]).toEqual([['streamEnded'], 0, []]);
  });

  it('ends when the live ended while the connection was lost', async () => {
    await until(() => received.length > 0);
    order({ kind: 'http', path: '/webcast/fetch', status: 503, times: 3 });
    order({ kind: 'cut', room: roomId });
    await until(() => reasons.length === 1);
    simulator.world.end('sim_0001');
    await until(() => closed.length === 1);
    expect([closed, reconnected]).toEqual([['streamEnded'], 0]);
  });
});
