import type { Logger } from '../common/logger.port.js';
import { isWatcherError } from '../common/watcher.error.js';
import type { Database } from '../persistence/database.js';
import type { StreamerVault } from './streamer-vault.js';

const BATCH = 500;

/**
 * Seals what streamers and proxy pools have in the clear (addresses of proxies from before they were sealed) or under an older key, so that the
 * older key can go. A row that somebody changes meanwhile is left as they set it. What cannot be opened is left and named.
 * @throws DatabaseError
 */
export async function sealStreamersAnew(database: Database, vault: StreamerVault, logger: Logger): Promise<void> {
  let sealed = 0;
  for (let after = 0n; ;) {
    const rows = await database.run((client) =>
      client.streamerRecord.findMany({
        where: { id: { gt: after }, OR: [{ proxyUrl: { not: null } }, { sealedSession: { not: null } }] },
        select: { id: true, uniqueId: true, proxyUrl: true, sealedSession: true },
        orderBy: { id: 'asc' },
        take: BATCH,
      }),
    );
    for (const { id, uniqueId, proxyUrl, sealedSession } of rows) {
      after = id;
      try {
        const proxy = proxyUrl === null ? undefined : vault.sealProxyAnew(String(id), proxyUrl);
        const session = sealedSession === null ? undefined : vault.sealSessionAnew(String(id), sealedSession);
        if (proxy === undefined && session === undefined) continue;
        const { count } = await database.run((client) =>
          client.streamerRecord.updateMany({
            where: { id, proxyUrl, sealedSession },
            data: {
              ...(proxy === undefined ? {} : { proxyUrl: proxy }),
              ...(session === undefined ? {} : { sealedSession: session }),
            },
          }),
        );
        sealed += count;
      } catch (error) {
        if (!isWatcherError(error) || !error.code.startsWith('WATCHER_SECRETS_')) throw error;
        logger.warn('streamer.secretUnreadable', { uniqueId, error });
      }
    }
    if (rows.length < BATCH) break;
  }
  for (const { id, poolName, url } of await database.run((client) => client.poolProxyRecord.findMany())) {
    try {
      const anew = vault.sealPoolProxyAnew(id, url);
      if (anew === undefined) continue;
      await database.run((client) => client.poolProxyRecord.updateMany({ where: { id, url }, data: { url: anew } }));
      sealed += 1;
    } catch (error) {
      if (!isWatcherError(error) || !error.code.startsWith('WATCHER_SECRETS_')) throw error;
      logger.warn('proxy.secretUnreadable', { pool: poolName, proxyId: id, error });
    }
  }
  if (sealed > 0) logger.info('secrets.sealedAnew', { rows: sealed });
}
