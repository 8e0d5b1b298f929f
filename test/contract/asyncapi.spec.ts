import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Parser } from '@asyncapi/parser';
import {
  DEFAULT_PARTITIONS,
  DEFAULT_TOPIC_PREFIX,
  EVENT_CATALOGUE,
  EVENT_NAMES,
  MAX_MESSAGE_BYTES,
  SINGLE_TOPIC,
  TOPIC_CATALOGUE,
  type TopicStrategy,
} from '@livetap/contracts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { planTopics } from '../../apps/watcher/src/publishing/topic-plan.js';
import { compileSchemas } from './event-schemas.js';

const path = fileURLToPath(new URL('../../libs/contracts/asyncapi.yaml', import.meta.url));
const text = readFileSync(path, 'utf8');

interface KafkaChannel {
  readonly address: string;
  readonly messages: Readonly<Record<string, unknown>>;
  readonly bindings: {
    readonly kafka: {
      readonly topic: string;
      readonly partitions: number;
      readonly topicConfiguration: Readonly<Record<string, unknown>>;
      readonly bindingVersion: string;
    };
  };
}

interface Message {
  readonly headers: { readonly $ref: string };
  readonly examples?: readonly [
    { readonly headers: Record<string, string>; readonly payload: Record<string, unknown> },
  ];
}

const document = parseYaml(text, { maxAliasCount: 0 }) as {
  readonly channels: Readonly<Record<string, KafkaChannel>>;
  readonly operations: Readonly<Record<string, { readonly channel: { readonly $ref: string } }>>;
  readonly components: {
    readonly messages: Readonly<Record<string, Message>>;
    readonly schemas: Readonly<Record<string, object>>;
  };
};

/** 0 is an error, 1 a warning; what is above is advice. */
const WARNING = 1;

/** Errors and warnings of the official parser; it follows the references into the schemas. */
async function faults(source: string): Promise<string[]> {
  const { diagnostics } = await new Parser().parse(source, { source: path });
  return diagnostics
    .filter(({ severity }) => Number(severity) <= WARNING)
    .map(({ code, message }) => `${String(code)}: ${message}`);
}

describe('the AsyncAPI document', { timeout: 180_000 }, () => {
  it('is AsyncAPI 3 by the official parser, schemas and Kafka bindings included', async () => {
    expect(await faults(text)).toEqual([]);
    // What the parser would say: a check that finds nothing proves nothing else.
    expect(await faults(text.replace('partitions: 12', 'partitions: 0'))).not.toEqual([]);
    expect(await faults(text.replace('schemas/gift/1.0.json', 'schemas/gift/1.99.json'))).not.toEqual([]);
  });

  it('has each event in the channel of its topic, and all of rooms in the one of the single strategy', () => {
    for (const { subject } of TOPIC_CATALOGUE.filter((topic) => topic.subject !== 'raw')) {
      const expected = EVENT_NAMES.filter((name) => EVENT_CATALOGUE[name].topic === subject);
      expect(Object.keys(document.channels[subject]?.messages ?? {}), subject).toEqual(expected);
    }
    const single = Object.keys(document.channels[SINGLE_TOPIC]?.messages ?? {});
    expect(single).toEqual(EVENT_NAMES.filter((name) => name !== 'canary'));
    expect(Object.keys(document.operations)).toEqual(Object.keys(document.channels).map((name) => `send.${name}`));
  });

  it.each<TopicStrategy>(['subject', 'single'])('has the figures with which topics are created: %s', (strategy) => {
    const settings = { partitions: DEFAULT_PARTITIONS, replicationFactor: undefined, raw: true };
    for (const planned of planTopics({ prefix: DEFAULT_TOPIC_PREFIX, strategy, ...settings })) {
      const channel = Object.values(document.channels).find(({ address }) => address === planned.name);
      expect(channel?.bindings.kafka, planned.name).toMatchObject({
        topic: planned.name,
        partitions: planned.partitions,
        topicConfiguration: {
          'cleanup.policy': planned.settings['cleanup.policy']?.split(','),
          'retention.ms': Number(planned.settings['retention.ms']),
          // Left to the brokers unless it is set: Kafka's default.
          'max.message.bytes': MAX_MESSAGE_BYTES,
        },
        bindingVersion: '0.5.0',
      });
    }
  });

  it('has examples whose headers and payload are valid, the headers copies of the payload', () => {
    const schemas = compileSchemas();
    const ajv = new Ajv2020({ allErrors: true, strict: true });
    ajvFormats.default(ajv);
    for (const [name, { headers, examples }] of Object.entries(document.components.messages)) {
      if (name === 'raw') continue;
      const [example] = examples ?? [];
      const schema = document.components.schemas[headers.$ref.split('/').at(-1) ?? ''];
      expect(example, name).toBeDefined();
      expect(schemas.errors(example?.payload), name).toEqual([]);
      expect(ajv.validate(schema ?? false, example?.headers), name).toBe(true);
      const { id, type, source, sequence } = example?.payload ?? {};
      expect(example?.headers, name).toEqual({
        'content-type': 'application/cloudevents+json; charset=UTF-8',
        ce_id: id,
        ce_type: type,
        ce_source: source,
        ...(sequence === undefined ? {} : { ce_sequence: sequence }),
      });
    }
  });
});
