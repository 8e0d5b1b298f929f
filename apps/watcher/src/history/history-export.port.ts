/** What can be exported, each as a table of flat rows. */
export const EXPORTS = ['sessions', 'snapshots', 'gifters', 'gifts', 'battles', 'gaps', 'events'] as const;
export type ExportName = (typeof EXPORTS)[number];

export interface ExportRequest {
  readonly what: ExportName;
  /** Only sessions of this streamer: a name, an earlier name or `id:<TikTok user id>`. */
  readonly streamer?: string;
  /** Only this session. */
  readonly session?: string;
  /** Only sessions that were seen at or after this time (UTC); snapshots and events are cut off there. */
  readonly from?: Date;
  /** Only sessions that were seen before this time (UTC); snapshots and events are cut off there. */
  readonly to?: Date;
  /** Of events: only these names of the contract. */
  readonly types?: readonly string[];
}

/** Times are RFC 3339 in UTC, ids decimal; null is what is not known. Only whole events are objects. */
export type ExportValue = string | number | boolean | null | object;
export type ExportRow = Readonly<Record<string, ExportValue>>;

/** Hands out whole tables of history in pages, so that memory does not grow with their length. */
export interface HistoryExporter {
  /** Names of the columns in their order; every row has them all. */
  columns(what: ExportName): readonly string[];
  /**
   * Rows of one session after those of the other, oldest session first. Each page is read when it is asked for and shows the
   * database as it is then: no transaction stays open, and who was erased meanwhile is not in the pages to come. What a
   * running session gets meanwhile may be in it or not. Pages hold up to 1,000 rows and are never empty.
   * @throws DatabaseError, retryable when the database is away
   */
  pages(request: ExportRequest): AsyncGenerator<readonly ExportRow[], void, undefined>;
}

export const HISTORY_EXPORTER = Symbol('HistoryExporter');
