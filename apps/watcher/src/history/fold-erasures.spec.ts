import { describe, expect, it } from 'vitest';
import type { EventFacts } from './event-facts.js';
import { everybodyIn, peopleIn, withoutErased, type Erasure } from './fold-erasures.js';

const event = (recordedAt: number, data: Record<string, unknown>): EventFacts => ({
  key: 'k',
  name: 'chat',
  wire: true,
  id: '1',
  roomId: '900',
  sessionId: '900',
  uniqueId: 'anna',
  recordedAt,
  order: '',
  data,
});
const user = (id: string) => ({ id, uniqueId: `u${id}` });
const BATTLE = {
  hosts: [{ user: user('1') }, { user: user('2') }],
  armies: [
    { hostId: '1', score: 1, supporters: [{ user: user('5'), score: 1 }, { score: 2 }] },
    { hostId: '2', score: 3, supporters: [{ user: user('6'), score: 3 }] },
  ],
  teams: [{ teamId: '9', hostIds: ['1', '2'], score: 4, supporters: [{ user: user('6'), score: 3 }] }],
};

describe('erased viewers', () => {
  it('are looked for wherever the fold would remember somebody', () => {
    const odd = event(1, { user: { id: '0' }, hosts: 5, armies: [7, {}] });
    expect([...peopleIn([event(1, { user: user('4') }), event(1, BATTLE), odd])].sort()).toEqual([
      '1',
      '2',
      '4',
      '5',
      '6',
    ]);
  });

  it('are found wherever an event has them', () => {
    const data = {
      user: user('4'),
      mentions: [user('5'), { id: '6' }],
      question: { id: '7', text: 'no person' },
      deep: { more: [{ owner: { id: '8' } }] },
      streak: { id: '9-5655-1700000000123', count: 3 },
      comment: 'call 12',
    };
    expect([...everybodyIn(data)].sort()).toEqual(['1700000000123', '4', '5', '5655', '6', '7', '8', '9']);
  });

  it('are left out of events of before; what they did still counts', () => {
    const erasures = new Map<string, Erasure>([['4', { erasedAt: 10, optedOut: false }]]);
    expect(withoutErased(event(10, { user: user('4'), comment: 'x' }), erasures).data).toEqual({ comment: 'x' });
    expect(withoutErased(event(11, { user: user('4') }), erasures).data).toEqual({ user: user('4') });
    expect(withoutErased(event(1, { user: user('5') }), erasures).data).toEqual({ user: user('5') });
  });

  it('are left out of all events when they opted out, also as hosts and supporters', () => {
    const erasures = new Map<string, Erasure>(['2', '5'].map((id) => [id, { erasedAt: 0, optedOut: true }]));
    expect(withoutErased(event(99, BATTLE), erasures).data).toEqual({
      hosts: [{ user: user('1') }],
      armies: [{ hostId: '1', score: 1, supporters: [{ score: 2 }] }],
      teams: [{ teamId: '9', hostIds: ['1'], score: 4, supporters: [{ user: user('6'), score: 3 }] }],
    });
  });
});
