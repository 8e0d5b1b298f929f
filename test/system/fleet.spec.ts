import { describe, expect, inject, it } from 'vitest';
import { reportOf } from '../fleet/fleet-ledger.js';
import { TestFleet } from '../fleet/fleet.js';
import { Program } from './processes.js';

const brokers = inject('kafkaBrokers');
const ROOMS = 30;

describe.skipIf(brokers.length === 0)('three replicas', () => {
  it(`share ${ROOMS} rooms; a stop hands them over with nothing missing, a crash is followed within 20 s, a drained journal completes the ledger`, async () => {
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
      expect(planned.gaps, `the stopped replica said:\n${second!.watcher.program.output.slice(-6_000)}`).toEqual({});

      const running = await drain(third!.settings);
      expect(running).toMatchObject({ code: 69 });
      void third!.watcher.program.stop('SIGKILL');
      const kill = await fleet.ownedElsewhere(third!);
      fleet.replicas.splice(1, 1);
      await fleet.settled();
      const drained = await drain(third!.settings);
      expect(drained).toMatchObject({ code: 0, result: { replicaId: third!.id, pending: 0 } });
      expect(await drain(third!.settings)).toMatchObject({ code: 0, result: { published: 0, pending: 0 } });
      await fleet.quiesce();

      const report = await reportOf(brokers, fleet.prefix, fleet.simulator);
      expect(report).toMatchObject({ lostInSilence: 0, surplus: 0, faults: [] });
      expect(Object.keys(report.gaps)).toEqual(['failover']);
      expect(report.overlaps.longestMs).toBeLessThanOrEqual(5_000);
      console.log(
        [
          `${lines[0] ?? ''}; SIGTERM: owned elsewhere after ${Math.round(term)} ms, no gap;`,
          `SIGKILL: after ${Math.round(kill)} ms, ${report.gaps['failover'] ?? 0} gaps;`,
          `${report.sent} sent, ${report.records} records, ${report.missing} missing (all inside gaps), ${report.repeats} repeats;`,
          `two sockets in one room ${report.overlaps.count} times, at most ${report.overlaps.longestMs} ms`,
        ].join(' '),
      );
    } finally {
      await fleet.end();
    }
  }, 600_000);
});

/** `livetap journal drain` on a replica's folder. */
async function drain(settings: Readonly<Record<string, string>>): Promise<{ code: unknown; result: unknown }> {
  const program = Program.start('livetap', 'apps/watcher/bin/livetap.mjs', ['journal', 'drain', '--json'], settings);
  const code = await program.exited();
  const line = program.output.split('\n').find((text) => text.startsWith('{"replicaId"'));
  return { code, result: line === undefined ? program.output : (JSON.parse(line) as unknown) };
}
