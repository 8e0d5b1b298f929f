import { Secret } from '../common/secret.js';

export const ROLES = ['read', 'operate', 'admin'] as const;
/** Each role includes those before it. */
export type Role = (typeof ROLES)[number];

export interface ApiKey {
  /** For logs; says nothing about the key. */
  readonly name: string;
  readonly role: Role;
  readonly key: Secret;
}

export const API_KEYS_EXPECTED =
  'entries of the form name:role:key, separated by commas, with distinct names, a role of read, operate or admin, and keys without blanks';

/** Reads one `name:role:key`; the key may hold colons. Undefined when it is none. */
export function parseApiKey(entry: string): ApiKey | undefined {
  const match = /^([A-Za-z0-9._-]{1,64}):([a-z]+):(\S+)$/.exec(entry);
  const [, name, role, key] = match ?? [];
  const known = ROLES.find((candidate) => candidate === role);
  if (name === undefined || known === undefined || key === undefined) return undefined;
  return { name, role: known, key: new Secret(key) };
}
