import { createHash } from 'node:crypto';
import type { EventName, UnknownData } from '@livetap/contracts';
import {
  type CommonMessageData,
  codecForMethod,
  mostSpecificEvent,
  readMessageHeader,
  type WebcastEvent,
} from '@livetap/connector';
import { wireTimeMs } from './normalize/values.js';

/** One entry of a frame, still bytes. */
export interface PipelineMessage {
  readonly method: string;
  /** Decimal string, `"0"` when the wire had none. */
  readonly msgId: string;
  readonly payload: Uint8Array;
  readonly isHistory: boolean;
}

export type UnknownReason = 'unknownMethod' | 'undecodableMessage' | 'undecodableFrame' | 'oversize';

/** A message that could be decoded, and the event that it makes. */
export interface DecodedMessage {
  readonly event: `${WebcastEvent}`;
  readonly typeName: string;
  readonly message: object;
  readonly partial: boolean;
  readonly msgId: string;
  /** Milliseconds since the epoch; undefined when the message does not say it. */
  readonly createdAt: number | undefined;
}

/** A message that stays bytes. */
export interface OpaqueMessage {
  readonly event: undefined;
  readonly reason: UnknownReason;
  readonly msgId: string;
  readonly createdAt: number | undefined;
}

export type ReadMessage = DecodedMessage | OpaqueMessage;

/** At most so many bytes of what could not be decoded go into its event. */
export const MAX_UNKNOWN_BYTES = 262_144;

/** Longest name of a method that is shown: TikTok's have less than 80 characters, so anything longer is damage. */
const MAX_METHOD_LENGTH = 256;

/** The name of a method as events show it: the name alone must never make an event too large to publish. */
export function shownMethod(method: string): string {
  return method.slice(0, MAX_METHOD_LENGTH);
}

/** Decodes a message and names its event. Never throws: what cannot be read is said by `reason`. */
export function readMessage(message: PipelineMessage): ReadMessage {
  const codec = codecForMethod(message.method);
  if (codec === undefined) return unread(message, 'unknownMethod');
  const report = { dropped: 0 };
  let decoded: { readonly common?: CommonMessageData | undefined };
  try {
    decoded = codec.decode(message.payload, report) as typeof decoded;
  } catch (error) {
    if (error instanceof Error) return unread(message, 'undecodableMessage');
    throw error;
  }
  const event = mostSpecificEvent(message.method, decoded);
  if (event === undefined) return unread(message, 'unknownMethod');
  return {
    event,
    typeName: codec.typeName,
    message: decoded,
    partial: report.dropped > 0,
    msgId: decoded.common?.msgId ?? '0',
    createdAt: wireTimeMs(decoded.common?.createTime ?? '0'),
  };
}

function unread(message: PipelineMessage, reason: UnknownReason): OpaqueMessage {
  const header = readMessageHeader(message.payload, message.method);
  return { event: undefined, reason, msgId: header?.msgId ?? '0', createdAt: wireTimeMs(header?.createTime ?? '0') };
}

/** The id of a message that has none of its own. */
export function hashedId(method: string, payload: Uint8Array): string {
  const hash = createHash('sha256').update(method).update(ZERO).update(payload);
  return `h-${hash.digest('hex').slice(0, 32)}`;
}

const ZERO = new Uint8Array(1);

export interface EventTime {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly timeSource: 'frame' | 'received' | undefined;
}

/** `time` of the contract and where it is from. `own`: when the message was made, ms, where it says so. */
export function eventTime(own: number | undefined, frameNow: string, receivedAt: number): EventTime {
  if (own !== undefined) return { time: own, timeSource: undefined };
  const frame = wireTimeMs(frameNow);
  if (frame !== undefined) return { time: frame, timeSource: 'frame' };
  return { time: receivedAt, timeSource: 'received' };
}

/** The bytes of what could not be decoded, as far as they fit. */
export function unknownData(method: string | undefined, reason: UnknownReason, payload: Uint8Array): UnknownData {
  const truncated = payload.length > MAX_UNKNOWN_BYTES;
  const kept = Math.min(payload.length, MAX_UNKNOWN_BYTES);
  return {
    ...(method === undefined ? {} : { method: shownMethod(method) }),
    reason,
    payload: Buffer.from(payload.buffer, payload.byteOffset, kept).toString('base64'),
    bytes: payload.length,
    truncated,
  };
}

const ACTION_SUSPENDED = 4;

/** What a control message says about the stream's end. */
export function endOf(event: EventName, action: number | undefined): 'ended' | 'suspended' | undefined {
  if (event !== 'streamEnd') return undefined;
  return action === ACTION_SUSPENDED ? 'suspended' : 'ended';
}
