import type { FoldInput } from '../../../apps/watcher/src/history/history.port.js';

/** Events for the tests of history. */

export const T0 = Date.parse('2026-11-22T12:00:00.000Z');
export const DAY = 86_400_000;
/** How long rows are kept unless set otherwise. */
export const RETENTION = {
  snapshotMs: 30 * DAY,
  meansMs: 400 * DAY,
  gifterMs: 400 * DAY,
  viewerMs: 90 * DAY,
  archiveMs: 30 * DAY,
};
export const iso = (at: number): string => new Date(at).toISOString();

interface EventOptions {
  readonly roomId?: string;
  readonly sessionId?: string;
  readonly uniqueId?: string;
  readonly data?: object;
}

let counter = 0;

/** An event as the fold takes it, of the session that has its room's id. */
export function event(name: string, id: string, at: number, options: EventOptions = {}): FoldInput {
  const roomId = options.roomId ?? '900';
  const value = {
    specversion: '1.0',
    id,
    source: `/tiktok/rooms/${roomId}`,
    type: `livetap.${name}.v1`,
    subject: options.uniqueId ?? 'anna',
    streamerid: `1${roomId}`,
    sessionid: options.sessionId ?? roomId,
    recordedtime: iso(at),
    sequence: `00000001-${String((counter += 1)).padStart(12, '0')}`,
    data: options.data ?? {},
  };
  return { type: value.type, source: value.source, id, value: Buffer.from(JSON.stringify(value)) };
}

/** The same numbers on every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/** One of a few people, who change their names all the time. */
const person = (n: number, random: () => number): object => ({
  id: String(7_000_000_000_000_000_000n + BigInt(n)),
  uniqueId: `person${n}.${Math.floor(random() * 3)}`,
  nickname: `Person ${n} ${Math.floor(random() * 3)}`,
});

/** A battle of the hosts 7700000000000000801 and 7700000000000000802 with a supporter each, from the 20th second on. */
function battle(random: () => number): [name: string, offset: number, data: object][] {
  const points = { '7700000000000000801': 0, '7700000000000000802': 0 };
  const battleId = '7000000000000000077';
  const step = (offset: number, name: string, more: object): [string, number, object] => {
    const armies = Object.entries(points).map(([hostId, score]) => ({
      hostId,
      score,
      supporters: [{ user: person(Number(hostId.at(-1)), random), score }],
    }));
    return [name, offset, { battleId, armies, settings: { durationSeconds: 20 }, ...more }];
  };
  const steps = [step(20_000, 'linkMicBattle', { action: 'BATTLE_ACTION_OPEN', hosts: [] })];
  for (let n = 1; n < 10; n += 1) {
    points['7700000000000000801'] += Math.floor(random() * 50);
    points['7700000000000000802'] += Math.floor(random() * 40);
    steps.push(step(20_000 + n * 2_000, 'linkMicArmies', {}));
  }
  const won = points['7700000000000000801'] >= points['7700000000000000802'];
  const result = (win: boolean) => (win ? 'RESULT_WIN' : 'RESULT_LOSE');
  const hosts = [
    {
      user: { id: '7700000000000000801', uniqueId: 'host7700000000000000801' },
      score: points['7700000000000000801'],
      result: result(won),
    },
    {
      user: { id: '7700000000000000802', uniqueId: 'host7700000000000000802' },
      score: points['7700000000000000802'],
      result: result(!won),
    },
  ];
  return [...steps, step(40_000, 'linkMicBattle', { action: 'BATTLE_ACTION_FINISH', hosts })];
}

/** One live of a minute in each room: chats, joins, likes from two counters, gifts in streaks, viewers, gaps, the end. */
export function world(rooms: readonly string[], random: () => number, start = T0): FoldInput[] {
  const events: FoldInput[] = [];
  for (const roomId of rooms) {
    const add = (name: string, id: string, offset: number, data: object = {}) =>
      events.push(event(name, id, start + offset, { roomId, uniqueId: `user${roomId}`, data }));
    add('live.started', 'live.started-1', 0, {
      joinedAt: iso(start),
      startedAt: iso(start - 1_000),
      title: `Live ${roomId}`,
    });
    const streaks = new Map<number, number>();
    const someone = () => ({ user: person(Math.floor(random() * 8), random) });
    for (let n = 0; n < 60; n += 1) {
      const offset = n * 1_000 + Math.floor(random() * 900);
      const kind = random();
      if (kind < 0.4) add('chat', `${n}`, offset, { comment: 'x', ...someone() });
      else if (kind < 0.5) add('member', `${n}`, offset, someone());
      else if (kind < 0.55) add('follow', `${n}`, offset, { ...someone(), followCount: 1_000 + n });
      else if (kind < 0.6) add('share', `${n}`, offset, someone());
      else if (kind < 0.7) add('like', `${n}`, offset, { count: 5, total: n * 7 + (n % 2) * 100, ...someone() });
      else if (kind < 0.8)
        add('roomUser', `${n}`, offset, { viewers: Math.floor(random() * 500), totalViewers: 100 + n });
      else {
        const streak = Math.floor(random() * 3);
        const before = streaks.get(streak) ?? 0;
        const gain = Math.floor(random() * 4);
        streaks.set(streak, before + gain);
        add('gift', `${n}`, offset, {
          user: person(streak % 2, random),
          gift: { id: String(streak + 1), name: `Gift ${streak}`, diamondsEach: (streak + 1) * 5 },
          count: gain,
          diamonds: gain * (streak + 1) * 5,
          streak: { id: `u-${streak}`, count: before + gain },
        });
      }
    }
    battle(random).forEach(([name, offset, data], n) => add(name, `battle-${n}`, offset, data));
    // The second one is of another owner, which saw less; the third one takes an instant.
    for (const [id, from, to, reason] of [
      ['1-1', 29_500, 31_000, 'disconnected'],
      ['2-1', 30_250, 31_000, 'failover'],
      ['2-2', 45_000, 45_000, 'frameRejected'],
    ] as const) {
      const data = { from: iso(start + from), to: iso(start + to), durationMs: to - from, reason, fromExact: true };
      add('room.gap', `room.gap-${id}`, to, data);
    }
    add('live.ended', 'live.ended-1', 60_500, { endedAt: iso(start + 60_400), reason: 'ended' });
  }
  return events;
}
