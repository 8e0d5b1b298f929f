/**
 * Measures candidates in one process: every round runs each once, in turning order, so that noise of the machine and of
 * the garbage collector falls on all of them. Gives the seconds of each round, by name.
 */
export async function measure(candidates, { rounds, minimumMs }) {
  const names = Object.keys(candidates);
  const seconds = Object.fromEntries(names.map((name) => [name, []]));
  const repeats = Object.fromEntries(names.map((name) => [name, 0]));
  for (const name of names) repeats[name] = await repeatsFor(candidates[name], minimumMs);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length];
      const started = process.hrtime.bigint();
      for (let i = 0; i < repeats[name]; i++) await candidates[name]();
      seconds[name].push(Number(process.hrtime.bigint() - started) / 1e9 / repeats[name]);
    }
  }
  return seconds;
}

/** Warms up, and says how often to repeat so that one measurement takes long enough to be read. */
async function repeatsFor(candidate, minimumMs) {
  let ms = 0;
  for (let i = 0; i < 5; i++) {
    const started = process.hrtime.bigint();
    await candidate();
    ms = Number(process.hrtime.bigint() - started) / 1e6;
  }
  return Math.max(1, Math.ceil(minimumMs / ms));
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
