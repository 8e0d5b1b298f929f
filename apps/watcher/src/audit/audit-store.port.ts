import type { AuditEntry, Change } from './audit-entry.js';

export interface AuditQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  /** From this time on. */
  readonly from?: Date;
  /** Before this time. */
  readonly to?: Date;
}

export interface AuditPage {
  readonly items: readonly AuditEntry[];
  readonly nextCursor?: string;
}

/** The audit log. Purging a streamer takes its name out of it. All throw DatabaseError, retryable when the database is away. */
export interface AuditStore {
  append(changes: readonly (Change & { readonly at: Date })[]): Promise<void>;
  /** Newest first. @throws DatabaseError WATCHER_CURSOR_INVALID (final) */
  list(query: AuditQuery): Promise<AuditPage>;
  /** Removes entries before this time; how many. */
  prune(before: Date): Promise<number>;
}

export const AUDIT_STORE = Symbol('AuditStore');
