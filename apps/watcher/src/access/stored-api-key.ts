import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '../config/api-key.js';
import { Secret } from '../common/secret.js';

/** Most keys that the database holds; all of them are kept in memory by each replica. */
export const MAX_STORED_KEYS = 500;

/** A key in the database. Its secret is not in it: only a hash that finds it again, and how it begins. */
export interface StoredApiKey {
  readonly id: string;
  /** Unique, for people and the audit log. */
  readonly name: string;
  readonly role: Role;
  /** First characters of the secret: enough to tell keys apart, too few to guess the rest. */
  readonly prefix: string;
  /** SHA-256 of the secret, hexadecimal. */
  readonly hash: string;
  /** Of the secret before the last change, for as long as that one still counts. */
  readonly previous?: { readonly hash: string; readonly validUntil: Date };
  readonly requestsPerMinute?: number;
  /** From then on it is refused. */
  readonly expiresAt?: Date;
  /** Name of the key that made it. */
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** When it was last seen, to a minute. */
  readonly lastUsedAt?: Date;
}

/** What every secret begins with, so that it is known for one wherever it is found. */
const MARK = 'livetap_';
/** 256 random bits: a plain hash is enough, for nobody can try them all. */
const SECRET_BYTES = 32;
const SHOWN_CHARACTERS = 6;
const ID_BYTES = 9;

export interface NewSecret {
  readonly secret: Secret;
  readonly hash: string;
  readonly prefix: string;
}

/** A new secret, as it is shown once. */
export function newSecret(): NewSecret {
  const text = MARK + randomBytes(SECRET_BYTES).toString('base64url');
  return { secret: new Secret(text), hash: hashOf(text), prefix: text.slice(0, MARK.length + SHOWN_CHARACTERS) };
}

export const newKeyId = (): string => `key_${randomBytes(ID_BYTES).toString('base64url')}`;

/** SHA-256 of a secret, hexadecimal: how keys are looked up. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
