import protobuf from 'protobufjs/minimal.js';
import type { Writer } from 'protobufjs/minimal.js';
import type { DecodeReport, FieldDescriptor, MessageCodec, PartialMessage } from './codec.js';
import { WireReader } from './wire-reader.js';

/** Reads the message at the cursor up to the reader's limit. Faults are left in the reader. */
export type ReadMessage<T> = (reader: WireReader) => T;
/** Writes the given fields. */
export type WriteMessage<T> = (message: PartialMessage<T>, writer: Writer) => Writer;

/** Puts the generated halves of a message type behind the one interface that callers see. */
class GeneratedCodec<T> implements MessageCodec<T> {
  readonly typeName: string;
  readonly #read: ReadMessage<T>;
  readonly #write: WriteMessage<T>;
  readonly #layout: string;
  #fields: readonly FieldDescriptor[] | undefined;

  constructor(typeName: string, layout: string, read: ReadMessage<T>, write: WriteMessage<T>) {
    this.typeName = typeName;
    this.#layout = layout;
    this.#read = read;
    this.#write = write;
  }

  get fields(): readonly FieldDescriptor[] {
    this.#fields ??= parseLayout(this.#layout);
    return this.#fields;
  }

  decode(input: Uint8Array, report?: DecodeReport): T {
    const reader = new WireReader(input);
    const message = this.#read(reader);
    if (reader.failed()) throw new RangeError(`${this.typeName}: the message is cut short or not protobuf`);
    if (report !== undefined) report.dropped += reader.dropped;
    return message;
  }

  encode(message: PartialMessage<T>, writer: Writer = protobuf.Writer.create()): Writer {
    return this.#write(message, writer);
  }
}

/** Used by the generated code alone. `layout` is one `name:number:type:flags:oneof` per field, separated by spaces. */
export function codec<T>(
  typeName: string,
  layout: string,
  read: ReadMessage<T>,
  write: WriteMessage<T>,
): MessageCodec<T> {
  return new GeneratedCodec(typeName, layout, read, write);
}

/** Flags: `e` enum, `m` message, `r` repeated, `o` optional, `n` 64-bit as number, `k<type>` map with keys of that type. */
function parseLayout(layout: string): readonly FieldDescriptor[] {
  if (layout === '') return [];
  return layout.split(' ').map((entry) => {
    const [name = '', number = '', type = '', flags = '', oneof] = entry.split(':');
    const [marks = '', mapKey] = flags.split('k');
    return {
      name,
      number: Number(number),
      kind: marks.includes('m') ? 'message' : marks.includes('e') ? 'enum' : 'scalar',
      type,
      repeated: marks.includes('r'),
      ...(mapKey === undefined ? {} : { mapKey }),
      optional: marks.includes('o'),
      ...(oneof === undefined ? {} : { oneof }),
      asNumber: marks.includes('n'),
    };
  });
}
