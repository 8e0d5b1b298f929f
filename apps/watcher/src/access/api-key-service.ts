import type { Clock } from '../common/clock.port.js';
import type { Secret } from '../common/secret.js';
import type { ApiKey, Role } from '../config/api-key.js';
import { AccessError } from './access.errors.js';
import type { ApiKeyChanges, ApiKeyStore } from './api-key-store.port.js';
import type { KeyRing } from './key-ring.js';
import { LOCAL } from './principal.js';
import { MAX_STORED_KEYS, newKeyId, newSecret, type StoredApiKey } from './stored-api-key.js';

export interface ApiKeyServiceOptions {
  readonly store: ApiKeyStore;
  readonly ring: Pick<KeyRing, 'refresh'>;
  readonly clock: Clock;
  /** Keys of the settings: their names are taken. */
  readonly settingsKeys: readonly Pick<ApiKey, 'name' | 'role'>[];
}

export interface CreateApiKey {
  readonly name: string;
  readonly role: Role;
  readonly requestsPerMinute?: number;
  readonly expiresAt?: Date;
}

/** A key with its secret, which nobody is told again. */
export interface IssuedApiKey {
  readonly key: StoredApiKey;
  readonly secret: Secret;
}

/** What admins do with keys. A change counts at this replica when it resolves, at others within seconds. */
export class ApiKeyService {
  constructor(private readonly options: ApiKeyServiceOptions) {}

  /** The keys of the settings (name and role are all that is told of them), in their order. */
  get settingsKeys(): readonly Pick<ApiKey, 'name' | 'role'>[] {
    return this.options.settingsKeys;
  }

  async all(): Promise<readonly StoredApiKey[]> {
    return this.options.store.all();
  }

  /** @throws AccessError WATCHER_KEY_NOT_FOUND */
  async get(id: string): Promise<StoredApiKey> {
    return (await this.options.store.find(id)) ?? notFound();
  }

  /** @throws AccessError WATCHER_KEY_EXISTS, WATCHER_KEY_TOO_MANY */
  async create(key: CreateApiKey, createdBy: string): Promise<IssuedApiKey> {
    this.#mustBeFree(key.name);
    const { secret, hash, prefix } = newSecret();
    const stored = await this.options.store.add({ id: newKeyId(), ...key, hash, prefix, createdBy });
    if (stored === 'full') {
      throw new AccessError('WATCHER_KEY_TOO_MANY', `There are ${MAX_STORED_KEYS} keys, the most that may be.`);
    }
    await this.options.ring.refresh();
    return { key: stored === 'exists' ? taken(key.name) : stored, secret };
  }

  /** @throws AccessError WATCHER_KEY_NOT_FOUND, WATCHER_KEY_EXISTS */
  async change(id: string, changes: ApiKeyChanges): Promise<StoredApiKey> {
    if (changes.name !== undefined) this.#mustBeFree(changes.name);
    const stored = (await this.options.store.change(id, changes)) ?? notFound();
    await this.options.ring.refresh();
    return stored === 'exists' ? taken(changes.name ?? '') : stored;
  }

  /**
   * A new secret; the one before counts for so long beside it. The one before that ends now.
   * @throws AccessError WATCHER_KEY_NOT_FOUND
   */
  async rotate(id: string, previousValidMs: number): Promise<IssuedApiKey> {
    const { secret, hash, prefix } = newSecret();
    const previousValidUntil = new Date(this.options.clock.now() + previousValidMs);
    const key = (await this.options.store.rotate(id, { hash, prefix, previousValidUntil })) ?? notFound();
    await this.options.ring.refresh();
    return { key, secret };
  }

  /** The key that is refused from now on. @throws AccessError WATCHER_KEY_NOT_FOUND */
  async revoke(id: string): Promise<StoredApiKey> {
    const key = (await this.options.store.remove(id)) ?? notFound();
    await this.options.ring.refresh();
    return key;
  }

  #mustBeFree(name: string): void {
    if (name === LOCAL.name || this.options.settingsKeys.some((key) => key.name === name)) taken(name);
  }
}

function taken(name: string): never {
  throw new AccessError('WATCHER_KEY_EXISTS', `There is a key "${name}" already. Give another name.`);
}

function notFound(): never {
  throw new AccessError('WATCHER_KEY_NOT_FOUND', 'There is no such key. GET /v1/keys lists them.');
}
