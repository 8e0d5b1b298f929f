import { describe, expect, it } from 'vitest';
import type { Clock } from '../common/clock.port.js';
import { SILENT_LOGGER } from '../common/logger.port.js';
import { Drain, DRAIN_PHASES } from './drain.js';

/** A clock whose timers run when the test says so. */
class StepClock implements Clock {
  #time = 0;
  readonly #timers = new Set<{ at: number; callback: () => void }>();
  now(): number {
    return this.#time;
  }
  monotonic(): number {
    return this.#time;
  }
  setTimeout(callback: () => void, delayMs: number): { cancel(): void } {
    const timer = { at: this.#time + delayMs, callback };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }
  advance(ms: number): void {
    this.#time += ms;
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.#time)) {
      this.#timers.delete(timer);
      timer.callback();
    }
  }
  get pending(): number {
    return this.#timers.size;
  }
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
};

describe('Drain', () => {
  it('stops in the order of the phases, last started first within one, whatever the order of registration', async () => {
    const clock = new StepClock();
    const drain = new Drain({ clock, logger: SILENT_LOGGER, timeoutMs: 1_000 });
    const ran: string[] = [];
    for (const phase of [...DRAIN_PHASES].reverse()) {
      for (const part of ['a', 'b']) {
        drain.add({ phase, name: `${phase}-${part}`, run: async () => void ran.push(`${phase}-${part}`) });
      }
    }
    expect(await drain.run()).toEqual({ failed: [] });
    expect(ran).toEqual(DRAIN_PHASES.flatMap((phase) => [`${phase}-b`, `${phase}-a`]));
    expect(clock.pending).toBe(0);
  });

  it('is not ready first, HTTP-independent, and closes journal before database before the data folder', () => {
    expect(DRAIN_PHASES[0]).toBe('notReady');
    const order = (phase: (typeof DRAIN_PHASES)[number]): number => DRAIN_PHASES.indexOf(phase);
    expect(order('acquire')).toBeLessThan(order('rooms'));
    expect(order('rooms')).toBeLessThan(order('publish'));
    expect(order('publish')).toBeLessThan(order('history'));
    expect(order('history')).toBeLessThan(order('journal'));
    expect(order('journal')).toBeLessThan(order('database'));
    expect(DRAIN_PHASES.at(-1)).toBe('data');
  });

  it('goes on after a step that fails', async () => {
    const drain = new Drain({ clock: new StepClock(), logger: SILENT_LOGGER, timeoutMs: 1_000 });
    const ran: string[] = [];
    drain.add({ phase: 'rooms', name: 'rooms', run: () => Promise.reject(new Error('no')) });
    drain.add({ phase: 'journal', name: 'journal', run: () => void ran.push('journal') });
    expect(await drain.run()).toEqual({ failed: ['rooms'] });
    expect(ran).toEqual(['journal']);
  });

  it('leaves a hanging step behind when the shared time is over, tells it so, and still closes the rest', async () => {
    const clock = new StepClock();
    const drain = new Drain({ clock, logger: SILENT_LOGGER, timeoutMs: 1_000, closeTimeoutMs: 50 });
    let told = false;
    const ran: string[] = [];
    drain.add({
      phase: 'publish',
      name: 'publisher',
      run: (signal) => new Promise(() => signal.addEventListener('abort', () => (told = true))),
    });
    drain.add({ phase: 'journal', name: 'journal', run: () => void ran.push('journal') });
    const result = drain.run();
    await settle();
    clock.advance(1_000);
    await settle();
    expect(await result).toEqual({ failed: ['publisher'] });
    expect(told).toBe(true);
    expect(ran).toEqual(['journal']);
  });

  it('runs once, however often it is asked', async () => {
    const drain = new Drain({ clock: new StepClock(), logger: SILENT_LOGGER, timeoutMs: 1_000 });
    let count = 0;
    drain.add({ phase: 'rooms', name: 'rooms', run: () => void (count += 1) });
    expect(drain.started).toBe(false);
    await Promise.all([drain.run(), drain.run()]);
    expect(drain.started).toBe(true);
    expect(count).toBe(1);
  });
});
