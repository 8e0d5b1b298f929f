import type { HistoryReader, Page } from '../history/history.port.js';
import type { StreamerService } from '../streamers/streamer-service.js';
import { StreamerError } from '../streamers/streamer.errors.js';
import { normalizeUniqueId } from '../streamers/unique-id.js';
import { AdminError } from './admin.errors.js';
import type { PageQuery } from './schemas.js';

export const HISTORY_TAG = 'History';
export const SESSION_PARAMS = { id: 'Session id: the room id, with -2, -3 … when the room went live again.' };

/**
 * The name as the readers of history take it: they lead from earlier names and user ids to the streamer by themselves.
 * @throws StreamerError WATCHER_INVALID_UNIQUE_ID
 */
export function historyName(uniqueId: string): string {
  return normalizeUniqueId(uniqueId);
}

/** An empty page of a streamer that is not monitored, and has no history, is no answer. @throws StreamerError WATCHER_STREAMER_NOT_FOUND */
export async function expectStreamer(
  streamers: StreamerService,
  history: Pick<HistoryReader, 'sessionsOf'>,
  name: string,
): Promise<void> {
  try {
    await streamers.get(name);
  } catch (error) {
    if (!(error instanceof StreamerError) || error.code !== 'WATCHER_STREAMER_NOT_FOUND') throw error;
    if ((await history.sessionsOf(name, { limit: 1 })).items.length === 0) throw error;
  }
}

/** An empty page of a session that is not there is no answer. @throws AdminError WATCHER_SESSION_NOT_FOUND */
export async function expectSession(history: Pick<HistoryReader, 'session'>, id: string): Promise<void> {
  if ((await history.session(id)) === undefined) throw noSession(id);
}

export function noSession(id: string): AdminError {
  return new AdminError(
    'WATCHER_SESSION_NOT_FOUND',
    `There is no session ${id.slice(0, 100)}. GET /v1/streamers/{uniqueId}/sessions lists those of a streamer.`,
  );
}

export function pageOf({ limit, cursor }: PageQuery): { limit: number; cursor?: string } {
  return { limit, ...(cursor === undefined ? {} : { cursor }) };
}

export function nextOf(page: Page<unknown>): { nextCursor?: string } {
  return page.nextCursor === undefined ? {} : { nextCursor: page.nextCursor };
}
