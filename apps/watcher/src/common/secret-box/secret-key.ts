import { Secret } from '../secret.js';

/** Bytes of a key: AES-256. */
const KEY_BYTES = 32;
const FORM = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]{43}=?)$/;

/** A key of the ring. The id is no secret: it stands in front of everything that was sealed with the key. */
export interface SecretKey {
  readonly id: string;
  /** 32 bytes in base64. */
  readonly key: Secret;
}

export const SECRET_KEYS_EXPECTED =
  'entries of the form id:key, separated by commas, with distinct ids (letters, digits, "_", "-") and keys of 32 random bytes in base64';

/** Reads one `id:key`. Undefined when it is none. */
export function parseSecretKey(entry: string): SecretKey | undefined {
  const [, id, key] = FORM.exec(entry) ?? [];
  if (id === undefined || key === undefined || Buffer.from(key, 'base64').length !== KEY_BYTES) return undefined;
  return { id, key: new Secret(key) };
}
