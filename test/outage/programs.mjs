// What the long runs share: built programs, each in a process of its own, and what their figures say.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SERVICE_FLAGS } from '../../scripts/lib/service-flags.mjs';

const path = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
/** The service's own program, which runs with its own flags. */
export const SERVICE = 'apps/watcher/dist/main.js';
const KEPT_CHARACTERS = 200_000;

/** Waits until `probe` gives something; errors count as "not yet". Fails with `what` after the deadline. */
export async function eventually(what, probe, deadlineMs = 120_000) {
  const end = performance.now() + deadlineMs;
  let last;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`not in time: ${what}`, { cause: last });
    await pause(100);
  }
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A program with the end of what it printed. */
export class Program {
  #output = '';
  #ended;
  exit;

  constructor(name, script, args, settings) {
    // Nothing of the caller's own settings may leak into the programs under test.
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(
        ([key]) => !/^(LIVETAP_|KAFKA_|DATABASE_URL|SIGN_|SIMULATOR_|VITEST)/.test(key),
      ),
    );
    this.name = name;
    const flags = script === SERVICE ? SERVICE_FLAGS : [];
    this.child = spawn(process.execPath, [...flags, path(script), ...args], {
      env: { ...inherited, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => {
        this.#output = (this.#output + chunk).slice(-KEPT_CHARACTERS);
      });
    }
    this.#ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        this.exit = code ?? signal ?? 0;
        resolve(this.exit);
      });
    });
  }

  get output() {
    return this.#output;
  }

  async printed(pattern) {
    return eventually(`${this.name} prints ${pattern}`, async () => {
      const match = pattern.exec(this.#output);
      if (match) return match;
      if (this.exit === undefined) return undefined;
      throw new Error(`${this.name} ended with ${this.exit}:\n${this.#output.slice(-4000)}`);
    });
  }

  async stop() {
    if (this.exit === undefined) this.child.kill('SIGTERM');
    return this.#ended;
  }

  /** Resident memory in bytes; 0 where the system does not tell. */
  residentBytes() {
    try {
      const [, pages = '0'] = readFileSync(`/proc/${this.child.pid}/statm`, 'utf8').split(' ');
      return Number(pages) * 4096;
    } catch {
      return 0;
    }
  }
}

/** Every sample of `/metrics` as `name{labels}` → number, and sums over the labels. */
export class Figures {
  constructor(text) {
    this.lines = text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]);
  }

  sum(name) {
    return this.lines
      .filter(([key]) => key === name || key.startsWith(`${name}{`))
      .reduce((total, [, value]) => total + value, 0);
  }
}

/** Slope of a straight line through the points, in units of y per unit of x. */
export function slope(points) {
  const n = points.length;
  if (n < 2) return 0;
  const mean = (pick) => points.reduce((sum, point) => sum + pick(point), 0) / n;
  const mx = mean(([x]) => x);
  const my = mean(([, y]) => y);
  const below = points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  return below === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / below;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** @throws an Error with what was answered when it is no success */
export async function ask(url, init) {
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer;
}

export const post = (url, body = {}) =>
  ask(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

export function equation(figures) {
  const received = figures.sum('livetap_messages_received_total');
  const synthesized = figures.sum('livetap_events_synthesized_total');
  const published = figures.sum('livetap_events_published_total');
  const deduplicated = figures.sum('livetap_events_deduplicated_total');
  const dropped = figures.sum('livetap_events_dropped_total');
  return {
    received,
    synthesized,
    published,
    deduplicated,
    dropped,
    open: received + synthesized - published - deduplicated - dropped,
  };
}
