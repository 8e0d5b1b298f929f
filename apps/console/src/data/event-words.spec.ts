import { EVENT_CATALOGUE } from '@livetap/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeEvent } from './event-words.js';

const line = (name: string, data: Record<string, unknown>): ReturnType<typeof describeEvent> =>
  describeEvent({ type: `livetap.${name}.v1`, data });

describe('describeEvent', () => {
  it('says who did what', () => {
    const user = { id: '1', uniqueId: 'a.viewer', nickname: 'A viewer' };
    expect(line('chat', { user, comment: 'hello' })).toEqual({ kind: 'chat', who: 'A viewer', what: 'hello' });
    expect(
      line('gift.completed', { user, gift: { id: '5655', name: 'Rose', diamondsEach: 1 }, count: 5, diamonds: 5 }),
    ).toEqual({
      kind: 'gift',
      who: 'A viewer',
      what: 'Rose ×5, 5 diamonds',
    });
    expect(line('roomUser', { viewers: 180 }).what).toBe('180 viewers');
    expect(line('room.gap', { durationMs: 3_250, reason: 'disconnected' })).toEqual({
      kind: 'life',
      who: '',
      what: 'gap of 3 s (disconnected)',
      weight: 'bad',
    });
    expect(line('linkMicArmies', { armies: [{ score: 1200 }, { score: 300 }] }).what).toBe('battle at 1,200 : 300');
  });

  it('has a line for every type of the contract, whatever its data', () => {
    const types = Object.values(EVENT_CATALOGUE).map(({ type }) => type);
    fc.assert(
      fc.property(
        fc.constantFrom(...types, 'livetap.not.yet.v1', 'constructor'),
        fc.dictionary(fc.constantFrom('user', 'gift', 'armies', 'text', 'count', 'action'), fc.anything()),
        (type, data) => {
          const { what, who } = describeEvent({ type, data });
          expect(typeof what).toBe('string');
          expect(typeof who).toBe('string');
        },
      ),
    );
  });
});
