import { InvalidSchemaNameError, SchemaDecodeError } from '../errors/connection-errors.js';
import { codecForType } from '../proto/index.js';

/**
 * Decodes the bytes of one message by the name of its type in proto/webcast, for example `WebcastChatMessage`.
 * @throws InvalidSchemaNameError for a name that is not in the schema, SchemaDecodeError for bytes that are cut short
 */
export function deserializeMessage(schemaName: string, bytes: Uint8Array): unknown {
  const codec = codecForType(schemaName);
  if (!codec) throw new InvalidSchemaNameError(`The schema has no message of the name "${schemaName}".`);
  try {
    return codec.decode(bytes);
  } catch (cause) {
    throw new SchemaDecodeError(`The bytes are not a ${schemaName}.`, cause);
  }
}
