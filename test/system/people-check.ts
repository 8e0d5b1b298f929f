import { expect } from 'vitest';
import { worth, type GiftLine, type Given, type Ledger } from './admitted-ledger.js';
import type { SessionNames } from './ledger-check.js';
import type { MessageFacts } from '../../apps/simulator/src/ledger/entry.js';
import type { LedgerLine, Watcher } from './processes.js';

/** What REST says of a session beside its counts. */
export interface SessionPeople {
  readonly id: string;
  readonly averageViewers?: number;
  readonly totalViewers?: number;
  readonly uniqueViewers: number;
  readonly uniqueChatters: number;
  readonly uniqueGifters: number;
  readonly newFollowers: number;
  readonly followersFirst?: number;
  readonly followersLast?: number;
}

interface Gifters {
  readonly gifters: readonly (Given & { readonly viewer: { readonly id: string; readonly uniqueId?: string } })[];
}

interface Gifts {
  readonly gifts: readonly {
    readonly gift: { readonly id: string };
    readonly count: number;
    readonly diamonds: number;
  }[];
}

/** Asks REST of a service. */
export type RestClient = Pick<Watcher, 'json'>;

/** People, gifters and gifts in Postgres, asked over REST, are what the ledger says, for each live of each room. */
export async function expectPeople(
  watcher: RestClient,
  ledger: Pick<Ledger, 'sent'>,
  sessions: readonly SessionPeople[],
  nameOf: SessionNames,
): Promise<void> {
  const lines = groupBy(await ledger.sent(), nameOf);
  for (const session of sessions) {
    const own = lines.get(session.id) ?? [];
    expect(pickPeople(session)).toEqual(peopleOf(session.id, own));
    const given = own.filter((line): line is GiftLine => line.facts?.kind === 'gift' && line.facts.repeatCount > 0);
    const gifters = await watcher.json<Gifters>(`/v1/sessions/${session.id}/gifters?limit=200`);
    expect(
      Object.fromEntries(gifters.gifters.map(({ viewer, gifts, diamonds }) => [viewer.id, { gifts, diamonds }])),
    ).toEqual(worth(given, ({ facts }) => facts.userId));
    expect(gifters.gifters.every(({ viewer }) => viewer.uniqueId !== undefined)).toBe(true);
    const gifts = await watcher.json<Gifts>(`/v1/sessions/${session.id}/gifts?limit=200`);
    expect(
      Object.fromEntries(gifts.gifts.map(({ gift, count, diamonds }) => [gift.id, { gifts: count, diamonds }])),
    ).toEqual(worth(given, ({ facts }) => String(facts.giftId)));
  }
}

/** Erases the first of the gifters of these sessions; nobody finds that person over REST afterwards. @returns the user id */
export async function eraseSomeone(watcher: Watcher, sessions: readonly { readonly id: string }[]): Promise<string> {
  const lists = await Promise.all(
    sessions.map(({ id }) => watcher.json<Gifters>(`/v1/sessions/${id}/gifters?limit=200`)),
  );
  const userId = lists.flatMap(({ gifters }) => gifters)[0]?.viewer.id ?? '';
  expect(userId).not.toBe('');
  const { erasedAt } = await watcher.json<{ erasedAt: string }>(`/v1/viewers/${userId}`, { method: 'DELETE' });
  expect(Date.parse(erasedAt)).toBeGreaterThan(0);
  for (const { id } of sessions) {
    for (const list of ['gifters', 'battles']) {
      const text = await (await watcher.call(`/v1/sessions/${id}/${list}?limit=50`)).text();
      expect([list, text.includes(userId)]).toEqual([list, false]);
    }
  }
  return userId;
}

/** Battles in Postgres, asked over REST, are what the ledger says. @returns how many there were */
export async function expectBattles(
  watcher: RestClient,
  ledger: Pick<Ledger, 'sent'>,
  sessions: readonly { readonly id: string; readonly tiktokUserId: string }[],
  nameOf: SessionNames,
): Promise<number> {
  const lines = groupBy(await ledger.sent(), nameOf);
  let battles = 0;
  for (const { id, tiktokUserId } of sessions) {
    const told = (lines.get(id) ?? []).flatMap(({ facts }) => (facts?.kind === 'battle' ? [facts] : []));
    const { battles: found } = await watcher.json<Battles>(`/v1/sessions/${id}/battles?limit=50`);
    const expected = [...groupBy(told, ({ battleId }) => battleId)].map(([battleId, steps]) => {
      const [own, other] = [Math.max(...steps.map((one) => one.own)), Math.max(...steps.map((one) => one.other))];
      const finished = steps.some((one) => one.finished);
      const wins = (win: boolean) => (finished ? { won: win, result: win ? 'RESULT_WIN' : 'RESULT_LOSE' } : {});
      const side = { kind: 'host', contributors: [] as number[] };
      const sides = [
        { ...side, id: tiktokUserId, score: own, ...wins(own >= other), contributors: [own] },
        { ...side, id: steps[0]?.rivalId ?? '', score: other, ...wins(own < other) },
      ];
      return { id: battleId, ended: finished, sides: sides.sort((a, b) => a.id.localeCompare(b.id)) };
    });
    expect(found.map(pickBattle).sort(byId)).toEqual(expected.sort(byId));
    battles += expected.length;
  }
  return battles;
}

interface Battles {
  readonly battles: readonly {
    readonly id: string;
    readonly endedAt?: string;
    readonly sides: readonly {
      readonly kind: string;
      readonly id: string;
      readonly score: number;
      readonly won?: boolean;
      readonly result?: string;
      readonly scores: readonly { readonly score: number }[];
      readonly contributors: readonly { readonly score: number }[];
    }[];
  }[];
}

function pickBattle({ id, endedAt, sides }: Battles['battles'][number]): {
  id: string;
  ended: boolean;
  sides: object[];
} {
  const shown = sides.map(({ kind, id: sideId, score, won, result, scores, contributors }) => {
    expect(Math.max(...scores.map((one) => one.score))).toBe(score);
    return {
      kind,
      contributors: contributors.map((one) => one.score),
      id: sideId,
      score,
      ...(won === undefined ? {} : { won }),
      ...(result === undefined ? {} : { result }),
    };
  });
  return { id, ended: endedAt !== undefined, sides: shown.sort((a, b) => a.id.localeCompare(b.id)) };
}

const byId = (a: { id: string }, b: { id: string }): number => a.id.localeCompare(b.id);

/** What people gave to each streamer in all is the sum over the lives of its rooms. */
export async function expectGiftersOfStreamers(
  watcher: RestClient,
  ledger: Pick<Ledger, 'sent'>,
  roomsOf: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const sent = await ledger.sent();
  for (const [uniqueId, rooms] of roomsOf) {
    const given = sent.filter(
      (line): line is GiftLine =>
        rooms.includes(line.room) && line.facts?.kind === 'gift' && line.facts.repeatCount > 0,
    );
    const found = await watcher.json<Gifters>(`/v1/streamers/${uniqueId}/gifters?limit=200`);
    expect(
      Object.fromEntries(found.gifters.map(({ viewer, gifts, diamonds }) => [viewer.id, { gifts, diamonds }])),
    ).toEqual(worth(given, ({ facts }) => facts.userId));
  }
}

function pickPeople(session: SessionPeople): SessionPeople {
  const { id, averageViewers, totalViewers, uniqueViewers, uniqueChatters, uniqueGifters, newFollowers } = session;
  const { followersFirst, followersLast } = session;
  return {
    id,
    ...(averageViewers === undefined ? {} : { averageViewers }),
    ...(totalViewers === undefined ? {} : { totalViewers }),
    uniqueViewers,
    uniqueChatters,
    uniqueGifters,
    newFollowers,
    ...(followersFirst === undefined ? {} : { followersFirst }),
    ...(followersLast === undefined ? {} : { followersLast }),
  };
}

function peopleOf(id: string, lines: readonly LedgerLine[]): SessionPeople {
  const facts = lines.flatMap((line) => line.facts ?? []);
  const of = <K extends MessageFacts['kind']>(kind: K) =>
    facts.filter((one): one is Extract<MessageFacts, { kind: K }> => one.kind === kind);
  const users = (list: readonly { userId: string }[]): string[] => list.map(({ userId }) => userId);
  const follows = of('social').filter(({ social }) => social === 'follow');
  const shares = of('social').filter(({ social }) => social === 'share');
  const gifts = of('gift').filter(({ repeatCount }) => repeatCount > 0);
  const stated = of('viewers').map(({ viewers }) => viewers);
  // The simulator's followers only ever become more.
  const followers = follows.map(({ followCount }) => followCount);
  const everybody = [...of('chat'), ...of('member'), ...of('like'), ...follows, ...shares, ...gifts];
  return {
    id,
    ...(stated.length === 0
      ? {}
      : {
          averageViewers: Math.round((stated.reduce((sum, one) => sum + one, 0) / stated.length) * 10) / 10,
          totalViewers: Math.max(...of('viewers').map(({ totalUser }) => totalUser)),
        }),
    uniqueViewers: new Set(users(everybody)).size,
    uniqueChatters: new Set(users(of('chat'))).size,
    uniqueGifters: new Set(users(gifts)).size,
    newFollowers: new Set(users(follows)).size,
    ...(followers.length === 0
      ? {}
      : { followersFirst: Math.min(...followers), followersLast: Math.max(...followers) }),
  };
}

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}
