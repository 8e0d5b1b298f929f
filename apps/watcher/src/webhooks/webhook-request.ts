import type { Secret } from '../common/secret.js';
import { EventWriter } from '../pipeline/event-writer.js';
import { signatureHeaders, type SignedMessage } from './webhook-signature.js';

const CONTENT_TYPE = 'application/cloudevents+json; charset=UTF-8';
/** Marks a test call, which tells nothing that happened. */
export const TEST_HEADER = 'livetap-test';

/** All headers of a call but its length. */
export function eventHeaders(
  message: SignedMessage,
  secrets: readonly Secret[],
  userAgent: string,
): Record<string, string> {
  return { 'content-type': CONTENT_TYPE, 'user-agent': userAgent, ...signatureHeaders(message, secrets) };
}

/** A `live.started` as the contract has it, of a streamer and a room that do not exist. `at`: ms since the epoch. */
export function sampleLiveStarted(at: number): Buffer {
  const writer = new EventWriter({ roomId: '1', subject: 'livetap.test', sessionId: '1', epoch: 1, sequence: 0 });
  writer.streamerId = '1';
  const event = writer.write({
    name: 'live.started',
    id: 'live.started-1',
    time: at,
    timeSource: undefined,
    recordedAt: at,
    data: {
      streamer: { id: '1', uniqueId: 'livetap.test', nickname: 'A test of a webhook' },
      title: 'A test of a webhook',
      joinedAt: new Date(at).toISOString(),
      via: 'fixed',
    },
  });
  if (event === undefined) throw new RangeError('The sample is larger than an event may be.');
  return event.value;
}
