import { Prisma, type Database } from '../persistence/database.js';
import { boundedLimit, CURSOR_NUMBER, decodeCursor, encodeCursor, toPage } from '../persistence/page-cursor.js';
import { safeJson, safeText } from '../persistence/safe-text.js';
import { AUDIT_CHANNELS, type AuditDetails, type AuditEntry, type Change } from './audit-entry.js';
import type { AuditPage, AuditQuery, AuditStore } from './audit-store.port.js';

type Row = Prisma.AuditEntryRecordGetPayload<object>;

/** Entries removed by one statement, so that none holds locks for long. */
const PRUNE_ROWS = 10_000;

/** The audit log in Postgres. */
export class PostgresAuditStore implements AuditStore {
  constructor(private readonly database: Database) {}

  async append(changes: readonly (Change & { readonly at: Date })[]): Promise<void> {
    const data = changes.map(({ at, actor, channel, action, target, details }) => ({
      at,
      actor: safeText(actor),
      channel,
      action,
      target: target === undefined ? null : safeText(target),
      details: JSON.parse(safeJson(details ?? {})) as Prisma.InputJsonObject,
    }));
    await this.database.run((client) => client.auditEntryRecord.createMany({ data }));
  }

  async list(query: AuditQuery): Promise<AuditPage> {
    const limit = boundedLimit(query.limit);
    const [before] = query.cursor === undefined ? [] : decodeCursor('audit', query.cursor, [CURSOR_NUMBER]);
    const { actor, action, target, from, to } = query;
    const rows = await this.database.run((client) =>
      client.auditEntryRecord.findMany({
        where: {
          ...(before === undefined ? {} : { id: { lt: BigInt(before) } }),
          ...(actor === undefined ? {} : { actor: safeText(actor) }),
          ...(action === undefined ? {} : { action: safeText(action) }),
          ...(target === undefined ? {} : { target: safeText(target) }),
          at: { ...(from === undefined ? {} : { gte: from }), ...(to === undefined ? {} : { lt: to }) },
        },
        orderBy: { id: 'desc' },
        take: limit + 1,
      }),
    );
    return toPage(rows, limit, toEntry, (row) => encodeCursor('audit', [String(row.id)]));
  }

  async prune(before: Date): Promise<number> {
    let pruned = 0;
    for (;;) {
      const count = await this.database.run(
        (client) => client.$executeRaw`
          DELETE FROM audit_entries WHERE id IN (
            SELECT id FROM audit_entries WHERE at < ${before} ORDER BY id LIMIT ${PRUNE_ROWS}
          )`,
      );
      pruned += count;
      if (count < PRUNE_ROWS) return pruned;
    }
  }
}

function toEntry({ id, at, actor, channel, action, target, details }: Row): AuditEntry {
  return {
    id: String(id),
    at,
    actor,
    channel: AUDIT_CHANNELS.find((known) => known === channel) ?? 'rest',
    action,
    ...(target === null ? {} : { target }),
    details: details as AuditDetails,
  };
}
