import type { Api } from './api.js';
import type {
  Gap,
  GapPage,
  NewStreamersAnswer,
  Readiness,
  Snapshot,
  SnapshotPage,
  Streamer,
  StreamerChange,
  StreamerPage,
} from './types.js';

const PAGE = 200;
/** More are not shown: the page would hold them all in memory. */
const MOST_STREAMERS = 20_000;
/** The service takes up to 1,000 in one request. */
const ADD_AT_ONCE = 500;
const MOST_SNAPSHOTS = 4_000;
const MOST_GAPS = 1_000;

export const streamerPath = (uniqueId: string): string => `/v1/streamers/${encodeURIComponent(uniqueId)}`;
export const sessionPath = (id: string): string => `/v1/sessions/${encodeURIComponent(id)}`;

/** All streamers, page by page. */
export async function allStreamers(api: Api, signal: AbortSignal): Promise<Streamer[]> {
  const all: Streamer[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor === undefined ? {} : { cursor }) });
    const page: StreamerPage = await api.call(`/v1/streamers?${query.toString()}`, { signal });
    all.push(...page.streamers);
    cursor = page.nextCursor;
  } while (cursor !== undefined && all.length < MOST_STREAMERS);
  return all;
}

/** Snapshots of a session, oldest first, from the page on that `from` names. */
export interface SnapshotRun {
  readonly snapshots: readonly Snapshot[];
  /** Cursor of the last page and how many came before it: where a later look begins. */
  readonly from: { cursor: string | undefined; before: number };
}

/** What is known already is not fetched again: only the last page can have grown. */
export async function snapshotsOf(
  api: Api,
  sessionId: string,
  signal: AbortSignal,
  known?: SnapshotRun,
): Promise<SnapshotRun> {
  let from = known?.from ?? { cursor: undefined, before: 0 };
  const snapshots = [...(known?.snapshots ?? [])].slice(0, from.before);
  for (;;) {
    const query = new URLSearchParams({
      limit: String(PAGE),
      ...(from.cursor === undefined ? {} : { cursor: from.cursor }),
    });
    const page: SnapshotPage = await api.call(`${sessionPath(sessionId)}/snapshots?${query.toString()}`, { signal });
    snapshots.push(...page.snapshots);
    if (page.nextCursor === undefined || snapshots.length >= MOST_SNAPSHOTS) return { snapshots, from };
    from = { cursor: page.nextCursor, before: snapshots.length };
  }
}

/** Gaps of a session, oldest first. */
export async function gapsOf(api: Api, sessionId: string, signal: AbortSignal): Promise<Gap[]> {
  const gaps: Gap[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor === undefined ? {} : { cursor }) });
    const page: GapPage = await api.call(`${sessionPath(sessionId)}/gaps?${query.toString()}`, { signal });
    gaps.push(...page.gaps);
    cursor = page.nextCursor;
  } while (cursor !== undefined && gaps.length < MOST_GAPS);
  return gaps;
}

export const readiness = (api: Api, signal: AbortSignal): Promise<Readiness> =>
  api.call('/readyz', { signal, accept: [503] });

export interface AddReport {
  readonly created: number;
  readonly known: number;
  /** With the reason that the service gives. */
  readonly invalid: readonly { name: string; reason: string }[];
}

/** Adds streamers, in parts; `onProgress` gets how many were sent. */
export async function addStreamers(
  api: Api,
  names: readonly string[],
  extra: Pick<StreamerChange, 'labels' | 'paused'>,
  onProgress: (sent: number) => void,
): Promise<AddReport> {
  const results: NewStreamersAnswer['results'] = [];
  for (let start = 0; start < names.length; start += ADD_AT_ONCE) {
    const streamers = names.slice(start, start + ADD_AT_ONCE).map((uniqueId) => ({ uniqueId, ...extra }));
    const answer: NewStreamersAnswer = await api.call('/v1/streamers', { method: 'POST', body: { streamers } });
    results.push(...answer.results);
    onProgress(results.length);
  }
  return reportOf(results);
}

/** Adds the streamers of a CSV list, with a heading. @throws ApiProblem that names the line and the column which are wrong */
export async function importStreamers(api: Api, csv: string): Promise<AddReport> {
  const answer: NewStreamersAnswer = await api.call('/v1/imports/streamers.csv', { method: 'POST', csv });
  return reportOf(answer.results);
}

function reportOf(results: NewStreamersAnswer['results']): AddReport {
  const count = (status: string): number => results.filter((result) => result.status === status).length;
  const invalid = results
    .filter(({ status }) => status === 'invalid')
    .map(({ uniqueId, errors }) => ({ name: uniqueId, reason: errors?.[0]?.detail ?? 'not a name' }));
  return { created: count('created'), known: count('exists'), invalid };
}
