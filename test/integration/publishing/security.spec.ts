import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { makeAuthority, readTopics, sampleEvent, startSecuredKafka, testClient } from '@livetap/testkit';
import kafkajs from 'kafkajs';
import { afterAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../apps/watcher/src/common/secret.js';
import type { KafkaConfig, KafkaTls } from '../../../apps/watcher/src/config/watcher-config.js';
import { KafkaEventPublisher } from '../../../apps/watcher/src/publishing/kafka-event-publisher.adapter.js';
import { planTopics, type TopicSettings } from '../../../apps/watcher/src/publishing/topic-plan.js';

const USERS = { writer: 'planted-writer-password', reader: 'planted-reader-password' };
const started = await startSecuredKafka({ users: USERS });
const secured = 'skipped' in started ? undefined : started;

/** Kafka's numbers, as its protocol has them. */
const { AclResourceTypes, AclOperationTypes, AclPermissionTypes, ResourcePatternTypes } = kafkajs;

describe.skipIf(secured === undefined)('a Kafka with TLS, log-in and rights', () => {
  if (secured === undefined) return;
  const { listeners, authority, clientCertificate, foreignName } = secured;
  afterAll(() => secured.dispose());

  const trust: KafkaTls = { ca: authority.cert };
  const client = { cert: clientCertificate.cert, key: new Secret(clientCertificate.key) };
  const login = (
    mechanism: NonNullable<KafkaConfig['sasl']>['mechanism'],
    username = 'writer',
    password: string = USERS.writer,
  ): KafkaConfig['sasl'] => ({ mechanism, username, password: new Secret(password) });

  const topicsOf = (changes: Partial<TopicSettings> = {}): TopicSettings => ({
    prefix: `secured.${randomUUID().slice(0, 8)}`,
    strategy: 'single',
    partitions: 1,
    replicationFactor: 1,
    raw: false,
    ...changes,
  });
  const publisherOf = (kafka: Omit<KafkaConfig, 'compression'>, topics = topicsOf()): KafkaEventPublisher =>
    new KafkaEventPublisher({ kafka, clientId: 'test', topics });

  /** Rights by prefix, for a user or for the owner of a certificate. */
  async function allow(principal: string, prefix: string, ...operations: number[]): Promise<void> {
    const admin = testClient(listeners.plaintext).admin();
    await admin.connect();
    await admin.createAcls({
      acl: operations.map((operation) => ({
        resourceType: AclResourceTypes.TOPIC,
        resourceName: prefix,
        resourcePatternType: ResourcePatternTypes.PREFIXED,
        principal,
        host: '*',
        operation,
        permissionType: AclPermissionTypes.ALLOW,
      })),
    });
    await admin.disconnect();
  }
  const { CREATE, WRITE, DESCRIBE, READ, DESCRIBE_CONFIGS } = AclOperationTypes;

  const failureOf = async (publisher: KafkaEventPublisher): Promise<Error> => {
    const error: unknown = await publisher.start().then(
      () => new Error('it started'),
      (thrown: unknown) => thrown,
    );
    await publisher.stop();
    const shown = `${inspect(error, { depth: 12 })} ${JSON.stringify(error)}`;
    expect(shown).not.toMatch(/planted|PRIVATE KEY/);
    return error as Error;
  };

  it.each([
    ['TLS', { brokers: listeners.tls, tls: trust, sasl: undefined }],
    [
      'TLS for another name',
      { brokers: listeners.foreignTls, tls: { ...trust, serverName: foreignName }, sasl: undefined },
    ],
    ['TLS with a client certificate', { brokers: listeners.mutualTls, tls: { ...trust, client }, sasl: undefined }],
    ['PLAIN', { brokers: listeners.saslPlaintext, tls: false as const, sasl: login('plain') }],
    ['SCRAM-SHA-256', { brokers: listeners.saslPlaintext, tls: false as const, sasl: login('scram-sha-256') }],
    ['SCRAM-SHA-512', { brokers: listeners.saslPlaintext, tls: false as const, sasl: login('scram-sha-512') }],
    ['PLAIN over TLS', { brokers: listeners.saslTls, tls: trust, sasl: login('plain') }],
    ['SCRAM-SHA-256 over TLS', { brokers: listeners.saslTls, tls: trust, sasl: login('scram-sha-256') }],
    ['SCRAM-SHA-512 over TLS', { brokers: listeners.saslTls, tls: trust, sasl: login('scram-sha-512') }],
  ])('%s: makes its topics and publishes with no more rights than it needs', async (_name, kafka) => {
    const topics = topicsOf();
    await allow('User:writer', topics.prefix, CREATE, WRITE, DESCRIBE);
    await allow('User:CN=livetap', topics.prefix, CREATE, WRITE, DESCRIBE);
    const publisher = publisherOf(kafka, topics);
    await publisher.publish([{ ...sampleEvent(1), offset: 1 }]);
    await publisher.stop();
    const records = await readTopics(listeners.plaintext, [`${topics.prefix}.events`]);
    expect(records.map(({ headers }) => headers['ce_id'])).toEqual(['1']);
  });

  it.each([
    [
      'a wrong password (PLAIN)',
      { brokers: listeners.saslTls, tls: trust, sasl: login('plain', 'writer', 'planted-wrong') },
      'WATCHER_KAFKA_DENIED',
      /user, password/,
    ],
    [
      'a wrong password (SCRAM)',
      { brokers: listeners.saslTls, tls: trust, sasl: login('scram-sha-512', 'writer', 'planted-wrong') },
      'WATCHER_KAFKA_DENIED',
      /user, password/,
    ],
    [
      'no client certificate where one is asked for',
      { brokers: listeners.mutualTls, tls: trust, sasl: undefined },
      'WATCHER_KAFKA_DENIED',
      /TLS/,
    ],
    [
      'an authority that did not sign the broker',
      { brokers: listeners.tls, tls: { ca: makeAuthority().cert }, sasl: undefined },
      'WATCHER_KAFKA_UNTRUSTED',
      /CA_FILE/,
    ],
    [
      "Node's own authorities only",
      { brokers: listeners.tls, tls: {}, sasl: undefined },
      'WATCHER_KAFKA_UNTRUSTED',
      /certificate is not trusted/,
    ],
    [
      'an expired certificate',
      { brokers: listeners.expiredTls, tls: trust, sasl: undefined },
      'WATCHER_KAFKA_UNTRUSTED',
      /CERT_HAS_EXPIRED/,
    ],
    [
      'a certificate for another name',
      { brokers: listeners.foreignTls, tls: trust, sasl: undefined },
      'WATCHER_KAFKA_UNTRUSTED',
      /ALTNAME_INVALID/,
    ],
  ])('%s: says so, in words without secrets, and may be tried again', async (_name, kafka, code, words) => {
    const error = await failureOf(publisherOf(kafka));
    expect(error).toMatchObject({ code, retryable: true });
    expect(error.message).toMatch(words);
  });

  it('rights to see but not to create: every missing topic is named with what to run; somebody makes them, and it goes on', async () => {
    const topics = topicsOf({ strategy: 'subject' });
    await allow('User:reader', topics.prefix, WRITE, DESCRIBE);
    const kafka = { brokers: listeners.saslTls, tls: trust, sasl: login('scram-sha-512', 'reader', USERS.reader) };
    const error = await failureOf(publisherOf(kafka, topics));
    expect(error).toMatchObject({ code: 'WATCHER_KAFKA_TOPICS_MISSING', retryable: true });
    for (const { name } of planTopics(topics)) expect(error.message).toContain(name);

    const administrator = publisherOf({ brokers: listeners.plaintext, tls: false, sasl: undefined }, topics);
    await administrator.start();
    await administrator.stop();
    const publisher = publisherOf(kafka, topics);
    await publisher.publish([{ ...sampleEvent(2), offset: 1 }]);
    await publisher.stop();
  });

  it('no right to write: refused at the first batch, and published when the right is given', async () => {
    const topics = topicsOf();
    await allow('User:reader', topics.prefix, CREATE, DESCRIBE, READ, DESCRIBE_CONFIGS);
    const publisher = publisherOf(
      { brokers: listeners.saslTls, tls: trust, sasl: login('plain', 'reader', USERS.reader) },
      topics,
    );
    const batch = [{ ...sampleEvent(3), offset: 1 }];
    await expect(publisher.publish(batch)).rejects.toMatchObject({ code: 'WATCHER_KAFKA_DENIED', retryable: true });
    await allow('User:reader', topics.prefix, WRITE);
    // Rights spread through the broker within moments.
    await expect
      .poll(
        () =>
          publisher.publish(batch).then(
            () => 'published',
            () => 'refused',
          ),
        { timeout: 30_000 },
      )
      .toBe('published');
    await publisher.stop();
  });
});
