import { createHash, createHmac } from 'node:crypto';
import { Secret } from '../common/secret.js';

const PREFIX = 'whsec_';
/** Within the 24 to 64 bytes of the specification. */
export const SECRET_BYTES = 32;

/** A new signing secret of the given random bytes: `whsec_` and base64. */
export function webhookSecret(bytes: Buffer): Secret {
  return new Secret(`${PREFIX}${bytes.toString('base64')}`);
}

export interface SignedMessage {
  /** The same at every attempt: what a receiver knows repeats by. */
  readonly id: string;
  /** Seconds since the epoch, at the attempt. */
  readonly timestamp: number;
  readonly body: Buffer;
}

/**
 * The headers of the Standard Webhooks specification: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`, once for each
 * secret (newest first), separated by blanks.
 */
export function signatureHeaders(message: SignedMessage, secrets: readonly Secret[]): Record<string, string> {
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestamp),
    'webhook-signature': secrets.map((secret) => `v1,${signatureOf(message, secret)}`).join(' '),
  };
}

function signatureOf({ id, timestamp, body }: SignedMessage, secret: Secret): string {
  const key = Buffer.from(secret.reveal().slice(PREFIX.length), 'base64');
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
}

/** The id of an event's message to one webhook: the same on every replica, attempt and repeat, without a row to remember it. */
export function messageId(webhookId: string, source: string, eventId: string): string {
  const hash = createHash('sha256').update(`${webhookId}\0${source}\0${eventId}`).digest('base64url');
  return `msg_${hash.slice(0, 27)}`;
}
