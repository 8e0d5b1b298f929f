// The schema documents that the sources ask for: the newest revision of each event, and of the envelope.
import { GenericSchemas } from './generic-schemas.mjs';

/** Not an event's name: `envelope` is a treasure box. */
export const ENVELOPE = 'event';

/** What the interface of the envelope cannot say. */
const ALWAYS_IN_ROOMS = ['subject', 'sessionid', 'sequence', 'leaseepoch'];
const OF_ROOMS = {
  if: { properties: { source: { type: 'string', pattern: '^/tiktok/rooms/[^/]+$' } }, required: ['source'] },
  // Validators in their strict mode want what is required to be among the properties.
  then: { properties: Object.fromEntries(ALWAYS_IN_ROOMS.map((name) => [name, {}])), required: ALWAYS_IN_ROOMS },
};

/** `1.0` of `urn:livetap:schema:chat:1.0`. */
export const versionOf = (urn) => urn.slice(urn.lastIndexOf(':') + 1);

/** `chat/1.0` → text of the document, envelope first. */
export function renderSchemas(rules, made) {
  const generic = new GenericSchemas(rules, made);
  const names = made.names();
  const files = new Map();
  const add = (name, urn, title, description, body) =>
    files.set(`${name}/${versionOf(urn)}`, document(urn, title, description, body));
  const envelope = made.schema('EventEnvelope');
  add(ENVELOPE, rules.ENVELOPE_SCHEMA, 'livetap event', envelope.description, { ...envelope, ...OF_ROOMS });
  for (const { name, type, shape, dataschema, description } of Object.values(rules.EVENT_CATALOGUE)) {
    add(name, dataschema, type, description, shape === 'made' ? made.schema(names.get(name)) : generic.schema(name));
  }
  return files;
}

function document($id, title, description, { description: _, $defs, ...body }) {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id,
    title,
    description,
    ...body,
    ...($defs === undefined ? {} : { $defs }),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
