import type { ApiKeyChanges, ApiKeyStore, NewApiKey } from './api-key-store.port.js';
import { MAX_STORED_KEYS, type StoredApiKey } from './stored-api-key.js';

/** Keys in memory, for tests: same contract suite as those in Postgres. */
export class MemoryApiKeyStore implements ApiKeyStore {
  readonly #keys = new Map<string, StoredApiKey>();

  async all(): Promise<readonly StoredApiKey[]> {
    return [...this.#keys.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async find(id: string): Promise<StoredApiKey | undefined> {
    return this.#keys.get(id);
  }

  async add(key: NewApiKey): Promise<StoredApiKey | 'exists' | 'full'> {
    if (this.#named(key.name)) return 'exists';
    if (this.#keys.size >= MAX_STORED_KEYS) return 'full';
    const now = new Date();
    const stored = { ...key, createdAt: now, updatedAt: now };
    this.#keys.set(key.id, stored);
    return stored;
  }

  async change(id: string, changes: ApiKeyChanges): Promise<StoredApiKey | 'exists' | undefined> {
    const known = this.#keys.get(id);
    if (known === undefined) return undefined;
    if (changes.name !== undefined && changes.name !== known.name && this.#named(changes.name)) return 'exists';
    const { requestsPerMinute, expiresAt, ...rest } = known;
    const limit = changes.requestsPerMinute === undefined ? requestsPerMinute : changes.requestsPerMinute;
    const end = changes.expiresAt === undefined ? expiresAt : changes.expiresAt;
    return this.#put({
      ...rest,
      name: changes.name ?? known.name,
      role: changes.role ?? known.role,
      ...(typeof limit === 'number' ? { requestsPerMinute: limit } : {}),
      ...(end instanceof Date ? { expiresAt: end } : {}),
    });
  }

  async rotate(
    id: string,
    { hash, prefix, previousValidUntil }: { hash: string; prefix: string; previousValidUntil: Date },
  ): Promise<StoredApiKey | undefined> {
    const known = this.#keys.get(id);
    if (known === undefined) return undefined;
    return this.#put({ ...known, hash, prefix, previous: { hash: known.hash, validUntil: previousValidUntil } });
  }

  async remove(id: string): Promise<StoredApiKey | undefined> {
    const known = this.#keys.get(id);
    this.#keys.delete(id);
    return known;
  }

  async used(at: ReadonlyMap<string, Date>): Promise<void> {
    for (const [id, lastUsedAt] of at) {
      const known = this.#keys.get(id);
      if (known) this.#keys.set(id, { ...known, lastUsedAt });
    }
  }

  #named(name: string): boolean {
    return [...this.#keys.values()].some((key) => key.name === name);
  }

  #put(key: StoredApiKey): StoredApiKey {
    const changed = { ...key, updatedAt: new Date() };
    this.#keys.set(key.id, changed);
    return changed;
  }
}
