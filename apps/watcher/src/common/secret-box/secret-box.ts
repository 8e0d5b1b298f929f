import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Secret } from '../secret.js';
import { SecretBoxError } from './secret-box.errors.js';
import type { SecretKey } from './secret-key.js';

const CIPHER = 'aes-256-gcm';
const VERSION = 'v1';
/** 96 bits: the size that GCM is made for. Random, so a key should seal less than 2^32 texts. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEALED = /^v1\.([A-Za-z0-9_-]{1,32})\.([A-Za-z0-9_-]+)$/;

/**
 * Keeps secrets that the service must be able to read back (signing secrets, session credentials) encrypted where they
 * are stored: AES-256-GCM under a ring of keys from the settings. The first key seals, every key of the ring opens, so a
 * key is changed by putting a new one in front and taking the old one away when nothing is sealed with it any more
 * (`isCurrent`).
 *
 * A sealed text is `v1.<key id>.<base64url of nonce, ciphertext, tag>`: safe in a text column. `use` names what the secret is for and
 * whose it is (`webhook:wh_1:secret`); it is authenticated and not stored, so a text that was copied to another row or
 * column does not open there.
 */
export class SecretBox {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #current: string | undefined;

  /** No keys: every call answers WATCHER_SECRETS_NO_KEY. Ids are distinct and keys 32 bytes, as the settings see to. */
  constructor(keys: readonly SecretKey[]) {
    this.#keys = new Map(keys.map(({ id, key }) => [id, Buffer.from(key.reveal(), 'base64')]));
    this.#current = keys[0]?.id;
  }

  /** Whether there is a key at all: to refuse early what would need one. */
  get usable(): boolean {
    return this.#current !== undefined;
  }

  /** @throws SecretBoxError WATCHER_SECRETS_NO_KEY */
  seal(secret: Secret, use: string): string {
    const id = this.#current;
    const key = id === undefined ? undefined : this.#keys.get(id);
    if (id === undefined || key === undefined) throw noKey();
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(bound(id, use));
    const text = Buffer.concat([nonce, cipher.update(secret.reveal(), 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${VERSION}.${id}.${text.toString('base64url')}`;
  }

  /** @throws SecretBoxError WATCHER_SECRETS_NO_KEY, WATCHER_SECRETS_UNKNOWN_KEY, WATCHER_SECRETS_DAMAGED */
  open(sealed: string, use: string): Secret {
    if (!this.usable) throw noKey();
    const [, id, text] = SEALED.exec(sealed) ?? [];
    if (id === undefined || text === undefined) throw damaged();
    const key = this.#keys.get(id);
    if (key === undefined) {
      throw new SecretBoxError(
        'WATCHER_SECRETS_UNKNOWN_KEY',
        `This was encrypted with the key "${id}", which LIVETAP_SECRETS_KEYS does not hold. Add it again, behind the newest key.`,
        { context: { keyId: id } },
      );
    }
    const bytes = Buffer.from(text, 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw damaged();
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(bound(id, use));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    try {
      const plain = Buffer.concat([
        decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES)),
        decipher.final(),
      ]);
      return new Secret(plain.toString('utf8'));
    } catch (cause) {
      throw damaged(cause);
    }
  }

  /** False for what was sealed with an older key: open it and seal it again, and the older key can go. */
  isCurrent(sealed: string): boolean {
    return SEALED.exec(sealed)?.[1] === this.#current;
  }
}

/** What is authenticated beside the secret. Neither part can hold the separator. */
function bound(keyId: string, use: string): Buffer {
  return Buffer.from(`livetap.secret-box.${VERSION}\n${keyId}\n${use}`);
}

function noKey(): SecretBoxError {
  return new SecretBoxError(
    'WATCHER_SECRETS_NO_KEY',
    'Secrets are stored encrypted, and there is no key for that: set LIVETAP_SECRETS_KEYS (for example "k1:" and the output of "openssl rand -base64 32") on every replica and start again.',
  );
}

function damaged(cause?: unknown): SecretBoxError {
  return new SecretBoxError(
    'WATCHER_SECRETS_DAMAGED',
    'A stored secret cannot be decrypted: it was changed, or another key stands under the id of the one that encrypted it.',
    { cause },
  );
}
