// The short form of the benchmark for CI: a handful of ratios, in this process, by processor time, compared with those that
// are committed. Fails when one of them fell by more than 30 %.
/** A ratio may fall to this share of the committed one. */
export const KEPT_SHARE = 0.7;
const ROUNDS = 25;
/** One turn takes at least so long: the clock of processor time is coarse. */
const TURN_MICROS = 25_000;

/**
 * Ratios that mean the same on every machine: how often the work of `yardstick` fits into the time of `ours`, by processor
 * time. Everything runs once in each round, so that a bad moment of the machine falls on all, and the least time of each counts:
 * what else goes on can make a turn slower, never faster.
 */
export async function measureGuard(pairs, { rounds = ROUNDS, turnMicros = TURN_MICROS } = {}) {
  const works = [...new Set(Object.values(pairs).flatMap(({ ours, yardstick }) => [ours, yardstick]))];
  const repeats = new Map();
  for (const work of works) repeats.set(work, await repeatsFor(work, turnMicros));
  const least = new Map(works.map((work) => [work, Infinity]));
  for (let round = 0; round < rounds; round += 1)
    for (let turn = 0; turn < works.length; turn += 1) {
      const work = works[(round + turn) % works.length];
      least.set(work, Math.min(least.get(work), await processorMicros(work, repeats.get(work))));
    }
  const ratio = ({ ours, yardstick }) => least.get(yardstick) / least.get(ours);
  return Object.fromEntries(Object.entries(pairs).map(([name, pair]) => [name, ratio(pair)]));
}

/** What fell too far: `{ name, measured, committed }`. A ratio that is committed and was not measured fell to nothing. */
export function fallen(measured, committed) {
  return Object.entries(committed).flatMap(([name, before]) => {
    const now = measured[name] ?? 0;
    return now >= before * KEPT_SHARE ? [] : [{ name, measured: now, committed: before }];
  });
}

async function processorMicros(work, repeats) {
  const before = process.cpuUsage();
  for (let turn = 0; turn < repeats; turn += 1) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / repeats;
}

async function repeatsFor(work, turnMicros) {
  let micros = 0;
  // Until the code is compiled and its types are known.
  for (let turn = 0; turn < 6; turn += 1) micros = await processorMicros(work, 1);
  return Math.max(1, Math.ceil(turnMicros / Math.max(1, micros)));
}
