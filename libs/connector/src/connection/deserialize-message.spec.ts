import { expect, it } from 'vitest';
import { WebcastChatMessage } from '../proto/index.js';
import { deserializeMessage } from './deserialize-message.js';

it('decodes by name, and says what is wrong otherwise', () => {
  const bytes = WebcastChatMessage.encode({ comment: 'hi' }).finish();
  expect(deserializeMessage('WebcastChatMessage', bytes)).toMatchObject({ comment: 'hi' });
  expect(() => deserializeMessage('constructor', bytes)).toThrow(
    expect.objectContaining({ name: 'InvalidSchemaNameError', code: 'CONNECTOR_INVALID_SCHEMA_NAME' }) as Error,
  );
  expect(() => deserializeMessage('WebcastChatMessage', bytes.subarray(0, -1))).toThrow(
    expect.objectContaining({ name: 'SchemaDecodeError', code: 'CONNECTOR_DECODE' }) as Error,
  );
});
