/** Headers of a Kafka record (and of a webhook): copies of the envelope for filtering without parsing. */
export const HEADER_CONTENT_TYPE = 'content-type';
export const HEADER_ID = 'ce_id';
export const HEADER_TYPE = 'ce_type';
export const HEADER_SOURCE = 'ce_source';
export const HEADER_SEQUENCE = 'ce_sequence';
/** Binary mode (raw records) only. */
export const HEADER_SPEC_VERSION = 'ce_specversion';
export const HEADER_TIME = 'ce_time';
export const HEADER_SUBJECT = 'ce_subject';
export const HEADER_METHOD = 'ce_method';
export const HEADER_HISTORY = 'ce_history';
/** Raw records: session of the event that the message made. */
export const HEADER_SESSION_ID = 'ce_sessionid';
/** Raw records: sequence of the event that the message made. Not `ce_sequence`: a raw record has no number of its own. */
export const HEADER_EVENT_SEQUENCE = 'ce_eventsequence';
/** Raw records: TikTok user id of the streamer, absent until known. */
export const HEADER_STREAMER_ID = 'ce_streamerid';
/** Raw records: where `ce_time` is from (`frame`, `received`) when it is not the message's own. */
export const HEADER_TIME_SOURCE = 'ce_timesource';

/** Structured mode: the record value is the whole event. */
export const CONTENT_TYPE_EVENT = 'application/cloudevents+json; charset=UTF-8';
/** Binary mode: the record value is the wire message. */
export const CONTENT_TYPE_RAW = 'application/protobuf';
