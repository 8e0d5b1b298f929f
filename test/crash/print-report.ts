import type { HistoryKillTestReport } from './history-kill-test.js';
import type { KillTestReport } from './kill-test.js';

/** The figures of a run, for people. */
export function print(
  { kills, reached: reachedWithKafka, lanes, readyMs, findings }: KillTestReport,
  duration: string,
  history?: HistoryKillTestReport,
): void {
  const reached = new Map(reachedWithKafka);
  for (const [how, count] of history?.reached ?? []) reached.set(how, (reached.get(how) ?? 0) + count);
  const sum = (pick: (lane: KillTestReport['lanes'][number]) => number): number =>
    lanes.reduce((total, lane) => total + pick(lane), 0);
  const points = [...reached].filter(([how]) => how.includes('.'));
  const worst = lanes.map((lane) => lane.worstRepeat).sort((a, b) => b.repeats - a.repeats)[0];
  const sorted = [...readyMs].sort((a, b) => a - b);
  const violations = (kind: string): number => findings.count(kind);
  console.log(
    [
      ...points.sort(([a], [b]) => a.localeCompare(b)).map(([how, count]) => `  ${how.padEnd(30)} ${count}`),
      `kills       ${kills + (history?.kills ?? 0)}: ${points.reduce((total, [, count]) => total + count, 0)} at ${points.length} crash points, ${reached.get('random') ?? 0} at random moments; ${reached.get('stop') ?? 0} orderly stops between them`,
      `ready       ${Math.round(sorted[sorted.length >> 1] ?? 0)} ms after the start (median), at most ${Math.round(sorted.at(-1) ?? 0)} ms`,
      `sent        ${sum((lane) => lane.sent)} messages by the simulator (with repeats), ${sum((lane) => lane.inGaps)} of them into dying sockets, each inside a gap event`,
      `admitted    ${sum((lane) => lane.admitted)}`,
      `published   ${sum((lane) => lane.published)} events in ${sum((lane) => lane.records)} records`,
      `lost        ${violations('lost')}`,
      `repeated    ${sum((lane) => lane.repeated)}; worst kill ${worst?.repeats ?? 0} of ${worst?.allowed ?? 0} allowed (${worst?.how ?? ''})`,
      `order       ${violations('out of order') + violations('sequence with a hole') + violations('room in two partitions')} violations`,
      `gap events  ${sum((lane) => lane.gaps)}, ${sum((lane) => lane.gapsHeldUp)} of them because the disk did not keep up`,
      `diamonds    ${sum((lane) => lane.diamonds)}, as delivered`,
      ...(history === undefined
        ? []
        : [
            `history     ${history.kills} kills without Kafka; in Postgres as in the journal: ${Object.entries(
              history.totals,
            )
              .map(([name, value]) => `${value} ${name}`)
              .join(', ')}`,
          ]),
      `duration    ${duration}`,
      findings.none ? 'nothing is wrong' : `WRONG\n${findings.toString()}`,
    ].join('\n'),
  );
}
