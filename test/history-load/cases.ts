import { readFile } from 'node:fs/promises';

/** What one measurement asks for. */
export interface Target {
  readonly streamer: number;
  /** Name of the streamer. */
  readonly uniqueId: string;
  /** TikTok user id of the streamer. */
  readonly userId: string;
  /** A session of the last 4 weeks. */
  readonly session: string;
  /** A session of which only means are left. */
  readonly oldSession: string;
}

/** A list of REST; pages are walked through, one at a measurement. */
export interface ListCase {
  readonly name: string;
  readonly path: (target: Target) => string;
}

/** A statement as `livetap_read`. */
export interface QueryCase {
  readonly name: string;
  readonly sql: (target: Target) => string;
}

const PAGE = 100;
/** The longest page of the list of battles. */
const BATTLE_PAGE = 50;

export const LISTS: readonly ListCase[] = [
  // What an answer costs on this machine just now: nothing is asked of the database.
  { name: 'nothing (livez)', path: () => '/livez' },
  { name: 'streamers', path: () => `/v1/streamers?limit=${PAGE}` },
  { name: 'sessions of a streamer', path: ({ uniqueId }) => `/v1/streamers/${uniqueId}/sessions?limit=${PAGE}` },
  { name: 'sessions of all streamers', path: () => `/v1/sessions?limit=${PAGE}` },
  { name: 'sessions of all streamers, by diamonds', path: () => `/v1/sessions?sort=diamonds&limit=${PAGE}` },
  { name: 'leaderboard of streamers', path: () => `/v1/leaderboards/streamers?limit=${PAGE}` },
  {
    name: 'leaderboard of the gifters of a streamer',
    path: ({ uniqueId }) => `/v1/leaderboards/gifters?streamer=${uniqueId}&limit=${PAGE}`,
  },
  { name: 'gifters of a streamer', path: ({ uniqueId }) => `/v1/streamers/${uniqueId}/gifters?limit=${PAGE}` },
  {
    // Every 50th: its sessions do not say whose they are.
    name: 'gifters of a streamer whose user id is not known',
    path: ({ streamer }) => `/v1/streamers/streamer${Math.max(50, streamer - (streamer % 50))}/gifters?limit=${PAGE}`,
  },
  { name: 'one session', path: ({ session }) => `/v1/sessions/${session}` },
  { name: 'snapshots', path: ({ session }) => `/v1/sessions/${session}/snapshots?limit=${PAGE}` },
  {
    name: 'snapshots in steps of 5 minutes',
    path: ({ session }) => `/v1/sessions/${session}/snapshots?resolution=300&limit=${PAGE}`,
  },
  { name: 'snapshots of long ago', path: ({ oldSession }) => `/v1/sessions/${oldSession}/snapshots?limit=${PAGE}` },
  { name: 'gifters', path: ({ session }) => `/v1/sessions/${session}/gifters?limit=${PAGE}` },
  { name: 'gifts', path: ({ session }) => `/v1/sessions/${session}/gifts?limit=${PAGE}` },
  { name: 'gaps', path: ({ session }) => `/v1/sessions/${session}/gaps?limit=${PAGE}` },
  { name: 'battles', path: ({ session }) => `/v1/sessions/${session}/battles?limit=${BATTLE_PAGE}` },
];

const view = (name: string, rest: (target: Target) => string): QueryCase => ({
  name,
  sql: (target) => `SELECT * FROM ${name} ${rest(target)} LIMIT ${PAGE}`,
});
const ofSession = (name: string, order: string): QueryCase =>
  view(name, ({ session }) => `WHERE session_id = '${session}' ORDER BY ${order}`);

/** A page of each view, as one asks it. */
export const VIEWS: readonly QueryCase[] = [
  { name: 'nothing (SELECT 1)', sql: () => 'SELECT 1' },
  view('v_streamers', () => 'ORDER BY unique_id'),
  view('v_sessions', ({ uniqueId }) => `WHERE unique_id = '${uniqueId}' ORDER BY joined_at DESC`),
  ofSession('v_session_gifters', 'diamonds DESC, viewer_id DESC'),
  ofSession('v_session_gifts', 'diamonds DESC'),
  view(
    'v_streamer_gifters',
    ({ userId }) => `WHERE tiktok_user_id = '${userId}' ORDER BY diamonds DESC, viewer_id DESC`,
  ),
  ofSession('v_session_viewers', 'viewer_id'),
  ofSession('v_session_gaps', 'began'),
  ofSession('v_viewers_by_minute', 'minute'),
  ofSession('v_viewers_by_5_minutes', 'at'),
  ofSession('v_battles', 'started_at'),
  ofSession('v_battle_sides', 'battle_id, side_id'),
  ofSession('v_battle_contributors', 'battle_id, side_id, score DESC'),
  ofSession('v_archived_events', 'recorded_at'),
  view('v_gifts', () => 'ORDER BY diamonds_each DESC'),
];

/** The ten queries of docs/database.md, with pages of 100. */
export async function documentedQueries(): Promise<readonly QueryCase[]> {
  const text = await readFile(new URL('../../docs/database.md', import.meta.url), 'utf8');
  const found = [...text.slice(text.indexOf('## Ten queries')).matchAll(/^\d+\. (.*?):?\n\n```sql\n([\s\S]*?)```/gm)];
  if (found.length !== 10) throw new Error(`docs/database.md has ${found.length} queries, not ten`);
  return found.map(([, title = '', sql = ''], index) => ({
    name: `query ${index + 1}: ${title}`,
    sql: ({ session, uniqueId, userId }) =>
      sql
        .replaceAll('7228996979260232668', session)
        .replaceAll('some.streamer', uniqueId)
        .replaceAll('6910000000000000001', userId)
        .replaceAll(/LIMIT 20\b/g, `LIMIT ${PAGE}`)
        .replace(/;\s*$/, ''),
  }));
}
