import { parseSequence } from '@livetap/contracts';
import { FakeClock, SeededRandom } from '@livetap/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CLOSE_CODES, CONNECT_FAILURES } from './failure-table.js';
import { RoomConnectError, type RoomConnectFailure } from './room-connector.port.js';
import type { FakeSocket } from './testing/fake-room-connector.js';
import { message, TestReplica, TestWorld } from './testing/replica.js';

const ROOM = '7300000000000000001';
const SEND_EVERY_MS = 5_000;
/** The limit of silence of a room that was taken for a quiet one, a last back-off, and a look. */
const MEND_MS = 600_000 + 2 * 66_000 + 60_000;

type Trouble =
  | { readonly kind: 'closed'; readonly code: number }
  /** The sockets stay open, and nothing comes any more. */
  | { readonly kind: 'dead' }
  | { readonly kind: 'refused'; readonly failure: RoomConnectFailure }
  | { readonly kind: 'reachable' }
  | { readonly kind: 'verdict'; readonly verdict: 'live' | 'unknown' | 'restricted' };

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  fc.record({ kind: fc.constant('closed' as const), code: fc.constantFrom(...CLOSE_CODES.keys(), 4_006) }),
  fc.record({ kind: fc.constant('dead' as const) }),
  fc.record({
    kind: fc.constant('refused' as const),
    failure: fc.constantFrom(...(Object.keys(CONNECT_FAILURES) as RoomConnectFailure[])),
  }),
  fc.record({ kind: fc.constant('reachable' as const) }),
  fc.record({ kind: fc.constant('verdict' as const), verdict: fc.constantFrom('live', 'unknown', 'restricted') }),
);
const script = fc.array(fc.tuple(trouble, fc.integer({ min: 1, max: 90 })), { minLength: 1, maxLength: 8 });

/** A stream that says something every five seconds, to every socket that is not dead. */
class Stream {
  readonly world = new TestWorld(new FakeClock(), new SeededRandom(11));
  readonly replica = new TestReplica(this.world);
  readonly sentAt = new Map<string, number>();
  readonly #dead = new Set<FakeSocket>();

  async run(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= SEND_EVERY_MS) {
      const id = String(this.sentAt.size + 1);
      this.sentAt.set(id, this.world.clock.now());
      for (const socket of this.world.connector.openSockets) if (!this.#dead.has(socket)) socket.send(message(id));
      await this.replica.advance(SEND_EVERY_MS);
    }
  }

  suffer(what: Trouble): void {
    const { connector, checker } = this.world;
    if (what.kind === 'closed')
      for (const socket of connector.openSockets) socket.drop({ code: what.code, reason: '' });
    if (what.kind === 'dead') for (const socket of connector.openSockets) this.#dead.add(socket);
    if (what.kind === 'refused') connector.alwaysFail = new RoomConnectError(what.failure, 'scripted');
    if (what.kind === 'reachable') connector.alwaysFail = undefined;
    if (what.kind === 'verdict') checker.set('anna', what.verdict, what.verdict === 'live' ? { roomId: ROOM } : {});
  }

  /** Messages that were neither published nor fall into a gap. */
  lostInSilence(until: number): string[] {
    const published = new Set(this.replica.named('unknown').map(({ id }) => id));
    const gaps = this.replica.named('room.gap').map((event) => {
      const { from, to } = this.replica.data(event) as { from: string; to: string };
      return { from: Date.parse(from), to: Date.parse(to) };
    });
    return [...this.sentAt].flatMap(([id, at]) =>
      at >= until || published.has(id) || gaps.some(({ from, to }) => from <= at && at <= to) ? [] : [id],
    );
  }
}

it('a live room is never given up, and nothing is lost in silence, whatever happens to sockets, ways and verdicts', async () => {
  await fc.assert(
    fc.asyncProperty(script, async (steps) => {
      const stream = new Stream();
      stream.world.checker.live('anna', ROOM);
      await stream.replica.start('anna');
      await stream.run(20_000);
      for (const [what, seconds] of steps) {
        stream.suffer(what);
        await stream.run(seconds * 1_000);
      }
      stream.suffer({ kind: 'reachable' });
      stream.suffer({ kind: 'verdict', verdict: 'live' });
      await stream.run(MEND_MS);
      const { replica } = stream;
      const now = stream.world.clock.now();
      expect(replica.named('live.ended')).toEqual([]);
      expect(replica.registry.figures().rooms).toMatchObject({ live: 1 });
      expect(stream.world.connector.openSockets).toHaveLength(1);
      const published = replica.named('unknown').map(({ id }) => id);
      expect(new Set(published).size).toBe(published.length);
      // It is followed again, and everything before is either there or in a gap.
      expect(published).toContain(String(stream.sentAt.size - 1));
      expect(stream.lostInSilence(now - SEND_EVERY_MS)).toEqual([]);
      const numbers = replica.journal.events.map(({ sequence }) => parseSequence(sequence ?? '')?.n);
      expect(numbers).toEqual(numbers.map((_, n) => n + 1));
    }),
    { numRuns: 25 },
  );
});
