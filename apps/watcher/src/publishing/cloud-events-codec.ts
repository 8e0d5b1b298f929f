import {
  CONTENT_TYPE_EVENT,
  CONTENT_TYPE_RAW,
  EVENT_CATALOGUE,
  HEADER_CONTENT_TYPE,
  HEADER_EVENT_SEQUENCE,
  HEADER_HISTORY,
  HEADER_ID,
  HEADER_METHOD,
  HEADER_SEQUENCE,
  HEADER_SESSION_ID,
  HEADER_SOURCE,
  HEADER_SPEC_VERSION,
  HEADER_STREAMER_ID,
  HEADER_SUBJECT,
  HEADER_TIME,
  HEADER_TIME_SOURCE,
  HEADER_TYPE,
} from '@livetap/contracts';
import type { FinishedEvent, RawPlace } from '../pipeline/finished-event.js';

/** The CloudEvents headers of an event: copies in structured mode, the envelope itself in binary mode (raw records). */
export function eventHeaders(event: FinishedEvent): Record<string, string> {
  const headers: Record<string, string> = {
    [HEADER_CONTENT_TYPE]: event.raw === undefined ? CONTENT_TYPE_EVENT : CONTENT_TYPE_RAW,
    [HEADER_ID]: event.id,
    [HEADER_TYPE]: event.type,
    [HEADER_SOURCE]: event.source,
  };
  if (event.sequence !== undefined) headers[HEADER_SEQUENCE] = event.sequence;
  if (event.raw !== undefined) {
    headers[HEADER_SPEC_VERSION] = '1.0';
    headers[HEADER_SUBJECT] = event.subject;
    headers[HEADER_TIME] = event.raw.time;
    headers[HEADER_METHOD] = event.raw.method;
    headers[HEADER_HISTORY] = String(event.raw.history);
    if (event.raw.place !== undefined) Object.assign(headers, placeHeaders(event.raw.place));
  }
  return headers;
}

function placeHeaders({ sessionId, sequence, streamerId, timeSource }: RawPlace): Record<string, string> {
  return {
    [HEADER_SESSION_ID]: sessionId,
    [HEADER_EVENT_SEQUENCE]: sequence,
    ...(streamerId === undefined ? {} : { [HEADER_STREAMER_ID]: streamerId }),
    ...(timeSource === undefined ? {} : { [HEADER_TIME_SOURCE]: timeSource }),
  };
}

/** Most bytes of a message that an `unknown` event shows. */
const MAX_PAYLOAD_BYTES = 256 * 1024;
/** What the envelope of an `unknown` event takes at most, without its payload. */
const ENVELOPE_BYTES = 8 * 1024;

/**
 * What is published instead of an event above the brokers' limit: an `unknown` event with the same source, id, sequence
 * and times, and the beginning of the value as its payload, so that the place in the room's order is not lost.
 * `limit`: bytes that the whole record may take.
 */
export function oversizeReplacement(event: FinishedEvent, limit: number): FinishedEvent {
  const room = Math.max(0, Math.min(MAX_PAYLOAD_BYTES, Math.floor(((limit - ENVELOPE_BYTES) * 3) / 4)));
  const head = event.value.subarray(0, room);
  const { type, dataschema, topic } = EVENT_CATALOGUE.unknown;
  const recordedtime = new Date(event.recordedAt).toISOString();
  const envelope = {
    ...envelopeOf(event),
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type,
    ...(event.subject === '' ? {} : { subject: event.subject }),
    recordedtime,
    datacontenttype: 'application/json',
    dataschema,
    ...(event.sequence === undefined ? {} : { sequence: event.sequence }),
    data: {
      ...(event.raw === undefined ? {} : { method: event.raw.method }),
      reason: 'oversize',
      payload: head.toString('base64'),
      bytes: event.value.length,
      truncated: head.length < event.value.length,
    },
  };
  const { raw: _raw, ...rest } = event;
  return { ...rest, type, topic, value: Buffer.from(JSON.stringify(envelope)) };
}

/** The attributes that only the value itself knows. */
function envelopeOf(event: FinishedEvent): Record<string, unknown> {
  if (event.raw !== undefined) return { time: event.raw.time };
  const { time, timesource, streamerid, sessionid, leaseepoch } = JSON.parse(event.value.toString()) as Record<
    string,
    unknown
  >;
  return { time, timesource, streamerid, sessionid, leaseepoch };
}
