import { describe, expect, it } from 'vitest';
import { compileSchemas } from '../../../../test/contract/event-schemas.js';
import { parse, T0 } from '../../../../test/contract/room.js';
import { eventHeaders } from '../publishing/cloud-events-codec.js';
import { canary, viewerErased } from './roomless-events.js';

const schemas = compileSchemas();

describe('events outside of the rooms', () => {
  it('are signs of life of a replica, each with an id of its own', () => {
    const sign = { replicaId: 'a', processStartedAt: T0 - 5, n: 1, at: T0 };
    const [first, again, restarted] = [
      canary(sign),
      canary({ ...sign, n: 2, at: T0 + 60_000 }),
      canary({ ...sign, processStartedAt: T0, at: T0 + 60_000 }),
    ];
    expect(parse<'canary'>(first)).toMatchObject({
      source: '/livetap/replicas/a',
      time: '2026-01-31T12:00:00.000Z',
      data: { replicaId: 'a', n: 1 },
    });
    expect(schemas.errors(parse(first))).toEqual([]);
    expect(first).toMatchObject({ topic: 'canary', key: 'a' });
    expect(new Set([first.id, again.id, restarted.id]).size).toBe(3);
  });

  it('are erasures, keyed by the viewer, with the same id when told again', () => {
    const event = viewerErased({ userId: '11', at: T0 });
    expect(parse<'viewer.erased'>(event)).toMatchObject({
      source: '/tiktok/viewers/11',
      data: { userId: '11', erasedAt: '2026-01-31T12:00:00.000Z' },
    });
    expect(schemas.errors(parse(event))).toEqual([]);
    expect(event).toMatchObject({ topic: 'lifecycle', key: '11', id: viewerErased({ userId: '11', at: T0 }).id });
  });

  it('have neither streamer nor place in an order, in the headers as in the value', () => {
    for (const event of [
      canary({ replicaId: 'a', processStartedAt: T0, n: 1, at: T0 }),
      viewerErased({ userId: '11', at: T0 }),
    ]) {
      for (const name of ['subject', 'sequence', 'sessionid', 'leaseepoch'])
        expect(parse(event)).not.toHaveProperty(name);
      expect(eventHeaders(event)).not.toHaveProperty('ce_sequence');
    }
  });
});

describe('an event of a room', () => {
  it('is not valid without its place in the order', () => {
    const event = {
      ...parse(canary({ replicaId: 'a', processStartedAt: T0, n: 1, at: T0 })),
      source: '/tiktok/rooms/7',
    };
    expect(schemas.errors(event)).toContain(" must have required property 'sequence'");
  });
});
