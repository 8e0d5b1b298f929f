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
import { namesOf, type StoredNames } from './row-values.js';

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

interface StoredScores extends StoredKey {
  /** Time in ms since the epoch, and points. */
  readonly scores: readonly (readonly [at: number, score: number])[];
}

interface StoredContributors extends StoredKey {
  readonly contributors: readonly (readonly [
    id: string,
    score: number,
    uniqueId: string | null,
    nickname: string | null,
  ])[];
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
  // A side has many points and supporters: they come as one value, which is read much faster than as many rows.
  const [sides, scores, contributors] = await Promise.all([
    client.$queryRaw<StoredSide[]>`
      SELECT battle_id, kind, side_id, team_id, unique_id, nickname, score, result, won
      FROM v_battle_sides WHERE ${which} ORDER BY kind, score DESC, side_id`,
    client.$queryRaw<StoredScores[]>`
      SELECT battle_id, kind, side_id,
        jsonb_agg(jsonb_build_array((extract(epoch FROM at) * 1000)::bigint, score) ORDER BY at) AS scores
      FROM battle_scores WHERE ${which} GROUP BY battle_id, kind, side_id`,
    client.$queryRaw<StoredContributors[]>`
      SELECT c.battle_id, c.kind, c.side_id,
        jsonb_agg(jsonb_build_array(c.viewer_id::text, c.score, v.unique_id, v.nickname) ORDER BY c.place) AS contributors
      FROM (
        SELECT *, row_number() OVER (PARTITION BY battle_id, kind, side_id ORDER BY score DESC, viewer_id) AS place
        FROM battle_contributors WHERE ${which}
      ) AS c LEFT JOIN viewers v ON v.id = c.viewer_id
      WHERE c.place <= ${MAX_SHOWN_CONTRIBUTORS} GROUP BY c.battle_id, c.kind, c.side_id`,
  ]);
  const scoresBySide = new Map(scores.map((row) => [sideName(row), row.scores]));
  const contributorsBySide = new Map(contributors.map((row) => [sideName(row), row.contributors]));
  const rows = new Map<bigint, BattleSideRow[]>();
  for (const side of sides) {
    const name = sideName(side);
    const list = rows.get(side.battle_id) ?? [];
    list.push(toSide(side, scoresBySide.get(name) ?? [], contributorsBySide.get(name) ?? []));
    rows.set(side.battle_id, list);
  }
  return rows;
}

function sideName({ battle_id, kind, side_id }: StoredKey): string {
  return `${battle_id} ${kind} ${side_id}`;
}

function toSide(
  side: StoredSide,
  scores: StoredScores['scores'],
  contributors: StoredContributors['contributors'],
): BattleSideRow {
  return {
    kind: side.kind,
    id: String(side.side_id),
    ...namesOf(side),
    ...(side.team_id === null ? {} : { teamId: String(side.team_id) }),
    score: Number(side.score),
    ...(side.result === null ? {} : { result: side.result }),
    ...(side.won === null ? {} : { won: side.won }),
    scores: scores.map(([at, score]) => ({ at: new Date(at), score })),
    contributors: contributors.map(([id, score, unique_id, nickname]) => ({
      viewer: { id, ...namesOf({ unique_id, nickname }) },
      score,
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
