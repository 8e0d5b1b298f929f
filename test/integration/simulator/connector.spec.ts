import {
  buildEulerClient,
  checkLive,
  DirectSocketUrlSource,
  EulerSocketUrlSource,
  WebcastHttpClient,
  WebcastSocket,
  type RawBatch,
  type SocketAddress,
} from '@livetap/connector';
import { afterEach, describe, expect, it } from 'vitest';
import { faultSchema, startSimulator, type Simulator } from '../../../apps/simulator/src/index.js';
import { eventually } from './dial.js';

let simulator: Simulator;
afterEach(() => simulator.close());

const endpoints = (): { webUrl: string; webcastUrl: string; socketUrl: string } => ({
  webUrl: simulator.url,
  webcastUrl: simulator.url,
  socketUrl: simulator.wsUrl,
});

const watch = async (
  address: SocketAddress,
): Promise<{ socket: WebcastSocket; ids: string[]; rejected: () => number }> => {
  const ids: string[] = [];
  let rejected = 0;
  const take = (batch: RawBatch): void => void ids.push(...batch.messages.map((message) => message.msgId));
  if (address.initialBatch !== undefined) take(address.initialBatch);
  const socket = await WebcastSocket.open({
    address,
    handlers: {
      onBatch: take,
      onFrameRejected: () => {
        rejected += 1;
      },
      onClosed: () => undefined,
    },
  });
  return { socket, ids, rejected: () => rejected };
};

describe('the connector against the simulator', () => {
  it.each(['direct', 'euler'] as const)('gets every message of the ledger by the %s way', async (way) => {
    simulator = await startSimulator({ world: { streamers: 1, rate: 500, liveAtStart: 1, schedule: false } });
    const { roomId } = simulator.world.get('sim_0001');
    const apiClient = buildEulerClient({ basePath: simulator.url, apiKey: 'key' });
    const webClient = new WebcastHttpClient({ endpoints: endpoints(), apiClient });
    const source =
      way === 'direct'
        ? new DirectSocketUrlSource({ endpoints: endpoints() })
        : new EulerSocketUrlSource({ webClient, apiClient });
    const address = await source.resolve({ roomId });
    expect(address).toMatchObject({ source: way, roomId });
    const { socket, ids, rejected } = await watch(address);
    await eventually(() => ids.length > 200);
    simulator.fault(faultSchema.parse({ kind: 'corrupt', room: roomId }));
    await eventually(() => rejected() === 1);
    simulator.world.quiesce();
    await eventually(
      () => simulator.ledger.acked === simulator.ledger.messages && new Set(ids).size === simulator.ledger.messages,
    );
    await socket.close();
    const entries = [...simulator.ledger.inMemory(roomId)].filter((entry) => !entry.damaged);
    expect(ids).toEqual(entries.map((entry) => entry.msgId));
  });

  it.each(['html', 'apiLive', 'euler'] as const)(
    'tells live, paused, offline and unknown streamers apart (%s)',
    async (source) => {
      simulator = await startSimulator({ world: { streamers: 3, rate: 0, liveAtStart: 1, schedule: false } });
      simulator.world.pause('sim_0002');
      simulator.world.end('sim_0003');
      const client = new WebcastHttpClient({
        endpoints: endpoints(),
        apiClient: buildEulerClient({ basePath: simulator.url }),
      });
      const verdict = async (uniqueId: string): Promise<string> =>
        (await checkLive(client, { uniqueId, sources: [source] })).verdict;
      expect(await verdict('sim_0001')).toBe('live');
      // The sign server says no more than live or not.
      expect(await verdict('sim_0002')).toBe(source === 'euler' ? 'live' : 'paused');
      expect(await verdict('sim_0003')).toBe('offline');
      expect(['notFound', 'unknown']).toContain(await verdict('nobody'));
    },
  );
});
