import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../../apps/simulator/src/index.js';
import { eventually } from './dial.js';

const SOCKETS = 6000;
/** What the test and the runtime need besides the sockets. */
const SPARE_FILES = 200;

let simulator: Simulator | undefined;
let clients: ChildProcess | undefined;
afterEach(async () => {
  clients?.kill('SIGKILL');
  await simulator?.close();
});

/** Open files that a process may have; each process of the test needs one for each socket. */
const openFilesLimit = (): number => {
  try {
    const text = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return text === undefined || text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text);
  } catch {
    // Not Linux: nobody says how many; the attempt will tell.
    return Number.POSITIVE_INFINITY;
  }
};

const limit = openFilesLimit();
const enough = limit >= SOCKETS + SPARE_FILES;

describe('capacity', () => {
  it.skipIf(!enough)(
    `holds ${SOCKETS} sockets in one process and serves them all${enough ? '' : ` (skipped: only ${limit} open files allowed)`}`,
    async () => {
      simulator = await startSimulator({
        // On a busy machine the test may take longer than a silent client is kept.
        idleTimeoutMs: 3_600_000,
        world: { seed: 'capacity', streamers: SOCKETS, rate: 300, skew: 0, liveAtStart: 1, schedule: false },
      });
      const { url, wsUrl, world } = simulator;
      const child = fork(fileURLToPath(new URL('./many-clients.mjs', import.meta.url)), { execArgv: [] });
      clients = child;
      let received = { messages: 0, open: 0, closed: 0, roomsHeard: 0 };
      child.on('message', (report: typeof received) => {
        received = report;
      });
      child.send({ url, wsUrl, rooms: world.list().map((streamer) => streamer.roomId) });

      await eventually(() => received.open === SOCKETS);
      const { sockets } = simulator.stats();
      expect(sockets).toMatchObject({ open: SOCKETS, opened: SOCKETS, closed: 0, refused: 0 });
      await eventually(() => simulator?.stats().sockets.enters === SOCKETS);
      expect(world.allRooms().filter((room) => room.watchers.size === 1)).toHaveLength(SOCKETS);

      // Every room gets something, nothing of it is lost on the way, nobody is sent away.
      for (const room of world.allRooms())
        simulator.send(room.roomId, { method: 'WebcastChatMessage', fields: { comment: 'hello' } });
      await eventually(() => received.roomsHeard === SOCKETS);
      world.quiesce();
      await eventually(() => received.messages === simulator?.ledger.sent);
      await eventually(() => simulator?.ledger.acked === simulator?.ledger.messages);
      expect(simulator.stats().sockets).toMatchObject({ open: SOCKETS, closed: 0, idle: 0 });
      expect(simulator.ledger.summary().rooms).toHaveLength(SOCKETS);
      console.log(
        `simulator: ${SOCKETS} sockets, ${simulator.ledger.sent} messages, all acknowledged, ${Math.round(simulator.stats().memoryBytes / 2 ** 20)} MiB resident with the test's own`,
      );
    },
  );
});
