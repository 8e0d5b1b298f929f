import type { Writer } from 'protobufjs/minimal.js';
import { WebcastPushFrame, type PartialMessage } from '../proto/index.js';

/**
 * A frame for sending: protobuf, type `msg`, unless `overrides` say otherwise; numbers at zero and undefined overrides
 * are left out. Call `.finish()` on the result for the bytes.
 */
export function createBaseWebcastPushFrame(overrides: PartialMessage<WebcastPushFrame> = {}): Writer {
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  return WebcastPushFrame.encode({ payloadEncoding: 'pb', payloadType: 'msg', ...given });
}
