import type { Writer } from 'protobufjs/minimal.js';

/** Filled by a decoder: what was left out of the returned object because its bytes could not be read. */
export interface DecodeReport {
  /** Number of nested messages that were dropped; the rest of the message is intact. */
  dropped: number;
}

/** A message as the encoder takes it: every field optional, at any depth. */
export type PartialMessage<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer U)[]
    ? readonly PartialMessage<U>[]
    : T extends object
      ? { readonly [K in keyof T]?: PartialMessage<T[K]> | undefined }
      : T;

/** One field of a message type, as the .proto source declares it. */
export interface FieldDescriptor {
  readonly name: string;
  readonly number: number;
  /** `scalar`: `type` is a proto scalar; `enum`: `type` names an enum; `message`: `type` names a message. */
  readonly kind: 'scalar' | 'enum' | 'message';
  /** For a map: the type of its values. */
  readonly type: string;
  readonly repeated: boolean;
  /** Proto type of the keys when the field is a map. */
  readonly mapKey?: string;
  /** Member of a oneof or declared `optional`: absent means `undefined`, also for scalars. */
  readonly optional: boolean;
  /** Name of the oneof it is a member of: the last member on the wire wins, the others are absent. */
  readonly oneof?: string;
  /** A 64-bit integer that is handed out as a number instead of a decimal string. */
  readonly asNumber: boolean;
}

/**
 * Reads and writes one message type of proto/webcast.
 *
 * Values: 64-bit integers are exact decimal strings (numbers where the schema says so), 32-bit integers and enums are
 * numbers, bytes are Uint8Array views of the input, absent scalars are 0 / "0" / "" / false, absent lists `[]`, absent
 * maps `{}`, absent messages `undefined`.
 */
export interface MessageCodec<T> {
  /** Name of the message in proto/webcast, for example `WebcastChatMessage`. */
  readonly typeName: string;
  /** The fields in order of their numbers; for code that treats every message by one rule. */
  readonly fields: readonly FieldDescriptor[];
  /**
   * Decodes by (field number, wire type): unknown fields and fields of another wire type are skipped. A nested message
   * that cannot be read costs itself only and is counted in `report`.
   * @throws RangeError when the outermost message itself is cut short (not retryable).
   */
  decode(input: Uint8Array, report?: DecodeReport): T;
  /** Writes the given fields; fields at their default are not written. Call `.finish()` on the result for the bytes. */
  encode(message: PartialMessage<T>, writer?: Writer): Writer;
}
