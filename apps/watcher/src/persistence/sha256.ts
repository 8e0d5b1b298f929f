import { createHash } from 'node:crypto';

/** SHA-256 of a text (UTF-8), as a column of bytes takes it. */
export function sha256(text: string): Buffer<ArrayBuffer> {
  return Buffer.from(createHash('sha256').update(text).digest());
}
