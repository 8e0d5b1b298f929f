import type { Role } from '../config/api-key.js';
import type { StoredApiKey } from './stored-api-key.js';

export interface NewApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly prefix: string;
  readonly hash: string;
  readonly requestsPerMinute?: number;
  readonly expiresAt?: Date;
  readonly createdBy: string;
}

/** Left out: stays as it is. null: taken back. */
export interface ApiKeyChanges {
  readonly name?: string;
  readonly role?: Role;
  readonly requestsPerMinute?: number | null;
  readonly expiresAt?: Date | null;
}

/** The keys in the database. All throw DatabaseError, retryable when it is away. */
export interface ApiKeyStore {
  /** All of them, by name. */
  all(): Promise<readonly StoredApiKey[]>;
  find(id: string): Promise<StoredApiKey | undefined>;
  /** `exists`: the name is taken. `full`: there are as many as may be. Atomic under concurrency. */
  add(key: NewApiKey): Promise<StoredApiKey | 'exists' | 'full'>;
  /** undefined when there is no such key; `exists` when another one has the name. */
  change(id: string, changes: ApiKeyChanges): Promise<StoredApiKey | 'exists' | undefined>;
  /** Puts a new secret in the place of the present one, which counts until `previousValidUntil`. undefined: no such key. */
  rotate(
    id: string,
    secret: { readonly hash: string; readonly prefix: string; readonly previousValidUntil: Date },
  ): Promise<StoredApiKey | undefined>;
  /** The key that is gone, or undefined when there was none. */
  remove(id: string): Promise<StoredApiKey | undefined>;
  /** Writes down when keys were last seen, by id. Unknown ids are ignored. */
  used(at: ReadonlyMap<string, Date>): Promise<void>;
}

export const API_KEY_STORE = Symbol('ApiKeyStore');
