import { boundedLimit, CURSOR_NUMBER, decodeCursor, encodeCursor, toPage } from '../persistence/page-cursor.js';
import type { AuditEntry, Change } from './audit-entry.js';
import type { AuditPage, AuditQuery, AuditStore } from './audit-store.port.js';

/** The audit log in memory, for tests: same contract suite as the one in Postgres. */
export class MemoryAuditStore implements AuditStore {
  #entries: AuditEntry[] = [];
  #last = 0;

  async append(changes: readonly (Change & { readonly at: Date })[]): Promise<void> {
    for (const change of changes) this.#entries.push({ ...change, id: String((this.#last += 1)) });
  }

  async list(query: AuditQuery): Promise<AuditPage> {
    const limit = boundedLimit(query.limit);
    const [before] = query.cursor === undefined ? [] : decodeCursor('audit', query.cursor, [CURSOR_NUMBER]);
    const { actor, action, target, from, to } = query;
    const found = this.#entries
      .filter((entry) => before === undefined || BigInt(entry.id) < BigInt(before))
      .filter((entry) => actor === undefined || entry.actor === actor)
      .filter((entry) => action === undefined || entry.action === action)
      .filter((entry) => target === undefined || entry.target === target)
      .filter((entry) => from === undefined || entry.at >= from)
      .filter((entry) => to === undefined || entry.at < to)
      .reverse();
    return toPage(
      found.slice(0, limit + 1),
      limit,
      (entry) => entry,
      (entry) => encodeCursor('audit', [entry.id]),
    );
  }

  async prune(before: Date): Promise<number> {
    const kept = this.#entries.filter(({ at }) => at >= before);
    const pruned = this.#entries.length - kept.length;
    this.#entries = kept;
    return pruned;
  }
}
