import { Prisma, type Database, type DatabaseClient } from '../persistence/database.js';
import {
  boundedLimit,
  CURSOR_NUMBER,
  CURSOR_TIME,
  decodeCursor,
  encodeCursor,
  toPage,
} from '../persistence/page-cursor.js';
import { safeText } from '../persistence/safe-text.js';
import {
  MAX_SHOWN_CONTRIBUTORS,
  type BattleHistoryReader,
  type BattleRow,
  type BattleSideRow,
} from './battle-history.port.js';
import type { PageRequest } from './gift-history.port.js';
import type { Page } from './history.port.js';
import { namesOf, personOf, type StoredNames } from './row-values.js';

type StoredBattle = Prisma.BattleRecordGetPayload<object>;

interface StoredKey {
  readonly battle_id: bigint;
  readonly kind: 'host' | 'team';
  readonly side_id: bigint;
}

interface StoredSide extends StoredKey, StoredNames {
  readonly team_id: bigint | null;
  readonly score: bigint;
  readonly result: string | null;
  readonly won: boolean | null;
}

interface StoredScore extends StoredKey {
  readonly at: Date;
  readonly score: bigint;
}

interface StoredContributor extends StoredKey, StoredNames {
  readonly viewer_id: bigint;
  readonly score: bigint;
}

/** Battles from Postgres: four statements a page, whatever its size. */
export class PostgresBattleHistoryReader implements BattleHistoryReader {
  constructor(private readonly database: Database) {}

  async battles(sessionId: string, page: PageRequest): Promise<Page<BattleRow>> {
    const limit = boundedLimit(page.limit);
    const session = safeText(sessionId);
    const [at, id] =
      page.cursor === undefined ? [] : decodeCursor('battles', page.cursor, [CURSOR_TIME, CURSOR_NUMBER]);
    return this.database.run(async (client) => {
      const rows = await client.battleRecord.findMany({
        where: {
          sessionId: session,
          ...(at === undefined || id === undefined
            ? {}
            : { OR: [{ firstSeenAt: { gt: at } }, { firstSeenAt: { equals: at }, id: { gt: BigInt(id) } }] }),
        },
        orderBy: [{ firstSeenAt: 'asc' }, { id: 'asc' }],
        take: limit + 1,
      });
      const sides = await sidesOf(
        client,
        session,
        rows.slice(0, limit).map((row) => row.id),
      );
      return toPage(
        rows,
        limit,
        (row) => toBattle(row, sides.get(row.id) ?? []),
        (row) => encodeCursor('battles', [row.firstSeenAt.toISOString(), String(row.id)]),
      );
    });
  }
}

/** By battle, hosts before teams, most points first. */
async function sidesOf(
  client: DatabaseClient,
  session: string,
  battles: readonly bigint[],
): Promise<ReadonlyMap<bigint, readonly BattleSideRow[]>> {
  if (battles.length === 0) return new Map();
  const which = Prisma.sql`session_id = ${session} AND battle_id = ANY(${battles.map(String)}::bigint[])`;
  const sides = await client.$queryRaw<StoredSide[]>`
    SELECT battle_id, kind, side_id, team_id, unique_id, nickname, score, result, won
    FROM v_battle_sides WHERE ${which} ORDER BY kind, score DESC, side_id`;
  const scores = await client.$queryRaw<StoredScore[]>`
    SELECT battle_id, kind, side_id, at, score FROM battle_scores WHERE ${which} ORDER BY at`;
  const contributors = await client.$queryRaw<StoredContributor[]>`
    SELECT c.battle_id, c.kind, c.side_id, c.viewer_id, c.score, v.unique_id, v.nickname
    FROM (
      SELECT *, row_number() OVER (PARTITION BY battle_id, kind, side_id ORDER BY score DESC, viewer_id) AS place
      FROM battle_contributors WHERE ${which}
    ) AS c LEFT JOIN viewers v ON v.id = c.viewer_id
    WHERE c.place <= ${MAX_SHOWN_CONTRIBUTORS} ORDER BY c.place`;
  const scoresBySide = bySide(scores);
  const contributorsBySide = bySide(contributors);
  const rows = new Map<bigint, BattleSideRow[]>();
  for (const side of sides) {
    const name = sideName(side);
    const list = rows.get(side.battle_id) ?? [];
    list.push(toSide(side, scoresBySide.get(name) ?? [], contributorsBySide.get(name) ?? []));
    rows.set(side.battle_id, list);
  }
  return rows;
}

function bySide<T extends StoredKey>(rows: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const sides = new Map<string, T[]>();
  for (const row of rows) {
    const list = sides.get(sideName(row));
    if (list === undefined) sides.set(sideName(row), [row]);
    else list.push(row);
  }
  return sides;
}

function sideName({ battle_id, kind, side_id }: StoredKey): string {
  return `${battle_id} ${kind} ${side_id}`;
}

function toSide(
  side: StoredSide,
  scores: readonly StoredScore[],
  contributors: readonly StoredContributor[],
): BattleSideRow {
  return {
    kind: side.kind,
    id: String(side.side_id),
    ...namesOf(side),
    ...(side.team_id === null ? {} : { teamId: String(side.team_id) }),
    score: Number(side.score),
    ...(side.result === null ? {} : { result: side.result }),
    ...(side.won === null ? {} : { won: side.won }),
    scores: scores.map(({ at, score }) => ({ at, score: Number(score) })),
    contributors: contributors.map((row) => ({
      viewer: personOf(row),
      score: Number(row.score),
    })),
  };
}

function toBattle(row: StoredBattle, sides: readonly BattleSideRow[]): BattleRow {
  return {
    id: String(row.id),
    ...(row.type === null ? {} : { type: row.type }),
    ...(row.startedAt === null ? {} : { startedAt: row.startedAt }),
    ...(row.endsAt === null ? {} : { endsAt: row.endsAt }),
    ...(row.durationSeconds === null ? {} : { durationSeconds: row.durationSeconds }),
    firstSeenAt: row.firstSeenAt,
    ...(row.endedAt === null ? {} : { endedAt: row.endedAt }),
    cutShort: row.cutShort,
    sides,
  };
}
