import type { DatabaseClient, Prisma } from '../persistence/database.js';
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
  const streamer = await client.streamerRecord.findFirst({
    where: {
      OR: [
        { uniqueId: name },
        { aliases: { some: { alias: name } } },
        ...(userId === undefined ? [] : [{ tiktokUserId: userId }]),
      ],
    },
    include: { aliases: true },
  });
  const names = [
    ...new Set([name, ...(streamer ? [streamer.uniqueId, ...streamer.aliases.map(({ alias }) => alias)] : [])]),
  ];
  const tiktokUserId = streamer?.tiktokUserId ?? userId;
  return {
    names,
    ...(tiktokUserId === undefined ? {} : { tiktokUserId }),
    sessions: [{ uniqueId: { in: names } }, ...(tiktokUserId === undefined ? [] : [{ tiktokUserId }])],
  };
}
