import { eventually } from '../system/processes.js';
import type { FleetReport } from './fleet-ledger.js';
import { reportOf } from './fleet-ledger.js';
import { type FleetOptions, type Replica, TestFleet } from './fleet.js';

export const SCENARIOS = ['kill', 'term', 'rolling', 'stop', 'postgres', 'cut', 'terminate'] as const;
export type Scenario = (typeof SCENARIOS)[number];

export interface ScenarioOptions extends FleetOptions {
  readonly scenario: Scenario;
  /** Restarts of `rolling`; default 20. */
  readonly restarts?: number;
  /** How long Postgres is away, a replica is cut off or stands still, seconds; default 120, 60 and 30. */
  readonly seconds?: number;
}

export interface ScenarioResult {
  readonly figures: Readonly<Record<string, string | number>>;
  readonly report: FleetReport;
  /** What does not hold; empty when all does. */
  readonly broken: readonly string[];
}

/** Before and after what happens, so that it happens under load, ms. */
const CALM_MS = 5_000;
const KILL_LIMIT_MS = 20_000;
const TERM_LIMIT_MS = 3_000;
const OVERLAP_LIMIT_MS = 5_000;

type Figures = Record<string, string | number>;

/** One scenario on a fleet of its own: real processes, Postgres and Kafka, and the simulator. */
export async function runScenario(options: ScenarioOptions): Promise<ScenarioResult> {
  const sources = options.scenario === 'postgres' || options.scenario === 'terminate' ? 'euler' : 'direct';
  const fleet = await TestFleet.start({ sources, ...options });
  const figures: Figures = {};
  const broken: string[] = [];
  const expect = (holds: boolean, sentence: string): void => void (holds || broken.push(sentence));
  try {
    await fleet.wait(CALM_MS);
    const fencedFrom = await PLAYS[options.scenario](fleet, options, figures, expect);
    await fleet.wait(CALM_MS);
    await fleet.quiesce();
    const report = await reportOf(options.brokers, fleet.prefix, fleet.simulator, fencedFrom ?? Infinity);
    judge(options.scenario, report, expect);
    return { figures, report, broken };
  } catch (error) {
    for (const { name, watcher } of fleet.replicas)
      options.say(`--- end of the output of ${name} ---\n${watcher.program.output.slice(-2_500)}`);
    throw error;
  } finally {
    await fleet.end();
  }
}

type Expect = (holds: boolean, sentence: string) => void;
/** Resolves to the moment, ms since the epoch, when an owner goes on that has lost its rooms without knowing; if there is one. */
type Play = (
  fleet: TestFleet,
  options: ScenarioOptions,
  figures: Figures,
  expect: Expect,
) => Promise<number | undefined | void>;

const PLAYS: Readonly<Record<Scenario, Play>> = {
  kill: async (fleet, _options, figures, expect) => {
    const victim = fleet.replicas[1]!;
    figures['rooms of the killed replica'] = (await fleet.owners()).held.get(victim.id) ?? 0;
    void victim.watcher.program.stop('SIGKILL');
    const ms = await fleet.ownedElsewhere(victim);
    figures['owned elsewhere after, ms'] = Math.round(ms);
    expect(ms <= KILL_LIMIT_MS, `owned elsewhere after ${Math.round(ms)} ms, not within ${KILL_LIMIT_MS}`);
    fleet.replicas.splice(1, 1);
    await fleet.settled();
    figures['spread over the survivors'] = (await fleet.spread()).join(', ');
    // What the killed one had admitted and not sent is in its journal.
    fleet.replicas.push(victim);
    await fleet.restart(victim);
    figures['fair again after the restart, ms'] = Math.round(await fleet.settled());
  },

  term: async (fleet, _options, figures, expect) => {
    const victim = fleet.replicas[1]!;
    figures['rooms of the stopped replica'] = (await fleet.owners()).held.get(victim.id) ?? 0;
    const stopping = stop(victim);
    const ms = await fleet.ownedElsewhere(victim);
    figures['owned elsewhere after, ms'] = Math.round(ms);
    expect(ms <= TERM_LIMIT_MS, `owned elsewhere after ${Math.round(ms)} ms, not within ${TERM_LIMIT_MS}`);
    figures['stopped after, ms'] = await stopping;
    fleet.replicas.splice(1, 1);
    await fleet.settled();
    figures['spread over the others'] = (await fleet.spread()).join(', ');
  },

  rolling: async (fleet, { restarts = 20 }, figures) => {
    const times: number[] = [];
    for (let n = 0; n < restarts; n += 1) {
      const replica = fleet.replicas[n % fleet.replicas.length]!;
      times.push(await stop(replica));
      await fleet.restart(replica);
    }
    times.sort((left, right) => left - right);
    figures['restarts'] = restarts;
    figures['stop, ms (median, longest)'] = `${times[times.length >> 1] ?? 0}, ${times.at(-1) ?? 0}`;
    figures['fair again after the last, ms'] = Math.round(await fleet.settled());
  },

  stop: async (fleet, { seconds = 30 }, figures, expect) => {
    const victim = fleet.replicas[1]!;
    const held = (await fleet.owners()).held.get(victim.id) ?? 0;
    process.kill(victim.watcher.program.pid, 'SIGSTOP');
    await fleet.wait(seconds * 1_000);
    const meanwhile = await fleet.owners();
    expect((meanwhile.held.get(victim.id) ?? 0) === 0, 'its leases were not taken while it stood still');
    const resumedAt = Date.now();
    process.kill(victim.watcher.program.pid, 'SIGCONT');
    await eventually('it has checked its leases', async () =>
      fleet.logged(victim, 'leases.lost').length > 0 ? true : undefined,
    );
    figures['stood still, s'] = seconds;
    figures['leases lost meanwhile'] = held;
    figures['checked before the next append'] = fleet.logged(victim, 'leases.verifying').length > 0 ? 'yes' : 'no';
    expect(fleet.logged(victim, 'leases.verifying').length > 0, 'its leases were not checked after the pause');
    figures['events thrown away, not appended'] = await victim.watcher.metric('livetap_events_dropped_total');
    figures['fair again, ms'] = Math.round(await fleet.settled());
    return resumedAt;
  },

  postgres: async (fleet, { seconds = 120, rooms }, figures, expect) => {
    const before = await traffic(fleet);
    await fleet.stopPostgres();
    let fewest = Infinity;
    const until = performance.now() + seconds * 1_000;
    while (performance.now() < until) {
      fewest = Math.min(fewest, await fleet.live());
      await fleet.wait(1_000);
    }
    await fleet.startPostgres();
    const back = performance.now();
    await eventually('leases are renewed again', async () =>
      (await fleet.owners()).total === rooms ? true : undefined,
    );
    figures['Postgres away, s'] = seconds;
    figures['leases renewed after its return, ms'] = Math.round(performance.now() - back);
    await fleet.wait(20_000);
    fewest = Math.min(fewest, await fleet.live());
    figures['rooms live all the time, at least'] = fewest;
    expect(fewest === rooms, `only ${fewest} rooms were live at some time`);
    await compare(fleet, before, figures, expect);
  },

  cut: async (fleet, { seconds = 60, rooms }, figures, expect) => {
    const victim = fleet.replicas[1]!;
    victim.proxy.fault = { kind: 'blackHole' };
    const taken = await fleet.ownedElsewhere(victim);
    figures['cut off, s'] = seconds;
    figures['its rooms owned elsewhere after, ms'] = Math.round(taken);
    const { rooms: own } = await victim.watcher.json<{ rooms: { live?: number } }>('/v1/status');
    figures['rooms that it goes on with meanwhile'] = own.live ?? 0;
    await fleet.wait(Math.max(0, seconds * 1_000 - taken));
    victim.proxy.fault = { kind: 'none' };
    const back = performance.now();
    await eventually('it gave its rooms up', async () =>
      fleet.logged(victim, 'leases.lost').length > 0 ? true : undefined,
    );
    figures['rooms given up after the return, ms'] = Math.round(performance.now() - back);
    figures['fair again, ms'] = Math.round(await fleet.settled());
    expect((await fleet.live()) === rooms, 'not every room is live');
  },

  terminate: async (fleet, { rooms }, figures, expect) => {
    const before = await traffic(fleet);
    let ended = 0;
    for (let n = 0; n < 5; n += 1) {
      ended += await fleet.terminateBackends();
      await fleet.wait(3_000);
    }
    figures['connections ended'] = ended;
    await fleet.settled();
    const live = await fleet.live();
    figures['rooms live'] = live;
    expect(live === rooms, `only ${live} rooms are live`);
    await compare(fleet, before, figures, expect);
  },
};

/** Stops a replica in order. Returns how long that took, ms. */
async function stop({ watcher, name }: Replica): Promise<number> {
  const from = performance.now();
  const code = await watcher.stop('SIGTERM');
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${watcher.program.output.slice(-3_000)}`);
  return Math.round(performance.now() - from);
}

interface Traffic {
  readonly signatures: number;
  readonly sockets: number;
}

/** Signatures spent and sockets opened so far. */
async function traffic(fleet: TestFleet): Promise<Traffic> {
  const stats = await fleet.simulator.get<{ requests: Record<string, number>; sockets: { opened: number } }>(
    '/_sim/stats',
  );
  const signatures = Object.entries(stats.requests)
    .filter(([path]) => path.includes('/webcast/fetch'))
    .reduce((sum, [, count]) => sum + count, 0);
  return { signatures, sockets: stats.sockets.opened };
}

async function compare(fleet: TestFleet, before: Traffic, figures: Figures, expect: Expect): Promise<void> {
  const after = await traffic(fleet);
  figures['signatures spent before'] = before.signatures;
  figures['signatures spent by it'] = after.signatures - before.signatures;
  figures['sockets opened by it'] = after.sockets - before.sockets;
  expect(before.signatures > 0, 'no signature was counted at all');
  expect(after.signatures === before.signatures, `${after.signatures - before.signatures} signatures were spent`);
  expect(after.sockets === before.sockets, `${after.sockets - before.sockets} sockets were opened`);
}

/** A crash and a pause leave gaps, and say so; everything that was planned, or only a matter of the database, leaves none. */
function judge(scenario: Scenario, report: FleetReport, expect: Expect): void {
  const { missing, lostInSilence, surplus, gaps, faults, stale, diamonds, overlaps } = report;
  const unplanned = scenario === 'kill' || scenario === 'stop';
  expect(lostInSilence === 0, `${lostInSilence} messages are missing and no gap says so`);
  expect(surplus === 0, `${surplus} events were never sent`);
  expect(faults.length === 0, faults.join('; '));
  expect(stale === 0, `${stale} records of an owner that had lost the room`);
  if (unplanned) return;
  expect(missing === 0, `${missing} messages are missing`);
  const owned = scenario === 'cut' ? ['failover'] : [];
  for (const reason of Object.keys(gaps))
    expect(owned.includes(reason), `there are gaps: ${reason} ${gaps[reason] ?? 0}`);
  if (scenario === 'cut') return;
  expect(diamonds.published === diamonds.sent, `${diamonds.published} diamonds, sent ${diamonds.sent}`);
  expect(overlaps.longestMs <= OVERLAP_LIMIT_MS, `two sockets of a room for ${overlaps.longestMs} ms`);
}
