import { sampleEvent } from '@livetap/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoredEvent } from './journal.port.js';
import { type Follower, FOLLOWING_EVENTS, RecentEvents, storedEvent } from './recent-events.js';

const EVENT_BYTES = 512 + 8;
const event = (offset: number): StoredEvent => storedEvent(sampleEvent(offset, { value: Buffer.alloc(8) }), offset);
const MANY = { maxEvents: Infinity, maxBytes: Infinity };
const offsets = (events: readonly StoredEvent[]): number[] => events.map(({ offset }) => offset);
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);

describe('RecentEvents', () => {
  it('holds, of what came, what the slowest near reader has not read, within its bytes', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 400 }) }) },
      { weight: 4, arbitrary: fc.record({ read: fc.nat(2), events: fc.integer({ min: 1, max: 600 }) }) },
      { weight: 1, arbitrary: fc.record({ come: fc.nat(2) }) },
      { weight: 1, arbitrary: fc.record({ go: fc.nat(2) }) },
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_500 }), fc.array(step, { maxLength: 60 }), (most, steps) => {
        const recent = new RecentEvents(most * EVENT_BYTES);
        const followers: (Follower | undefined)[] = [undefined, undefined, undefined];
        let end = 1;
        let held = 1;
        for (const one of steps) {
          if ('add' in one) {
            for (const offset of range(end, end + one.add)) recent.add(event(offset));
            end += one.add;
            recent.release();
            const wanted = followers.flatMap((follower) => (follower === undefined ? [] : [follower.next]));
            held = Math.max(held, Math.min(end, ...wanted), end - most);
          } else if ('read' in one) {
            const follower = followers[one.read];
            if (follower !== undefined) follower.next = Math.min(end, follower.next + one.events);
          } else if ('come' in one) {
            followers[one.come] ??= recent.follow(end);
          } else {
            const follower = followers[one.go];
            if (follower !== undefined) recent.unfollow(follower);
            followers[one.go] = undefined;
          }
          expect(recent.firstOffset).toBe(held === end ? Infinity : held);
          expect([held - 1, end].map((offset) => recent.at(offset))).toEqual([undefined, undefined]);
          if (held === end) continue;
          expect(offsets(recent.from(held, MANY))).toEqual(range(held, end));
          expect(recent.at(held)?.offset).toBe(held);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('gives within limits, and one event at least', () => {
    const recent = new RecentEvents(Infinity);
    recent.follow(1);
    for (const offset of range(1, 11)) recent.add(event(offset));
    expect(offsets(recent.from(3, { maxEvents: 4, maxBytes: Infinity }))).toEqual([3, 4, 5, 6]);
    expect(offsets(recent.from(3, { maxEvents: 4, maxBytes: 8 * 2 }))).toEqual([3, 4]);
    expect(offsets(recent.from(10, { maxEvents: 0, maxBytes: 0 }))).toEqual([10]);
  });

  it('keeps nothing for a reader that is far behind, and all that comes for it once it is near', () => {
    const recent = new RecentEvents(Infinity);
    const follower = recent.follow(1);
    for (const offset of range(1, FOLLOWING_EVENTS + 1)) recent.add(event(offset));
    recent.release();
    expect(recent.firstOffset).toBe(1);
    recent.add(event(FOLLOWING_EVENTS + 1));
    recent.release();
    expect(recent.firstOffset).toBe(Infinity);
    follower.next = 3;
    recent.add(event(FOLLOWING_EVENTS + 2));
    recent.release();
    expect(recent.firstOffset).toBe(FOLLOWING_EVENTS + 2);
  });
});
