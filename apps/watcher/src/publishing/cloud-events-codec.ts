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
  const texts = eventHeaderTexts(event);
  const headers: Record<string, string> = {};
  for (let at = 0; at < texts.length; at += 2) headers[texts[at]!] = texts[at + 1]!;
  return headers;
}

/** The same as one list: a name, its value, the next name, … */
export function eventHeaderTexts(event: FinishedEvent): string[] {
  const { id, type, source, sequence, raw } = event;
  const contentType = raw === undefined ? CONTENT_TYPE_EVENT : CONTENT_TYPE_RAW;
  const texts = [HEADER_CONTENT_TYPE, contentType, HEADER_ID, id, HEADER_TYPE, type, HEADER_SOURCE, source];
  if (sequence !== undefined) texts.push(HEADER_SEQUENCE, sequence);
  if (raw === undefined) return texts;
  texts.push(HEADER_SPEC_VERSION, '1.0', HEADER_SUBJECT, event.subject, HEADER_TIME, raw.time);
  texts.push(HEADER_METHOD, raw.method, HEADER_HISTORY, String(raw.history));
  if (raw.place !== undefined) texts.push(...placeTexts(raw.place));
  return texts;
}

function placeTexts({ sessionId, sequence, streamerId, timeSource }: RawPlace): string[] {
  const texts = [HEADER_SESSION_ID, sessionId, HEADER_EVENT_SEQUENCE, sequence];
  if (streamerId !== undefined) texts.push(HEADER_STREAMER_ID, streamerId);
  if (timeSource !== undefined) texts.push(HEADER_TIME_SOURCE, timeSource);
  return texts;
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
