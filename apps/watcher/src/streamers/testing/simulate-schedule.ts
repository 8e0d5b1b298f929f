import { parseArgs } from 'node:util';
import { type NoticeFigures, simulateSchedule } from './schedule-simulation.js';
import { STREAMER_KINDS } from './simulated-streamers.js';

const USAGE = `npm run simulate:schedule -- [--streamers 2000] [--days 30] [--learning 0] [--rate 1] [--seed 1]

Simulates days of streamers with habits and prints how long starts go unnoticed with the service's own schedule, and with
polling at a fixed interval that costs as many requests. --learning: days before, for habits to be learned; --rate:
requests a second.`;

/** `npm run simulate:schedule`. Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { streamers: text, days: text, learning: text, rate: text, seed: text, help: { type: 'boolean' } },
  });
  const numbers = {
    streamers: Number(values.streamers ?? 2_000),
    days: Number(values.days ?? 30),
    learningDays: Number(values.learning ?? 0),
    requestsPerSecond: Number(values.rate ?? 1),
    seed: Number(values.seed ?? 1),
  };
  if (values.help === true || Object.values(numbers).some((number) => !Number.isFinite(number) || number < 0)) {
    process.stdout.write(`${USAGE}\n`);
    return values.help === true ? 0 : 1;
  }
  const { streamers, days, learningDays, requestsPerSecond, seed } = numbers;
  const { habit, fixed } = await simulateSchedule(numbers);
  const lines = [
    `${streamers} streamers, ${days} days after ${learningDays} of learning, at most ${requestsPerSecond} requests a second, seed ${seed}`,
    `${habit.starts} starts, ${habit.requests} requests (${(habit.requests / days / 86_400).toFixed(3)} a second)`,
    '',
    row('', 'median', 'p95', 'mean', 'missed', ...STREAMER_KINDS.slice(0, -1)),
    rowOf('by habit', habit),
    rowOf(`every ${minutes(fixed.intervalMs)}`, fixed),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

const minutes = (ms: number | undefined): string =>
  ms === undefined || !Number.isFinite(ms) ? '-' : `${(ms / 60_000).toFixed(1)} min`;

function rowOf(name: string, { medianMs, p95Ms, meanMs, missed, medianMsByKind }: NoticeFigures): string {
  const byKind = STREAMER_KINDS.slice(0, -1).map((kind) => minutes(medianMsByKind[kind]));
  return row(name, minutes(medianMs), minutes(p95Ms), minutes(meanMs), String(missed), ...byKind);
}

function row(first: string, ...cells: readonly string[]): string {
  return `${first.padEnd(16)}${cells.map((cell) => cell.padStart(11)).join('')}`;
}
