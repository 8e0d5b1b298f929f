import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../tcp/free-port.js';
import { makeAuthority, makeCertificate, type TestAuthority, type TestCertificate } from '../tls/certificate.js';
import { javaClassPath, newClusterId } from './java-kafka.js';
import { JavaKafkaProcess } from './java-process.js';
import { type Listener, nodeProperties } from './java-properties.js';
import { waitUntilReady } from './kafka-ready.js';
import type { KafkaSkipped } from './kafka-server.js';

export interface SecuredKafkaOptions {
  /** Names and passwords that all three SASL mechanisms know. The user of the plaintext listener is a super user. */
  readonly users: Readonly<Record<string, string>>;
}

/** Where a secured broker listens; each address is `host:port`, one list for one listener. */
export interface SecuredListeners {
  /** No security: for the test's own clients, who may do everything. */
  readonly plaintext: readonly string[];
  readonly tls: readonly string[];
  /** Asks for a client certificate; the user is the certificate's subject, `User:CN=<common name>`. */
  readonly mutualTls: readonly string[];
  readonly saslPlaintext: readonly string[];
  readonly saslTls: readonly string[];
  /** Its certificate is expired. */
  readonly expiredTls: readonly string[];
  /** Its certificate is for `broker.invalid`, not for the address. */
  readonly foreignTls: readonly string[];
}

/** A broker as real clusters have it: TLS, SASL and rights (Kafka's own authorizer, everything is denied unless allowed). */
export interface SecuredKafka {
  readonly listeners: SecuredListeners;
  readonly authority: TestAuthority;
  /** Of a client with the common name `livetap`. */
  readonly clientCertificate: TestCertificate;
  /** Name that the foreign certificate is for. */
  readonly foreignName: string;
  stop(): Promise<void>;
  restart(): Promise<void>;
  dispose(): Promise<void>;
}

const HOST = '127.0.0.1';
const FOREIGN_NAME = 'broker.invalid';
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'];
const HOUR_MS = 3_600_000;

/** Certificates and the credentials of the users are made at run time. Needs Java and Maven. */
export async function startSecuredKafka(options: SecuredKafkaOptions): Promise<SecuredKafka | KafkaSkipped> {
  const found = await javaClassPath();
  if ('unavailable' in found) return { skipped: found.unavailable };
  const directory = await mkdtemp(join(tmpdir(), 'livetap-kafka-'));
  const [plain = 0, tls = 0, mutual = 0, saslPlain = 0, saslTls = 0, expired = 0, foreign = 0, controller = 0] =
    await freePorts(8);
  const listeners: readonly Listener[] = [
    { name: 'PLAINTEXT', protocol: 'PLAINTEXT', port: plain },
    { name: 'TLS', protocol: 'SSL', port: tls },
    { name: 'MUTUAL', protocol: 'SSL', port: mutual },
    { name: 'SASLPLAINTEXT', protocol: 'SASL_PLAINTEXT', port: saslPlain },
    { name: 'SASLTLS', protocol: 'SASL_SSL', port: saslTls },
    { name: 'EXPIRED', protocol: 'SSL', port: expired },
    { name: 'FOREIGN', protocol: 'SSL', port: foreign },
  ];
  const authority = makeAuthority();
  const store = async (name: string, text: string): Promise<string> => {
    const path = join(directory, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  const keyStore = (name: string, { key, cert }: TestCertificate): Promise<string> => store(name, `${key}${cert}`);
  const own = await keyStore('own.pem', makeCertificate([HOST, 'localhost'], { issuer: authority }));
  const old = makeCertificate([HOST], { issuer: authority, validUntil: new Date(Date.now() - HOUR_MS) });
  const other = makeCertificate([FOREIGN_NAME], { issuer: authority });
  const node = await JavaKafkaProcess.create({
    classPath: found.classPath,
    directory: join(directory, 'node'),
    clusterId: newClusterId(),
    formatArguments: Object.entries(options.users).flatMap(([name, password]) =>
      MECHANISMS.filter((mechanism) => mechanism !== 'PLAIN').flatMap((mechanism) => [
        '--add-scram',
        `${mechanism}=[name=${name},password=${password}]`,
      ]),
    ),
    properties: {
      ...nodeProperties({
        nodeId: 1,
        roles: 'broker,controller',
        data: join(directory, 'node', 'data'),
        listeners,
        controller: { nodeId: 1, port: controller },
      }),
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': await store('authority.pem', authority.cert),
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': own,
      'listener.name.mutual.ssl.client.auth': 'required',
      'listener.name.expired.ssl.keystore.location': await keyStore('expired.pem', old),
      'listener.name.foreign.ssl.keystore.location': await keyStore('foreign.pem', other),
      'sasl.enabled.mechanisms': MECHANISMS.join(','),
      ...saslProperties(['saslplaintext', 'sasltls'], options.users),
    },
  });
  const brokers = [`${HOST}:${plain}`];
  const start = async (): Promise<void> => {
    await node.launch();
    await waitUntilReady(brokers, () => node.gone).catch((error: unknown) => node.fail(error));
  };
  await start();
  return {
    authority,
    clientCertificate: makeCertificate(['livetap'], { issuer: authority, commonName: 'livetap' }),
    foreignName: FOREIGN_NAME,
    listeners: {
      plaintext: brokers,
      tls: [`${HOST}:${tls}`],
      mutualTls: [`${HOST}:${mutual}`],
      saslPlaintext: [`${HOST}:${saslPlain}`],
      saslTls: [`${HOST}:${saslTls}`],
      expiredTls: [`${HOST}:${expired}`],
      foreignTls: [`${HOST}:${foreign}`],
    },
    stop: () => node.stop(),
    restart: start,
    dispose: async () => {
      await node.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function saslProperties(
  listeners: readonly string[],
  users: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const known = Object.entries(users).map(([name, password]) => `user_${name}="${password}"`);
  const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required ${known.join(' ')};`;
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  return Object.fromEntries(
    listeners.flatMap((listener) =>
      MECHANISMS.map((mechanism) => [
        `listener.name.${listener}.${mechanism.toLowerCase()}.sasl.jaas.config`,
        mechanism === 'PLAIN' ? plain : scram,
      ]),
    ),
  );
}
