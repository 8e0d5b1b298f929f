import { describe, expect, it } from 'vitest';
import { ManualClock } from '../common/clock.js';
import { faultSchema } from './fault.schema.js';
import type { Fault, FaultOrder } from './fault.schema.js';
import { Faults } from './faults.js';

const setup = (): { clock: ManualClock; faults: Faults; ended: Fault[]; add: (order: FaultOrder) => number } => {
  const clock = new ManualClock();
  const ended: Fault[] = [];
  const faults = new Faults(clock, (fault) => ended.push(fault));
  return { clock, faults, ended, add: (order) => faults.add(faultSchema.parse(order)) };
};

describe('Faults', () => {
  it('strikes once when neither number nor time is given', () => {
    const { faults, add } = setup();
    add({ kind: 'corrupt' });
    expect(faults.strike('corrupt', { roomId: '7' })).toMatchObject({ mode: 'payload' });
    expect(faults.strike('corrupt', { roomId: '7' })).toBeUndefined();
    expect(faults.list()).toEqual([]);
  });

  it('strikes as often as ordered, only where ordered', () => {
    const { faults, add } = setup();
    add({ kind: 'refuse', room: '7', times: 2 });
    add({ kind: 'refuse', uniqueId: 'Anna', times: 1, status: 403 });
    expect(faults.strike('refuse', { roomId: '8' })).toBeUndefined();
    expect(faults.strike('refuse', { roomId: '7' })?.status).toBe(415);
    expect(faults.strike('cut', { roomId: '7' })).toBeUndefined();
    expect(faults.strike('refuse', { roomId: '9', uniqueId: 'anna' })?.status).toBe(403);
    expect(faults.list()).toMatchObject([{ remaining: 1, strikes: 1 }]);
  });

  it('refuses one way alone where told', () => {
    const { faults, add } = setup();
    add({ kind: 'refuse', way: 'direct', times: 1 });
    expect(faults.strike('refuse', { roomId: '7', way: 'signed' })).toBeUndefined();
    expect(faults.strike('refuse', { roomId: '7' })).toBeUndefined();
    expect(faults.strike('refuse', { roomId: '7', way: 'direct' })?.status).toBe(415);
  });

  it('ends by time and says so', () => {
    const { clock, faults, ended, add } = setup();
    add({ kind: 'stall', room: '7', forMs: 1000 });
    clock.advance(999);
    expect(faults.strike('stall', { roomId: '7' })).toBeDefined();
    expect(faults.strike('stall', { roomId: '7' })).toBeDefined();
    clock.advance(1);
    expect(faults.strike('stall', { roomId: '7' })).toBeUndefined();
    expect(ended.map((fault) => fault.kind)).toEqual(['stall']);
  });

  it('releases at its time what it held, also when its strikes are used up before', () => {
    const { clock, faults, ended, add } = setup();
    add({ kind: 'halfOpen', times: 1, forMs: 1000 });
    expect(faults.strike('halfOpen', {})).toBeDefined();
    expect(faults.strike('halfOpen', {})).toBeUndefined();
    expect(ended).toEqual([]);
    clock.advance(1000);
    expect(ended).toHaveLength(1);
  });

  it('lasts until it is ended when it is a stall without number and time', () => {
    const { clock, faults, ended, add } = setup();
    const id = add({ kind: 'stall' });
    clock.advance(86_400_000);
    expect(faults.strike('stall', { roomId: '7' })).toBeDefined();
    expect(faults.remove(id)).toBe(true);
    expect(faults.remove(id)).toBe(false);
    expect(ended).toHaveLength(1);
  });

  it('matches HTTP faults by the beginning of the path', () => {
    const { faults, add } = setup();
    add({ kind: 'http', path: '/webcast/fetch', status: 500, times: 5 });
    expect(faults.strike('http', { path: '/webcast/room_id' })).toBeUndefined();
    expect(faults.strike('http', { path: '/webcast/fetch' })?.status).toBe(500);
  });

  it('refuses more than it can hold', () => {
    const { faults, add } = setup();
    for (let index = 0; index < 10_000; index += 1) add({ kind: 'corrupt', room: String(index) });
    expect(() => add({ kind: 'corrupt' })).toThrow(RangeError);
    faults.clear();
    expect(faults.list()).toEqual([]);
  });
});
