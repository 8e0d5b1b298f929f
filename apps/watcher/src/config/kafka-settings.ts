import { createSecureContext } from 'node:tls';
import { Secret } from '../common/secret.js';
import type { Environment, SettingName } from './env.schema.js';
import type { SettingFiles } from './setting-files.js';
import type { KafkaConfig, KafkaTls, TopicOverrides } from './watcher-config.js';

/** Settings that are right alone and wrong together; `about` names them. */
export interface Contradiction {
  readonly about: readonly SettingName[];
  readonly fault: string;
}

const TLS_DETAILS = [
  'LIVETAP_KAFKA_TLS_CA_FILE',
  'LIVETAP_KAFKA_TLS_CERT_FILE',
  'LIVETAP_KAFKA_TLS_KEY_FILE',
  'LIVETAP_KAFKA_TLS_SERVER_NAME',
] as const;
const CLIENT_CERTIFICATE = ['LIVETAP_KAFKA_TLS_CERT_FILE', 'LIVETAP_KAFKA_TLS_KEY_FILE'] as const;
const PASSWORD = ['LIVETAP_KAFKA_SASL_PASSWORD', 'LIVETAP_KAFKA_SASL_PASSWORD_FILE'] as const;
const SASL = ['LIVETAP_KAFKA_SASL_MECHANISM', 'LIVETAP_KAFKA_SASL_USERNAME', ...PASSWORD] as const;

/** How to reach the brokers; undefined when none is named. */
export function kafkaOf(environment: Environment, files: SettingFiles): KafkaConfig | undefined {
  const { KAFKA_BROKERS: brokers, LIVETAP_KAFKA_COMPRESSION: compression } = environment;
  const mechanism = environment.LIVETAP_KAFKA_SASL_MECHANISM;
  const username = environment.LIVETAP_KAFKA_SASL_USERNAME;
  // Editors end a file with a line break; no password ends with one.
  const password =
    environment.LIVETAP_KAFKA_SASL_PASSWORD ?? files.LIVETAP_KAFKA_SASL_PASSWORD_FILE?.replace(/[\r\n]+$/, '');
  if (brokers.length === 0) return undefined;
  const complete = mechanism !== undefined && username !== undefined && password !== undefined;
  return {
    brokers,
    tls: environment.LIVETAP_KAFKA_TLS ? tlsOf(environment, files) : false,
    sasl: complete ? { mechanism, username, password: new Secret(password) } : undefined,
    compression,
  };
}

function tlsOf(environment: Environment, files: SettingFiles): KafkaTls {
  const { LIVETAP_KAFKA_TLS_CA_FILE: ca, LIVETAP_KAFKA_TLS_CERT_FILE: cert, LIVETAP_KAFKA_TLS_KEY_FILE: key } = files;
  const serverName = environment.LIVETAP_KAFKA_TLS_SERVER_NAME;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { client: { cert, key: new Secret(key) } }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

/** What differs from the catalogue of topics. */
export function topicOverrides(environment: Environment): TopicOverrides {
  return {
    retentionMs: environment.LIVETAP_TOPIC_RETENTION_MS,
    cleanupPolicy: environment.LIVETAP_TOPIC_CLEANUP_POLICY,
    compression: environment.LIVETAP_TOPIC_COMPRESSION,
    minInsyncReplicas: environment.LIVETAP_TOPIC_MIN_INSYNC_REPLICAS,
    maxMessageBytes: environment.LIVETAP_TOPIC_MAX_MESSAGE_BYTES,
  };
}

/** What is wrong between the settings for Kafka. */
export function kafkaContradictions(environment: Environment): readonly Contradiction[] {
  const found: Contradiction[] = [];
  const given = (name: (typeof SASL | typeof TLS_DETAILS)[number]): boolean => environment[name] !== undefined;
  if (PASSWORD.every(given)) {
    found.push({ about: PASSWORD, fault: `${PASSWORD.join(' and ')} are two ways to say the same: set one of them.` });
  }
  const [mechanism, username] = SASL;
  const parts = [given(mechanism), given(username), PASSWORD.some(given)];
  if (parts.includes(true) && parts.includes(false)) {
    found.push({
      about: SASL,
      fault: `${mechanism}, ${username} and LIVETAP_KAFKA_SASL_PASSWORD (or its file) go together: set all three or none.`,
    });
  }
  if (given(CLIENT_CERTIFICATE[0]) !== given(CLIENT_CERTIFICATE[1])) {
    found.push({
      about: CLIENT_CERTIFICATE,
      fault: `${CLIENT_CERTIFICATE.join(' and ')} go together: set both or none.`,
    });
  }
  const details = TLS_DETAILS.filter(given);
  if (details.length > 0 && !environment.LIVETAP_KAFKA_TLS) {
    found.push({
      about: ['LIVETAP_KAFKA_TLS', ...details],
      fault: `${details.join(', ')} would do nothing: set LIVETAP_KAFKA_TLS to on as well.`,
    });
  }
  const { LIVETAP_TOPIC_MIN_INSYNC_REPLICAS: inSync, LIVETAP_TOPIC_REPLICATION_FACTOR: replicas } = environment;
  if (inSync !== undefined && replicas !== undefined && inSync > replicas) {
    found.push({
      about: ['LIVETAP_TOPIC_MIN_INSYNC_REPLICAS', 'LIVETAP_TOPIC_REPLICATION_FACTOR'],
      fault:
        'LIVETAP_TOPIC_MIN_INSYNC_REPLICAS must not be more than LIVETAP_TOPIC_REPLICATION_FACTOR: no record could ever be acknowledged.',
    });
  }
  return found;
}

/** Faults of certificates and keys that TLS itself would find only when it connects. Never says what is inside. */
export function certificateFaults(files: SettingFiles): readonly string[] {
  const { LIVETAP_KAFKA_TLS_CA_FILE: ca, LIVETAP_KAFKA_TLS_CERT_FILE: cert, LIVETAP_KAFKA_TLS_KEY_FILE: key } = files;
  const faults: string[] = [];
  // Node takes a text without any certificate for an empty list and then trusts nobody.
  if (ca !== undefined && (!ca.includes('BEGIN CERTIFICATE') || !usable({ ca }))) {
    faults.push('LIVETAP_KAFKA_TLS_CA_FILE must hold certificates in PEM form.');
  }
  if (cert !== undefined && key !== undefined && !usable({ cert, key })) {
    faults.push(
      'LIVETAP_KAFKA_TLS_CERT_FILE and LIVETAP_KAFKA_TLS_KEY_FILE must hold a certificate and its own key in PEM form, without a passphrase.',
    );
  }
  return faults;
}

function usable(material: { ca?: string; cert?: string; key?: string }): boolean {
  try {
    createSecureContext(material);
    return true;
  } catch {
    // OpenSSL's words can show parts of the file.
    return false;
  }
}
