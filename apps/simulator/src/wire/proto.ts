/** The wire's message types, read and written with the codecs of the connector: both sides speak from the same .proto sources. */
export {
  codecForMethod,
  codecForType,
  BaseProtoMessage,
  HeartbeatMessage,
  ProtoMessageFetchResult,
  WebcastImEnterRoomMessage,
  WebcastPushFrame,
} from '@livetap/connector';
export type { FieldDescriptor, MessageCodec, PartialMessage } from '@livetap/connector';
