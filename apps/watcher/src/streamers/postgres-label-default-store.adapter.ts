import { ADVISORY_LOCKS } from '../persistence/advisory-locks.js';
import type { Database, DatabaseTransaction } from '../persistence/database.js';
import type { Prisma } from '../persistence/database.js';
import { safeText } from '../persistence/safe-text.js';
import { MAX_LABEL_DEFAULTS, type LabelDefaultStore } from './label-default-store.port.js';
import { DEFAULT_PRIORITY, type LabelDefaults, type PlainSettings } from './streamer-settings.js';

/** Defaults by label in Postgres. Keeps the column by which leases are ordered in step with them. */
export class PostgresLabelDefaultStore implements LabelDefaultStore {
  constructor(private readonly database: Database) {}

  async all(): Promise<readonly LabelDefaults[]> {
    const rows = await this.database.run(
      (client) => client.$queryRaw<Row[]>`
        SELECT label, precedence, settings, created_at, updated_at FROM label_defaults ORDER BY label COLLATE "C"`,
    );
    return rows.map(toDefaults);
  }

  async put(label: string, precedence: number, settings: PlainSettings): Promise<LabelDefaults | undefined> {
    return this.database.transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADVISORY_LOCKS.labels})`;
      const others = await tx.labelDefaultRecord.count({ where: { label: { not: safeText(label) } } });
      if (others >= MAX_LABEL_DEFAULTS) return undefined;
      const values = { precedence, settings: settings as Prisma.InputJsonObject };
      const row = await tx.labelDefaultRecord.upsert({
        where: { label: safeText(label) },
        create: { label: safeText(label), ...values },
        update: { ...values, updatedAt: new Date() },
      });
      await settlePriorities(tx, label);
      return { ...row, settings: row.settings as PlainSettings };
    });
  }

  async remove(label: string): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const { count } = await tx.labelDefaultRecord.deleteMany({ where: { label: safeText(label) } });
      if (count > 0) await settlePriorities(tx, label);
      return count > 0;
    });
  }
}

interface Row {
  readonly label: string;
  readonly precedence: number;
  readonly settings: unknown;
  readonly created_at: Date;
  readonly updated_at: Date;
}

function toDefaults({ label, precedence, settings, created_at, updated_at }: Row): LabelDefaults {
  return { label, precedence, settings: settings as PlainSettings, createdAt: created_at, updatedAt: updated_at };
}

/** Rows are locked in id order, as everywhere. */
async function settlePriorities(tx: DatabaseTransaction, label: string): Promise<void> {
  await tx.$executeRaw`
    WITH locked AS MATERIALIZED (
      SELECT id FROM streamers WHERE labels @> ARRAY[${safeText(label)}]::text[] ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE streamers s SET priority = livetap_effective_priority(s.settings, s.labels, ${DEFAULT_PRIORITY}::int)
    FROM locked WHERE s.id = locked.id`;
}
