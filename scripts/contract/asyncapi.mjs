// The AsyncAPI 3 document of the contract, as an object. Pure: the contract and the examples are given.
import { ENVELOPE, versionOf } from './render-schemas.mjs';

const BINDING = '0.5.0';
const schemaPath = (name, urn) => `./schemas/${name}/${versionOf(urn)}.json`;
const messageRef = (name) => ({ $ref: `#/components/messages/${name}` });
const text = (description, more = {}) => ({ type: 'string', description, ...more });

/** @param contract the module `@livetap/contracts`  @param examples event name → whole event */
export function asyncApiDocument(contract, examples) {
  const events = Object.values(contract.EVENT_CATALOGUE);
  const topics = [...contract.TOPIC_CATALOGUE, singleTopic(contract)];
  const messages = (subject) =>
    subject === contract.SINGLE_TOPIC
      ? events.filter(({ topic }) => topic !== 'canary')
      : subject === 'raw'
        ? [{ name: 'raw' }]
        : events.filter(({ topic }) => topic === subject);
  return {
    asyncapi: '3.0.0',
    id: 'urn:livetap:events:1',
    info: info(),
    defaultContentType: contract.CONTENT_TYPE_EVENT,
    servers: {
      kafka: {
        host: 'localhost:9092',
        protocol: 'kafka',
        description: 'Any Kafka cluster: the brokers are a setting of the service (`KAFKA_BROKERS`).',
        bindings: { kafka: { bindingVersion: BINDING } },
      },
    },
    channels: Object.fromEntries(
      topics.map((topic) => [topic.subject, channel(contract, topic, messages(topic.subject))]),
    ),
    operations: Object.fromEntries(
      topics.map((topic) => [`send.${topic.subject}`, operation(topic, messages(topic.subject))]),
    ),
    components: {
      messages: {
        ...Object.fromEntries(events.map((event) => [event.name, message(contract, event, examples.get(event.name))])),
        raw: rawMessage(contract),
      },
      schemas: {
        eventHeaders: eventHeaders(contract, true),
        roomlessEventHeaders: eventHeaders(contract, false),
        rawHeaders: rawHeaders(contract),
        key: key(),
      },
    },
  };
}

function info() {
  return {
    title: 'Livetap events',
    version: '1.0.0',
    description:
      'What happens in TikTok LIVE rooms, as CloudEvents 1.0 in Kafka. The value of a record is the whole event (structured mode), the key is the room id, the timestamp is `recordedtime`. ' +
      'Delivery is at least once: remove repeats by (`source`, `id`), the first record counts. `sequence` orders the events of a room over all topics. ' +
      'Schemas never change; a revision only adds optional fields, anything else is a new type (`.v2`): pass over fields, values and types that you do not know.',
    license: { name: 'MIT' },
  };
}

function singleTopic({ TOPIC_CATALOGUE, SINGLE_TOPIC }) {
  const shared = TOPIC_CATALOGUE.filter(({ subject }) => subject !== 'canary' && subject !== 'raw');
  return {
    ...shared[0],
    subject: SINGLE_TOPIC,
    retentionMs: Math.max(...shared.map(({ retentionMs }) => retentionMs)),
    description:
      'All events of rooms in their total order, instead of one topic for each subject (`LIVETAP_TOPIC_STRATEGY=single`).',
  };
}

function channel(contract, { subject, partitions, cleanupPolicy, retentionMs, description }, messages) {
  const address = `${contract.DEFAULT_TOPIC_PREFIX}.${subject}`;
  return {
    address,
    title: subject,
    description: `${description} The prefix \`${contract.DEFAULT_TOPIC_PREFIX}\` is a setting (\`LIVETAP_TOPIC_PREFIX\`).`,
    servers: [{ $ref: '#/servers/kafka' }],
    messages: Object.fromEntries(messages.map(({ name }) => [name, messageRef(name)])),
    bindings: {
      kafka: {
        topic: address,
        partitions,
        replicas: contract.RECOMMENDED_REPLICAS,
        topicConfiguration: {
          'cleanup.policy': [cleanupPolicy],
          'retention.ms': retentionMs,
          'max.message.bytes': contract.MAX_MESSAGE_BYTES,
        },
        bindingVersion: BINDING,
      },
    },
  };
}

function operation({ subject, description }, messages) {
  return {
    action: 'send',
    title: `Livetap publishes to ${subject}`,
    summary: description,
    channel: { $ref: `#/channels/${subject}` },
    messages: messages.map(({ name }) => ({ $ref: `#/channels/${subject}/messages/${name}` })),
    bindings: { kafka: { bindingVersion: BINDING } },
  };
}

function message(contract, { name, type, description, dataschema }, example) {
  const roomless = example.sequence === undefined;
  return {
    name: type,
    title: name,
    summary: description,
    contentType: contract.CONTENT_TYPE_EVENT,
    headers: { $ref: `#/components/schemas/${roomless ? 'roomlessEventHeaders' : 'eventHeaders'}` },
    payload: {
      allOf: [
        { $ref: schemaPath(ENVELOPE, contract.ENVELOPE_SCHEMA) },
        { type: 'object', properties: { type: { const: type }, data: { $ref: schemaPath(name, dataschema) } } },
      ],
    },
    bindings: { kafka: { key: { $ref: '#/components/schemas/key' }, bindingVersion: BINDING } },
    examples: [{ name, headers: headersOf(contract, example), payload: example }],
  };
}

function headersOf(contract, event) {
  return {
    [contract.HEADER_CONTENT_TYPE]: contract.CONTENT_TYPE_EVENT,
    [contract.HEADER_ID]: event.id,
    [contract.HEADER_TYPE]: event.type,
    [contract.HEADER_SOURCE]: event.source,
    ...(event.sequence === undefined ? {} : { [contract.HEADER_SEQUENCE]: event.sequence }),
  };
}

function eventHeaders(contract, ofRoom) {
  const { HEADER_CONTENT_TYPE, HEADER_ID, HEADER_TYPE, HEADER_SOURCE, HEADER_SEQUENCE } = contract;
  const sequence = text('`sequence` of the event.', { pattern: '^\\d{8}-\\d{12}$' });
  return {
    type: 'object',
    description: 'Copies of the event, for filtering without parsing.',
    properties: {
      [HEADER_CONTENT_TYPE]: { const: contract.CONTENT_TYPE_EVENT, description: 'CloudEvents in structured mode.' },
      [HEADER_ID]: text('`id` of the event.'),
      [HEADER_TYPE]: text('`type` of the event.'),
      [HEADER_SOURCE]: text('`source` of the event.'),
      ...(ofRoom ? { [HEADER_SEQUENCE]: sequence } : {}),
    },
    required: [HEADER_CONTENT_TYPE, HEADER_ID, HEADER_TYPE, HEADER_SOURCE, ...(ofRoom ? [HEADER_SEQUENCE] : [])],
  };
}

function key() {
  return text(
    'The room id: all events of a room are in one partition of a topic, by Kafka’s murmur2. Of `viewer.erased` the user id, of `canary` the replica id.',
  );
}

function rawMessage(contract) {
  return {
    name: 'raw',
    title: 'raw',
    summary:
      'The bytes of one wire message, for whoever decodes them: CloudEvents in binary mode. Only where the operator asks for it.',
    contentType: contract.CONTENT_TYPE_RAW,
    headers: { $ref: '#/components/schemas/rawHeaders' },
    payload: text('The protobuf bytes of the wire method.', { format: 'binary' }),
    bindings: { kafka: { key: { $ref: '#/components/schemas/key' }, bindingVersion: BINDING } },
  };
}

function rawHeaders(contract) {
  const properties = {
    [contract.HEADER_CONTENT_TYPE]: { const: contract.CONTENT_TYPE_RAW, description: 'CloudEvents in binary mode.' },
    [contract.HEADER_SPEC_VERSION]: { const: '1.0', description: 'Version of CloudEvents.' },
    [contract.HEADER_ID]: text('`id` of the event that was made of the message.'),
    [contract.HEADER_TYPE]: text('`type` of that event.'),
    [contract.HEADER_SOURCE]: text('`/tiktok/rooms/<roomId>/raw`.'),
    [contract.HEADER_SUBJECT]: text('Unique id of the streamer as monitored, lower case.'),
    [contract.HEADER_TIME]: text('`time` of that event.', { format: 'date-time' }),
    [contract.HEADER_METHOD]: text('Wire method, for example `WebcastChatMessage`.'),
    [contract.HEADER_HISTORY]: text('`true` when TikTok marked the message as history, else `false`.'),
  };
  // Of a message whose copy was made by a version before these headers they are absent.
  const place = {
    [contract.HEADER_SESSION_ID]: text('`sessionid` of that event.'),
    [contract.HEADER_EVENT_SEQUENCE]: text('`sequence` of that event. A raw record has no number of its own.'),
    [contract.HEADER_STREAMER_ID]: text('`streamerid` of that event, absent until known.'),
    [contract.HEADER_TIME_SOURCE]: text('`timesource` of that event, absent when the time is the message’s own.'),
  };
  return {
    type: 'object',
    description: 'The event without its data.',
    properties: { ...properties, ...place },
    required: Object.keys(properties),
  };
}
