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

/** Structured mode: the record value is the whole event. */
export const CONTENT_TYPE_EVENT = 'application/cloudevents+json; charset=UTF-8';
/** Binary mode: the record value is the wire message. */
export const CONTENT_TYPE_RAW = 'application/protobuf';
