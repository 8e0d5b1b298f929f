import type { MessageCodec } from './codec.js';
import { codecs, enums, typeOfMethod } from './generated/tables.js';

/** Names of all message types of proto/webcast, sorted. */
export const messageTypeNames: readonly string[] = Object.keys(codecs);

/** Wire methods whose payload has a type in proto/webcast, sorted. */
export const wireMethods: readonly string[] = Object.keys(typeOfMethod);

const codecOfMethod: ReadonlyMap<string, MessageCodec<unknown>> = new Map(
  Object.entries(typeOfMethod).flatMap(([method, typeName]) => {
    const codec = codecs[typeName];
    return codec === undefined ? [] : [[method, codec] as const];
  }),
);

/** The codec of a message type, for example `User`. */
export function codecForType(typeName: string): MessageCodec<unknown> | undefined {
  return Object.hasOwn(codecs, typeName) ? codecs[typeName] : undefined;
}

/** The codec of the payload that comes with a wire method; some types come under two methods (`WebcastRoomMessage`, `RoomMessage`). */
export function codecForMethod(method: string): MessageCodec<unknown> | undefined {
  return codecOfMethod.get(method);
}

/** The declared name of an enum value, for example `CONTROL_ACTION_STREAM_ENDED`; undefined when enum or value are unknown. */
export function enumValueName(enumName: string, value: number): string | undefined {
  const values = Object.hasOwn(enums, enumName) ? enums[enumName] : undefined;
  const name = values !== undefined && Object.hasOwn(values, value) ? values[value] : undefined;
  return typeof name === 'string' ? name : undefined;
}
