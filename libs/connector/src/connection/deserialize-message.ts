import { isDecodingWanted, WebcastDeserializeConfig } from '../config/deserialize-config.js';
import { InvalidSchemaNameError, SchemaDecodeError } from '../errors/connection-errors.js';
import type { DecodedData } from '../events/event-types.js';
import {
  codecForMethod,
  codecForType,
  WebcastPushFrame,
  type BaseProtoMessage,
  type MessageCodec,
  type ProtoMessageFetchResult,
} from '../proto/index.js';
import type * as schema from '../proto/generated/index.js';
import { unpackPayload } from '../socket/unpack.js';

type Schema = typeof schema;

/** Every message of the schema, by its name. */
export type WebcastMessage = {
  [K in keyof Schema as Schema[K] extends MessageCodec<infer _T> ? K : never]: Schema[K] extends MessageCodec<infer T>
    ? T
    : never;
};

/** A message of a batch with what its payload says. */
export type DecodedBaseProtoMessage = BaseProtoMessage & {
  /** Absent for methods without a type, for those that `WebcastDeserializeConfig` leaves out, and for damaged ones. */
  decodedData?: DecodedData;
  /** Why the payload could not be decoded. */
  decodeError?: SchemaDecodeError;
};

/** A batch whose messages are decoded in place. */
export type DecodedFetchResult = Omit<ProtoMessageFetchResult, 'messages'> & { messages: DecodedBaseProtoMessage[] };

/** A frame with its batch, when it carries one. */
export type DecodedWebcastPushFrame = WebcastPushFrame & { protoMessageFetchResult?: DecodedFetchResult };

const BATCH_TYPE = 'ProtoMessageFetchResult';
/** Largest piece of the input that an error quotes, in bytes. */
const MAX_QUOTED_BYTES = 64 * 1024;
/** Largest payload after unpacking, in bytes. */
const MAX_UNPACKED_BYTES = 32 * 1024 * 1024;

/**
 * Decodes the bytes of one message by the name of its type in proto/webcast, for example `WebcastChatMessage`. The
 * messages of a `ProtoMessageFetchResult` are decoded as well, in place; one that is damaged costs itself only.
 * @throws InvalidSchemaNameError for a name that is not in the schema, SchemaDecodeError for bytes that are cut short
 */
export function deserializeMessage(schemaName: 'ProtoMessageFetchResult', bytes: Uint8Array): DecodedFetchResult;
export function deserializeMessage<T extends keyof WebcastMessage>(schemaName: T, bytes: Uint8Array): WebcastMessage[T];
export function deserializeMessage(schemaName: string, bytes: Uint8Array): unknown;
export function deserializeMessage(schemaName: string, bytes: Uint8Array): unknown {
  const codec = codecForType(schemaName);
  if (!codec) throw new InvalidSchemaNameError(`The schema has no message of the name "${schemaName}".`);
  const message = decodeWith(codec, bytes);
  if (schemaName === BATCH_TYPE) (message as DecodedFetchResult).messages.forEach(decodeInPlace);
  return message;
}

/**
 * Decodes one binary WebSocket message: the frame and, when its payload is protobuf, the batch in it.
 * @throws SchemaDecodeError, FrameDecodeError for a payload that cannot be unpacked
 */
export async function deserializeWebSocketMessage(bytes: Uint8Array): Promise<DecodedWebcastPushFrame> {
  const frame: DecodedWebcastPushFrame = decodeWith(WebcastPushFrame, bytes);
  if (frame.payloadEncoding !== 'pb') return frame;
  frame.protoMessageFetchResult = deserializeMessage(BATCH_TYPE, unpackPayload(frame.payload, MAX_UNPACKED_BYTES));
  return frame;
}

/** Decodes with a codec, and says what could not be decoded. @throws SchemaDecodeError */
export function decodeWith<T>(codec: MessageCodec<T>, bytes: Uint8Array): T {
  try {
    return codec.decode(bytes);
  } catch (cause) {
    throw new SchemaDecodeError(`The bytes are not a ${codec.typeName}.${quoted(bytes)}`, cause);
  }
}

function decodeInPlace(message: DecodedBaseProtoMessage): void {
  const codec = codecForMethod(message.method);
  if (!codec || !isDecodingWanted(message.method, codec.typeName)) return;
  try {
    message.decodedData = { type: codec.typeName, data: decodeWith(codec, message.payload) };
  } catch (error) {
    message.decodeError = error as SchemaDecodeError;
  }
}

function quoted(bytes: Uint8Array): string {
  if (!WebcastDeserializeConfig.showBase64OnDecodeError) return '';
  const part = bytes.subarray(0, MAX_QUOTED_BYTES);
  const base64 = Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('base64');
  return ` Base64: ${base64}${part.length < bytes.length ? `… (${bytes.length} bytes)` : ''}`;
}
