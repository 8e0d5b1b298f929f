import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../apps/simulator/src/index.js';

const CHILD = fileURLToPath(new URL('./leaks-child.mjs', import.meta.url));

interface Measurement {
  readonly heapUsed: number;
  /** Bytes outside of the heap: buffers and what native code holds. */
  readonly outside: number;
  readonly resources: Readonly<Record<string, number>>;
  readonly listeners: number;
  readonly socketListeners: number;
  readonly processListeners: number;
  readonly seen: Readonly<Record<'chats' | 'decoded' | 'raw' | 'errors' | 'disconnected', number>>;
}

/** The library in a process of its own. */
class User {
  private constructor(private readonly child: ChildProcess) {}

  static async start(simulator: Simulator, uniqueId: string): Promise<User> {
    const child = fork(CHILD, [simulator.url, simulator.wsUrl, uniqueId], {
      execArgv: ['--expose-gc'],
      env: { ...process.env, SIGN_API_URL: simulator.url },
    });
    const user = new User(child);
    await user.answer();
    return user;
  }

  async order(order: string, argument?: number): Promise<Measurement> {
    const answer = this.answer();
    this.child.send({ order, argument });
    return await answer;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill();
    await gone;
  }

  private answer(): Promise<Measurement> {
    return new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error('the process of the library ended'));
      this.child.once('exit', onExit);
      this.child.once('message', (message: { result?: Measurement; error?: string }) => {
        this.child.off('exit', onExit);
        if (message.result) resolve(message.result);
        else reject(new Error(message.error));
      });
    });
  }
}

/** Growth per step by the least squares: one sample that a collection left out decides nothing. */
function slope(values: readonly number[]): number {
  const meanX = (values.length - 1) / 2;
  const meanY = values.reduce((sum, value) => sum + value, 0) / values.length;
  let above = 0;
  let below = 0;
  values.forEach((value, x) => {
    above += (x - meanX) * (value - meanY);
    below += (x - meanX) ** 2;
  });
  return above / below;
}

const kib = (bytes: number): string => (bytes / 1024).toFixed(1);

function print(title: string, unit: string, step: number, samples: readonly Measurement[]): void {
  console.log(title);
  samples.forEach(({ heapUsed, outside, resources, listeners, socketListeners }, index) =>
    console.log(
      `  ${String((index + 1) * step).padStart(6)} ${unit}: heap ${kib(heapUsed)} KiB, outside ${kib(outside)} KiB, ` +
        `listeners ${listeners} + ${socketListeners}, handles ${JSON.stringify(resources)}`,
    ),
  );
}

let simulator: Simulator;
let user: User;
beforeEach(async () => {
  simulator = await startSimulator({ world: { streamers: 1, rate: 0, liveAtStart: 1, schedule: false } });
  user = await User.start(simulator, 'sim_0001');
});
afterEach(async () => {
  await user.stop();
  await simulator.close();
});

describe('one connection object', () => {
  it('1,000 connects and disconnects leave heap, handles and listeners flat', async () => {
    const STEP = 50;
    const WARM_UP = 500;
    // The runtime compiles what is called often and fills its caches, for some hundred calls: that is no leak.
    await user.order('cycle', WARM_UP);
    const samples: Measurement[] = [];
    for (let i = 0; i < 1_000 / STEP; i += 1) samples.push(await user.order('cycle', STEP));
    print('1,000 connects and disconnects', 'cycles', STEP, samples);
    const heap = slope(samples.map(({ heapUsed }) => heapUsed)) / STEP;
    const outside = slope(samples.map((sample) => sample.outside)) / STEP;
    console.log(`  growth per cycle: heap ${heap.toFixed(0)} bytes, outside ${outside.toFixed(0)} bytes`);
    // A socket that stays costs 50 KiB and more, a listener or timer with what it holds some KiB.
    expect(heap).toBeLessThan(1_024);
    expect(outside).toBeLessThan(1_024);
    const last = samples.at(-1);
    expect(last?.seen).toMatchObject({ disconnected: WARM_UP + 1_000, errors: 0 });
    expect(new Set(samples.map(({ listeners }) => listeners)).size).toBe(1);
    expect(new Set(samples.map(({ processListeners }) => processListeners)).size).toBe(1);
    for (const { resources, socketListeners } of samples) {
      expect(socketListeners).toBe(0);
      // The channel to this test, and nothing that waits: no timer, no socket of a room, a few kept HTTP connections.
      expect(resources['Timeout'] ?? 0).toBe(0);
      expect(resources['TCPSocketWrap'] ?? 0).toBeLessThanOrEqual(4);
    }
    expect(simulator.stats().sockets).toMatchObject({ opened: WARM_UP + 1_000, open: 0 });
  });

  it('10,000 frames on one connection leave heap, handles and listeners flat', async () => {
    const STEP = 500;
    const { roomId } = simulator.world.get('sim_0001');
    const samples: Measurement[] = [];
    const first = await user.order('connect');
    for (let sent = STEP; sent <= 10_000; sent += STEP) {
      for (let i = 0; i < STEP; i += 1)
        simulator.send(roomId, { method: 'WebcastChatMessage', fields: { comment: `frame ${sent + i}` } });
      samples.push(await user.order('chats', sent));
    }
    print('10,000 frames on one connection', 'frames', STEP, samples);
    const steady = samples.slice(samples.length / 4);
    const heap = slope(steady.map(({ heapUsed }) => heapUsed)) / STEP;
    const outside = slope(steady.map((sample) => sample.outside)) / STEP;
    console.log(`  growth per frame: heap ${heap.toFixed(1)} bytes, outside ${outside.toFixed(1)} bytes`);
    // A message that stays costs more than a hundred bytes.
    expect(heap).toBeLessThan(64);
    expect(outside).toBeLessThan(64);
    expect(samples.at(-1)?.seen).toMatchObject({ chats: 10_000, raw: 10_000, decoded: 10_000, errors: 0 });
    for (const sample of samples) {
      expect(sample.listeners).toBe(first.listeners);
      expect(sample.socketListeners).toBe(first.socketListeners);
      expect(sample.processListeners).toBe(first.processListeners);
    }
    // The heartbeat, the stall watch, and the time after which the connection counts as stable.
    expect(samples.at(-1)?.resources['Timeout'] ?? 0).toBeLessThanOrEqual(3);
    const after = await user.order('disconnect');
    expect(after.resources['Timeout'] ?? 0).toBe(0);
    expect(after.socketListeners).toBe(0);
  });
});
