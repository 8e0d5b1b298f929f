import type { Database, DatabaseTransaction } from './database.js';
import type { CatalogueGift, GiftCatalogueStore } from './gift-catalogue-store.port.js';
import { safeJson } from './safe-text.js';

const DEFAULT_LIMIT = 10_000;

/** The gift catalogue in Postgres. */
export class PostgresGiftCatalogueStore implements GiftCatalogueStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async load(limit = DEFAULT_LIMIT): Promise<readonly CatalogueGift[]> {
    const rows = await this.#database.run((client) =>
      client.giftRecord.findMany({ orderBy: [{ seenAt: 'desc' }, { id: 'asc' }], take: limit }),
    );
    return rows.map((row) => ({
      id: String(row.id),
      ...(row.name === null ? {} : { name: row.name }),
      ...(row.diamondsEach === null ? {} : { diamondsEach: Number(row.diamondsEach) }),
      ...(row.imageUrl === null ? {} : { imageUrl: row.imageUrl }),
      seenAt: row.seenAt.getTime(),
    }));
  }

  async learn(gifts: readonly CatalogueGift[]): Promise<void> {
    await this.#database.run((client) => writeGifts(client, gifts));
  }
}

/** Adds or refreshes gifts; of the same gift given or stored, the newest description wins field by field. */
export async function writeGifts(client: DatabaseTransaction, gifts: readonly CatalogueGift[]): Promise<void> {
  if (gifts.length === 0) return;
  const newest = new Map<string, CatalogueGift>();
  for (const gift of [...gifts].sort((a, b) => a.seenAt - b.seenAt)) {
    newest.set(gift.id, { ...newest.get(gift.id), ...gift });
  }
  const input = [...newest.values()].map((gift) => ({
    id: gift.id,
    name: gift.name,
    diamonds_each: gift.diamondsEach,
    image_url: gift.imageUrl,
    seen_at: new Date(gift.seenAt),
  }));
  await client.$executeRaw`
    INSERT INTO gifts AS known (id, name, diamonds_each, image_url, seen_at)
    SELECT * FROM jsonb_to_recordset(${safeJson(input)}::jsonb)
      AS g(id bigint, name text, diamonds_each bigint, image_url text, seen_at timestamptz)
    ORDER BY id
    ON CONFLICT (id) DO UPDATE SET
      name = CASE WHEN excluded.seen_at >= known.seen_at THEN COALESCE(excluded.name, known.name)
                  ELSE COALESCE(known.name, excluded.name) END,
      diamonds_each = CASE WHEN excluded.seen_at >= known.seen_at THEN COALESCE(excluded.diamonds_each, known.diamonds_each)
                           ELSE COALESCE(known.diamonds_each, excluded.diamonds_each) END,
      image_url = CASE WHEN excluded.seen_at >= known.seen_at THEN COALESCE(excluded.image_url, known.image_url)
                       ELSE COALESCE(known.image_url, excluded.image_url) END,
      seen_at = GREATEST(known.seen_at, excluded.seen_at)`;
}
