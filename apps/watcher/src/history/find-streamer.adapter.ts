import { type DatabaseClient, Prisma } from '../persistence/database.js';
import { safeText } from '../persistence/safe-text.js';

const ID_PREFIX = 'id:';

/** How the history of a streamer is found. */
export interface FoundStreamer {
  /** All names that the streamer had as far as known, lower case. */
  readonly names: readonly string[];
  /** TikTok user id; absent when it is not known. */
  readonly tiktokUserId?: string;
  /** Conditions on sessions: each that fits one of them is the streamer's. */
  readonly sessions: Prisma.SessionRecordWhereInput[];
}

/** A name, an earlier name or `id:<TikTok user id>`; also of a streamer that was removed. */
export async function findStreamer(client: DatabaseClient, uniqueId: string): Promise<FoundStreamer> {
  const name = safeText(uniqueId);
  const userId = name.startsWith(ID_PREFIX) ? name.slice(ID_PREFIX.length) : undefined;
  const [streamer] = await client.$queryRaw<{ unique_id: string; tiktok_user_id: string | null; aliases: string[] }[]>`
    SELECT unique_id, tiktok_user_id, ARRAY(SELECT alias FROM streamer_aliases a WHERE a.streamer_id = s.id) AS aliases
    FROM streamers s
    WHERE id = (
      SELECT id FROM streamers WHERE unique_id = ${name}
      UNION ALL SELECT streamer_id FROM streamer_aliases WHERE alias = ${name}
      UNION ALL SELECT id FROM streamers WHERE tiktok_user_id = ${userId ?? null}::text
      LIMIT 1
    )`;
  const names = [...new Set([name, ...(streamer === undefined ? [] : [streamer.unique_id, ...streamer.aliases])])];
  const tiktokUserId = streamer?.tiktok_user_id ?? userId;
  return {
    names,
    ...(tiktokUserId === undefined ? {} : { tiktokUserId }),
    sessions: [{ uniqueId: { in: names } }, ...(tiktokUserId === undefined ? [] : [{ tiktokUserId }])],
  };
}

/** `FoundStreamer.sessions` as a condition on the columns unique_id and tiktok_user_id of a statement. */
export function isOfStreamer({ names, tiktokUserId }: FoundStreamer): Prisma.Sql {
  return Prisma.sql`(unique_id = ANY(${[...names]}::text[]) OR tiktok_user_id = ${tiktokUserId ?? null}::text)`;
}
