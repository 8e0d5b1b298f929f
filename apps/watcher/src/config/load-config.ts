import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { Secret } from '../common/secret.js';
import { ConfigError } from './config.error.js';
import { environmentSchema, FOREIGN_NAMES, SETTINGS, type Environment, type SettingName } from './env.schema.js';
import {
  certificateFaults,
  kafkaContradictions,
  kafkaOf,
  topicOverrides,
  type Contradiction,
} from './kafka-settings.js';
import { readSettingFile, readSettingFiles, type ReadFile, type SettingFiles } from './setting-files.js';
import type { KafkaTls, WatcherConfig } from './watcher-config.js';

const PREFIX = 'LIVETAP_';
const MAX_TYPO_DISTANCE = 4;

/**
 * Reads all settings from an environment (names and texts), and the files that some of them name, once. Empty texts count
 * as unset.
 * @throws ConfigError with every fault at once; no fault holds a value.
 */
export function loadConfig(
  environment: Readonly<Record<string, string | undefined>>,
  readFile: ReadFile = readSettingFile,
): WatcherConfig {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const faults = unknownNames(given);
  const wrong = new Set<string>();
  const parsed = environmentSchema.safeParse(given);
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0]);
    if (!wrong.has(name)) faults.push(`${name} ${issue.message}.`);
    wrong.add(name);
  }
  // Rules between settings are judged as well, with the default in place of what is wrong, if they are not about that.
  const right = Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name)));
  const values = parsed.data ?? environmentSchema.parse(right);
  for (const { about, fault } of contradictions(values)) if (!about.some((name) => wrong.has(name))) faults.push(fault);
  const { files, faults: fileFaults } = readSettingFiles(values, readFile);
  faults.push(...fileFaults, ...certificateFaults(files));
  if (faults.length > 0) throw new ConfigError(faults);
  return toConfig(values, files);
}

/** The typed settings. Every setting is read here or in the functions that this one calls, and only there. */
export function toConfig(environment: Environment, files: SettingFiles = {}): WatcherConfig {
  return {
    http: {
      host: environment.LIVETAP_HTTP_HOST,
      port: environment.LIVETAP_HTTP_PORT,
      loopback: isLoopback(environment.LIVETAP_HTTP_HOST),
      allowedHosts: environment.LIVETAP_HTTP_ALLOWED_HOSTS,
      apiKeys: environment.LIVETAP_API_KEYS,
      requestsPerMinute: environment.LIVETAP_API_REQUESTS_PER_MINUTE,
    },
    storage: {
      dataDir: resolve(environment.LIVETAP_DATA_DIR),
      databaseUrl: secret(environment.DATABASE_URL),
      secretKeys: environment.LIVETAP_SECRETS_KEYS,
      journalMaxBytes: environment.LIVETAP_JOURNAL_MAX_BYTES,
      journalMaxAgeMs: environment.LIVETAP_JOURNAL_MAX_AGE_MS,
    },
    kafka: kafkaOf(environment, files),
    topics: {
      prefix: environment.LIVETAP_TOPIC_PREFIX,
      strategy: environment.LIVETAP_TOPIC_STRATEGY,
      partitions: environment.LIVETAP_TOPIC_PARTITIONS,
      acceptPartitions: environment.LIVETAP_TOPIC_ACCEPT_PARTITIONS,
      replicationFactor: environment.LIVETAP_TOPIC_REPLICATION_FACTOR,
      raw: environment.LIVETAP_RAW_TOPIC,
      create: environment.LIVETAP_TOPIC_CREATE,
      overrides: topicOverrides(environment),
    },
    commands: environment.LIVETAP_COMMANDS,
    tiktok: {
      socketSources: environment.LIVETAP_SOCKET_SOURCES,
      fixedSocketUrl: secret(environment.LIVETAP_FIXED_SOCKET_URL),
      signApiUrl: environment.SIGN_API_URL,
      signApiKey: secret(environment.SIGN_API_KEY),
      signOAuthToken: secret(environment.LIVETAP_SIGN_OAUTH_TOKEN),
      bulkChecksPerMinute: environment.LIVETAP_BULK_CHECKS_PER_MINUTE,
      sessionSignHost: environment.WHITELIST_AUTHENTICATED_SESSION_ID_HOST,
      webUrl: environment.LIVETAP_TIKTOK_WEB_URL,
      webcastUrl: environment.LIVETAP_TIKTOK_WEBCAST_URL,
      socketUrl: environment.LIVETAP_TIKTOK_SOCKET_URL,
      requestsPerSecond: environment.LIVETAP_REQUESTS_PER_SECOND,
      checkIntervalMs: environment.LIVETAP_CHECK_INTERVAL_MS,
      checkIntervalMaxMs: environment.LIVETAP_CHECK_INTERVAL_MAX_MS,
    },
    rooms: {
      leaseGraceMs: environment.LIVETAP_LEASE_GRACE_MS,
      silenceMs: environment.LIVETAP_SILENCE_MS,
      snapshotIntervalMs: environment.LIVETAP_SNAPSHOT_INTERVAL_MS,
    },
    retention: {
      snapshotMs: environment.LIVETAP_SNAPSHOT_RETENTION_MS,
      meansMs: environment.LIVETAP_SNAPSHOT_MEANS_RETENTION_MS,
      gifterMs: environment.LIVETAP_GIFTER_RETENTION_MS,
      viewerMs: environment.LIVETAP_VIEWER_RETENTION_MS,
      archiveMs: environment.LIVETAP_ARCHIVE_RETENTION_MS,
    },
    archivedEvents: environment.LIVETAP_ARCHIVE_EVENTS,
    webhooks: {
      allowPrivate: environment.LIVETAP_WEBHOOKS_ALLOW_PRIVATE,
      timeoutMs: environment.LIVETAP_WEBHOOKS_TIMEOUT_MS,
      concurrency: environment.LIVETAP_WEBHOOKS_CONCURRENCY,
      retentionMs: environment.LIVETAP_WEBHOOKS_RETENTION_MS,
    },
    auditRetentionMs: environment.LIVETAP_AUDIT_RETENTION_MS,
    shutdownTimeoutMs: environment.LIVETAP_SHUTDOWN_TIMEOUT_MS,
    logLevel: environment.LIVETAP_LOG_LEVEL,
  };
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  const bare = host.toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

/** Every secret that the settings hold, so that the log can cover it wherever it shows up. */
export function secretsOf(config: WatcherConfig): readonly Secret[] {
  const { http, storage, kafka, tiktok } = config;
  return [
    ...http.apiKeys.map(({ key }) => key),
    ...storage.secretKeys.map(({ key }) => key),
    ...[
      storage.databaseUrl,
      tiktok.signApiKey,
      tiktok.fixedSocketUrl,
      tiktok.signOAuthToken,
      kafka?.sasl?.password,
      clientKey(kafka?.tls),
    ].filter((entry) => entry !== undefined),
  ];
}

function secret(value: string | undefined): Secret | undefined {
  return value === undefined ? undefined : new Secret(value);
}

function clientKey(tls: false | KafkaTls | undefined): Secret | undefined {
  return tls === false || tls === undefined ? undefined : tls.client?.key;
}

const ADDRESSES = [
  'LIVETAP_TIKTOK_WEB_URL',
  'LIVETAP_TIKTOK_WEBCAST_URL',
  'LIVETAP_TIKTOK_SOCKET_URL',
  'LIVETAP_FIXED_SOCKET_URL',
] as const;

/** Settings that are right alone and wrong together. */
function contradictions(environment: Environment): readonly Contradiction[] {
  const found: Contradiction[] = [];
  if (!isLoopback(environment.LIVETAP_HTTP_HOST) && environment.LIVETAP_API_KEYS.length === 0) {
    found.push({
      about: ['LIVETAP_HTTP_HOST', 'LIVETAP_API_KEYS'],
      fault:
        'LIVETAP_HTTP_HOST is not a loopback address, so LIVETAP_API_KEYS must hold at least one key (name:role:key); or listen on 127.0.0.1.',
    });
  }
  for (const name of ADDRESSES) {
    const value = environment[name];
    if (value !== undefined && !isPrivate(new URL(value))) {
      const fault = `${name} must be encrypted (https:// or wss://), unless it is an address of this machine.`;
      found.push({ about: [name], fault });
    }
  }
  if (environment.LIVETAP_SOCKET_SOURCES.includes('fixed') && environment.LIVETAP_FIXED_SOCKET_URL === undefined) {
    found.push({
      about: ['LIVETAP_SOCKET_SOURCES', 'LIVETAP_FIXED_SOCKET_URL'],
      fault: 'LIVETAP_SOCKET_SOURCES names "fixed", so LIVETAP_FIXED_SOCKET_URL must be set.',
    });
  }
  found.push(...kafkaContradictions(environment));
  if (environment.LIVETAP_SIGN_OAUTH_TOKEN !== undefined && environment.SIGN_API_KEY === undefined) {
    found.push({
      about: ['LIVETAP_SIGN_OAUTH_TOKEN', 'SIGN_API_KEY'],
      fault: 'LIVETAP_SIGN_OAUTH_TOKEN needs SIGN_API_KEY: bulk live checks are for keys that are entitled to them.',
    });
  }
  if (environment.LIVETAP_CHECK_INTERVAL_MAX_MS < environment.LIVETAP_CHECK_INTERVAL_MS) {
    found.push({
      about: ['LIVETAP_CHECK_INTERVAL_MAX_MS', 'LIVETAP_CHECK_INTERVAL_MS'],
      fault: 'LIVETAP_CHECK_INTERVAL_MAX_MS must not be less than LIVETAP_CHECK_INTERVAL_MS.',
    });
  }
  return found;
}

/** Nobody on the way can read what is sent there: encrypted, or this machine itself. */
function isPrivate(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'wss:' || isLoopback(url.hostname.replace(/^\[|\]$/g, ''));
}

const isForeign = (name: string): boolean =>
  FOREIGN_NAMES.some((foreign) => name === foreign || (foreign.endsWith('_') && name.startsWith(foreign)));

function unknownNames(given: Readonly<Record<string, unknown>>): string[] {
  const known = Object.keys(SETTINGS) as SettingName[];
  return Object.keys(given)
    .filter((name) => name.startsWith(PREFIX) && !(name in SETTINGS) && !isForeign(name))
    .map((name) => {
      const [nearest] = known
        .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
        .sort((a, b) => a.distance - b.distance);
      const hint =
        nearest && nearest.distance <= MAX_TYPO_DISTANCE
          ? ` Did you mean ${nearest.candidate}?`
          : ' Remove it or correct the name.';
      return `${name} is not a setting of this version.${hint}`;
    });
}

/** Levenshtein's distance: how many letters to change, add or drop. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
