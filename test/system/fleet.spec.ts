import { describe, expect, inject, it } from 'vitest';
import { reportOf } from '../fleet/fleet-ledger.js';
import { type Replica, TestFleet } from '../fleet/fleet.js';
import { AdmittedLedger } from './admitted-ledger.js';
import { allSessions, expectGaps, expectHistory } from './history-check.js';
import { consumeAll, isOwn } from './ledger-check.js';
import { eventually, Program } from './processes.js';

const brokers = inject('kafkaBrokers');
const ROOMS = 30;

describe.skipIf(brokers.length === 0)('three replicas', () => {
  it(`share ${ROOMS} rooms; a stop hands them over with nothing missing, a crash is followed within 20 s, a drained journal completes the ledger, two owners at once count nothing twice: history is what was admitted`, async () => {
    const lines: string[] = [];
    const fleet = await TestFleet.start({
      brokers,
      replicas: 3,
      rooms: ROOMS,
      rate: 150,
      say: (line) => lines.push(line),
    });
    try {
      const [, second, third] = fleet.replicas;
      const stopping = second!.watcher.stop('SIGTERM');
      const term = await fleet.ownedElsewhere(second!);
      expect(await stopping).toBe(0);
      fleet.replicas.splice(1, 1);
      await fleet.settled();
      expect(await fleet.spread()).toEqual([ROOMS / 2, ROOMS / 2]);
      const planned = await reportOf(brokers, fleet.prefix, fleet.simulator);
      expect(planned.overlaps.longestMs).toBeLessThanOrEqual(5_000);
      expect(planned.gaps, aboutLeases(fleet, second!)).toEqual({});

      const running = await drain(third!.settings);
      expect(running).toMatchObject({ code: 69 });
      void third!.watcher.program.stop('SIGKILL');
      const kill = await fleet.ownedElsewhere(third!);
      fleet.replicas.splice(1, 1);
      await fleet.settled();
      const drained = await drain(third!.settings);
      expect(drained).toMatchObject({ code: 0, result: { replicaId: third!.id, pending: 0 } });
      expect(await drain(third!.settings)).toMatchObject({ code: 0, result: { published: 0, pending: 0 } });

      // It comes back and takes its share. Then, cut off from the database, it goes on while the other has its rooms as well.
      fleet.replicas.push(third!);
      await fleet.restart(third!);
      await fleet.settled();
      third!.proxy.fault = { kind: 'blackHole' };
      await fleet.ownedElsewhere(third!);
      await eventually('both have their sockets', async () =>
        (await fleet.simulator.streamers()).filter(({ sockets }) => sockets > 1).length >= ROOMS / 2 - 1
          ? true
          : undefined,
      );
      const sent = (await fleet.simulator.sent()).length;
      await eventually('much is sent to both', async () =>
        (await fleet.simulator.sent()).length > sent + 500 ? true : undefined,
      );
      third!.proxy.fault = { kind: 'none' };
      await fleet.settled();
      await fleet.published();
      const history = await compareHistory(fleet);
      await fleet.quiesce();

      const report = await reportOf(brokers, fleet.prefix, fleet.simulator);
      expect(report).toMatchObject({ lostInSilence: 0, surplus: 0, faults: [] });
      // Taken back from a replica that had not stored a checkpoint of its own yet: for its taker that is a restart.
      expect(report.gaps['failover']).toBeGreaterThan(0);
      expect(['failover', 'restart']).toEqual(expect.arrayContaining(Object.keys(report.gaps)));
      expect(report.repeats).toBeGreaterThan(300);
      console.log(
        [
          `${lines[0] ?? ''}; SIGTERM: owned elsewhere after ${Math.round(term)} ms, no gap;`,
          `SIGKILL: after ${Math.round(kill)} ms, ${report.gaps['failover'] ?? 0} gaps;`,
          `${report.sent} sent, ${report.records} records, ${report.missing} missing (all inside gaps), ${report.repeats} repeats;`,
          `two sockets in one room ${report.overlaps.count} times, at most ${report.overlaps.longestMs} ms;`,
          `history equals the ledger: ${history.sessions} sessions, ${history.battles} battles, ${history.gaps} gaps`,
        ].join(' '),
      );
    } finally {
      await fleet.end();
    }
  }, 600_000);
});

/** What each replica said of its leases, a line each, for a failure that has to be understood from its report. */
function aboutLeases(fleet: TestFleet, stopped: Replica): string {
  const said = [stopped, ...fleet.replicas].flatMap(({ name, watcher }) =>
    watcher.program.output
      .split('\n')
      .filter((line) => /"event":"(leases|rooms|service|drain)\./.test(line))
      .map((line) => `${name} ${line.replace('{"level":', '')}`),
  );
  return said.slice(-12).join('\n');
}

/** All figures of history are what the messages add up to that are in the topics, each counted once. */
async function compareHistory(
  fleet: TestFleet,
): Promise<{ readonly sessions: number; readonly battles: number; readonly gaps: number }> {
  const events = await consumeAll(brokers, fleet.prefix);
  const admitted = new Set(
    events.filter((event) => !isOwn(event)).map(({ source, id }) => `${source.replace('/tiktok/rooms/', '')} ${id}`),
  );
  const { watcher } = fleet.replicas[0]!;
  await eventually(
    'everything is folded',
    async () => {
      const sessions = await allSessions(watcher);
      return sessions.reduce((sum, session) => sum + session.events, 0) >= admitted.size ? true : undefined;
    },
    120_000,
  );
  const ledger = new AdmittedLedger(await fleet.simulator.sent(), (room, msgId) => admitted.has(`${room} ${msgId}`));
  const history = await expectHistory(watcher, ledger, { overlaps: true });
  return { ...history, gaps: await expectGaps(watcher, () => consumeAll(brokers, fleet.prefix)) };
}

/** `livetap journal drain` on a replica's folder. */
async function drain(settings: Readonly<Record<string, string>>): Promise<{ code: unknown; result: unknown }> {
  const program = Program.start('livetap', 'apps/watcher/bin/livetap.mjs', ['journal', 'drain', '--json'], settings);
  const code = await program.exited();
  const line = program.output.split('\n').find((text) => text.startsWith('{"replicaId"'));
  return { code, result: line === undefined ? program.output : (JSON.parse(line) as unknown) };
}
