import type { OutBatch } from '../world/message.js';

const SHORT = 16;

/** Bytes that no longer read as what they were: the end is gone and the middle is turned over. The input stays as it is. */
export const corruptFrame = (bytes: Uint8Array): Uint8Array => {
  const damaged = Uint8Array.from(bytes.subarray(0, Math.max(1, Math.floor(bytes.length * 0.7))));
  for (let index = Math.min(SHORT, damaged.length - 1); index < Math.min(SHORT * 2, damaged.length); index += 1)
    damaged[index] = ~(damaged[index] ?? 0) & 0xff;
  return damaged;
};

/** A message that claims more bytes than it has: field 1, length 127, and nothing after it. */
const BROKEN_MESSAGE = Uint8Array.from([0x0a, 0x7f, 0x01]);

/** The same batch with one message (the middle one) that cannot be decoded; the others and the frame are whole. */
export const corruptBatch = (batch: OutBatch): { batch: OutBatch; victim: number } => {
  const victim = Math.floor(batch.messages.length / 2);
  return {
    victim,
    batch: {
      ...batch,
      messages: batch.messages.map((message, index) =>
        index === victim ? { ...message, payload: BROKEN_MESSAGE } : message,
      ),
    },
  };
};
