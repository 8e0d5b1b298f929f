export type { DecodeReport, FieldDescriptor, MessageCodec, PartialMessage } from './codec.js';
export { readBatch, type WireBatch, type WireBatchEntry } from './batch-reader.js';
export { readMessageHeader, type MessageHeader } from './message-header.js';
export { codecForMethod, codecForType, enumValueName, messageTypeNames, wireMethods } from './registry.js';
export * from './generated/index.js';
