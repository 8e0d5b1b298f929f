import { z } from 'zod';

const scope = {
  /** Room id; absent with `uniqueId` absent: every room. */
  room: z.string().optional(),
  uniqueId: z.string().optional(),
  /** How many times it strikes; without `times` and `forMs` once (stall and halfOpen: until ended). */
  times: z.number().int().positive().optional(),
  /** How long it lasts, ms. */
  forMs: z.number().int().positive().optional(),
};

/** A fault as it is ordered over the control API. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** Resets the TCP connection of open sockets; `when: acked` waits until all that was sent is acknowledged, so that nothing is in flight. */
  z.strictObject({ kind: z.literal('cut'), ...scope, when: z.enum(['now', 'acked']).default('now') }),
  /** Closes with a close frame. */
  z.strictObject({
    kind: z.literal('close'),
    ...scope,
    code: z.number().int().min(1000).max(4999).default(1001),
    reason: z.string().max(120).default(''),
  }),
  /** No frames on the sockets, which stay open and are still read. */
  z.strictObject({ kind: z.literal('stall'), ...scope }),
  /** Neither reads nor writes, without a close: the other side of a dead link. */
  z.strictObject({ kind: z.literal('halfOpen'), ...scope }),
  /** Damages frames: `frame` cuts the push frame short, `payload` breaks the compressed body, `message` cuts one message in it short. */
  z.strictObject({
    kind: z.literal('corrupt'),
    ...scope,
    mode: z.enum(['frame', 'payload', 'message']).default('payload'),
  }),
  /** Answers upgrades with an HTTP status instead of 101. */
  z.strictObject({
    kind: z.literal('refuse'),
    ...scope,
    /** Only upgrades of this way; absent: both. */
    way: z.enum(['direct', 'signed']).optional(),
    status: z.number().int().min(200).max(599).default(415),
    handshakeMsg: z.string().max(200).default('DEVICE_BLOCKED'),
    handshakeStatus: z.string().max(20).optional(),
    retryAfterS: z.number().int().nonnegative().optional(),
  }),
  /** Spoils HTTP answers: of a path prefix, of a streamer, of a room, or all. */
  z.strictObject({
    kind: z.literal('http'),
    ...scope,
    /** Prefix of the path, for example `/api-live` or `/webcast/fetch`. */
    path: z.string().startsWith('/').default('/'),
    status: z.number().int().min(200).max(599).optional(),
    retryAfterS: z.number().int().nonnegative().optional(),
    delayMs: z.number().int().nonnegative().max(600_000).default(0),
    /** What is answered instead: a page in HTML, JSON of another shape, JSON cut short, nothing, or the socket is cut. `real`: the true answer (slow or with another status). */
    body: z.enum(['real', 'html', 'wrongJson', 'brokenJson', 'empty', 'cut']).default('real'),
  }),
]);

export type FaultOrder = z.input<typeof faultSchema>;
export type Fault = z.output<typeof faultSchema>;
export type FaultKind = Fault['kind'];
export type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>;
