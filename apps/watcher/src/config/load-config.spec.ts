import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { makeAuthority, makeCertificate } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './config.error.js';
import { environmentSchema, FOREIGN_NAMES, SETTINGS } from './env.schema.js';
import { isLoopback, loadConfig, secretsOf, toConfig } from './load-config.js';
import { readSettingFiles, type ReadFile } from './setting-files.js';

function faultsOf(environment: Record<string, string>, files: Record<string, string> = {}): readonly string[] {
  try {
    loadConfig(environment, readFrom(files));
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).faults;
  }
  return [];
}

/** Files in memory. */
function readFrom(files: Readonly<Record<string, string>>): ReadFile {
  return (path) => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
    return text;
  };
}

describe('loadConfig', () => {
  it('needs nothing: loopback, port 3000, embedded database, journal only', () => {
    const config = loadConfig({});
    expect(config.http).toMatchObject({ host: '127.0.0.1', port: 3000, loopback: true, apiKeys: [] });
    expect(config.storage.databaseUrl).toBeUndefined();
    expect(config.storage.dataDir).toBe(join(process.cwd(), 'data'));
    expect(config.kafka).toBeUndefined();
    expect(config.topics).toMatchObject({
      prefix: 'tiktok.live',
      strategy: 'subject',
      partitions: 12,
      acceptPartitions: false,
      raw: false,
    });
    expect(config.tiktok.socketSources).toEqual(['direct', 'euler']);
    expect(config.commands).toBe(false);
  });

  it('reads every kind of value', () => {
    const config = loadConfig({
      LIVETAP_HTTP_PORT: '0',
      KAFKA_BROKERS: 'a:9092, [::1]:9093',
      LIVETAP_COMMANDS: 'ON',
      LIVETAP_SOCKET_SOURCES: 'euler,direct',
      LIVETAP_REQUESTS_PER_SECOND: '0.5',
      LIVETAP_TIKTOK_WEB_URL: 'http://127.0.0.1:4000/',
      LIVETAP_API_KEYS: 'ops:admin:ab:cd,page:read:xyz',
      LIVETAP_HTTP_ALLOWED_HOSTS: 'Livetap.internal:8080',
    });
    expect(config.http.port).toBe(0);
    expect(config.kafka?.brokers).toEqual(['a:9092', '[::1]:9093']);
    expect(config.commands).toBe(true);
    expect(config.tiktok).toMatchObject({
      socketSources: ['euler', 'direct'],
      requestsPerSecond: 0.5,
      webUrl: 'http://127.0.0.1:4000',
    });
    expect(config.http.apiKeys.map(({ name, role, key }) => [name, role, key.reveal()])).toEqual([
      ['ops', 'admin', 'ab:cd'],
      ['page', 'read', 'xyz'],
    ]);
    expect(config.http.allowedHosts).toEqual(['livetap.internal:8080']);
  });

  it('takes an empty value as unset, as compose files and .env templates give it', () => {
    const config = loadConfig({ SIGN_API_KEY: '', KAFKA_BROKERS: ' ', DATABASE_URL: '' });
    expect(config.tiktok.signApiKey).toBeUndefined();
    expect(config.kafka).toBeUndefined();
  });

  it('names all faults at once', () => {
    const faults = faultsOf({
      LIVETAP_HTTP_PORT: '70000',
      LIVETAP_TOPIC_STRATEGY: 'both',
      KAFKA_BROKERS: 'localhost',
      DATABASE_URL: 'mysql://x',
      LIVETAP_HTP_HOST: '0.0.0.0',
      LIVETAP_API_KEYS: 'ops:root:key',
    });
    expect(faults).toHaveLength(6);
    for (const name of ['HTTP_PORT', 'TOPIC_STRATEGY', 'KAFKA_BROKERS', 'DATABASE_URL', 'HTP_HOST', 'API_KEYS']) {
      expect(faults.filter((fault) => fault.includes(name))).toHaveLength(1);
    }
    expect(faults.join('\n')).toContain('LIVETAP_HTTP_PORT must be a whole number from 0 to 65535.');
    expect(faults.join('\n')).toContain('Did you mean LIVETAP_HTTP_HOST?');
  });

  it('names faults of single settings and faults between settings together', () => {
    const faults = faultsOf({ LIVETAP_HTTP_HOST: '0.0.0.0', LIVETAP_TOPIC_STRATEGY: 'x', LIVETAP_FOO: '1' });
    expect(faults).toHaveLength(3);
    expect(faults.join()).toMatch(/LIVETAP_FOO.*LIVETAP_TOPIC_STRATEGY.*LIVETAP_API_KEYS/s);
    // What is wrong already is not blamed twice.
    expect(faultsOf({ LIVETAP_HTTP_HOST: '0.0.0.0', LIVETAP_API_KEYS: 'wrong' })).toHaveLength(1);
  });

  it('never prints a value, in the message, the faults or the stack', () => {
    const planted = 'planted-53cr3t';
    const environment = Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, `${planted}-\u0000 ${name}`]));
    try {
      loadConfig({ ...environment, LIVETAP_UNHEARD_OF: planted });
      expect.unreachable();
    } catch (error) {
      const shown = [inspect(error, { depth: 9 }), JSON.stringify(error), String(error), (error as Error).stack].join(
        '\n',
      );
      expect(shown).not.toContain(planted);
      expect(shown).toContain('LIVETAP_UNHEARD_OF');
    }
  });

  it('keeps secrets covered in the loaded settings', () => {
    const config = loadConfig({
      LIVETAP_API_KEYS: 'ops:admin:planted-key',
      LIVETAP_SECRETS_KEYS: `k1:${'planted'.padEnd(43, '0')}=`,
      DATABASE_URL: 'postgresql://u:planted-db@h/d',
      SIGN_API_KEY: 'planted-sign',
      LIVETAP_SIGN_OAUTH_TOKEN: 'planted-token',
      KAFKA_BROKERS: 'h:1',
      LIVETAP_KAFKA_SASL_MECHANISM: 'plain',
      LIVETAP_KAFKA_SASL_USERNAME: 'u',
      LIVETAP_KAFKA_SASL_PASSWORD: 'planted-kafka',
    });
    expect(inspect(config, { depth: 9 }) + JSON.stringify(config)).not.toContain('planted');
    expect(secretsOf(config)).toHaveLength(6);
  });

  it('the way "fixed" needs an address, which is encrypted or of this machine, and a secret', () => {
    const fixed = (url?: string) =>
      loadConfig({ LIVETAP_SOCKET_SOURCES: 'fixed', ...(url === undefined ? {} : { LIVETAP_FIXED_SOCKET_URL: url }) });
    expect(() => fixed()).toThrow('LIVETAP_SOCKET_SOURCES names "fixed", so LIVETAP_FIXED_SOCKET_URL must be set.');
    expect(() => fixed('ws://elsewhere.example/{roomId}')).toThrow('LIVETAP_FIXED_SOCKET_URL must be encrypted');
    const config = fixed('wss://elsewhere.example/{roomId}?sign=planted');
    expect(config.tiktok.fixedSocketUrl?.reveal()).toBe('wss://elsewhere.example/{roomId}?sign=planted');
    expect(inspect(config, { depth: 9 }) + JSON.stringify(config)).not.toContain('planted');
    expect(secretsOf(config)).toHaveLength(1);
  });

  it('refuses an address that others can reach without a key', () => {
    expect(faultsOf({ LIVETAP_HTTP_HOST: '0.0.0.0' })).toEqual([expect.stringContaining('LIVETAP_API_KEYS')]);
    expect(faultsOf({ LIVETAP_HTTP_HOST: '0.0.0.0', LIVETAP_API_KEYS: 'a:read:k' })).toEqual([]);
  });

  it.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['192.168.0.1', false],
    ['127.example.com', false],
  ])('knows whether %s is loopback: %s', (host, loopback) => {
    expect(isLoopback(host)).toBe(loopback);
  });

  it('wants log-in settings for Kafka together', () => {
    expect(faultsOf({ KAFKA_BROKERS: 'h:1', LIVETAP_KAFKA_SASL_USERNAME: 'u' })).toEqual([
      expect.stringContaining('set all three or none'),
    ]);
  });

  it('refuses an address beyond this machine that is not encrypted', () => {
    expect(faultsOf({ LIVETAP_TIKTOK_WEB_URL: 'http://proxy.example' })).toEqual([
      expect.stringContaining('encrypted'),
    ]);
    expect(
      faultsOf({ LIVETAP_TIKTOK_WEB_URL: 'https://proxy.example', LIVETAP_TIKTOK_SOCKET_URL: 'ws://[::1]:1' }),
    ).toEqual([]);
  });

  it('refuses two keys of the same name and a check interval above its maximum', () => {
    expect(faultsOf({ LIVETAP_API_KEYS: 'a:read:k1,a:admin:k2' })).toHaveLength(1);
    expect(faultsOf({ LIVETAP_CHECK_INTERVAL_MS: '5000', LIVETAP_CHECK_INTERVAL_MAX_MS: '4000' })).toHaveLength(1);
  });

  it('refuses a token for bulk live checks without a key', () => {
    expect(faultsOf({ LIVETAP_SIGN_OAUTH_TOKEN: 'planted' })).toEqual([expect.stringContaining('SIGN_API_KEY')]);
    const config = loadConfig({ LIVETAP_SIGN_OAUTH_TOKEN: 'planted', SIGN_API_KEY: 'key' });
    expect(config.tiktok.signOAuthToken?.reveal()).toBe('planted');
    expect(secretsOf(config).map((secret) => secret.reveal())).toContain('planted');
    expect(config.tiktok.bulkChecksPerMinute).toBe(2);
  });

  it('lets the variables of tests and tools pass', () => {
    expect(
      faultsOf(Object.fromEntries(FOREIGN_NAMES.map((name) => [`${name}${name.endsWith('_') ? 'X' : ''}`, 'x']))),
    ).toEqual([]);
  });
});

describe('settings for real clusters', () => {
  const authority = makeAuthority();
  const client = makeCertificate(['livetap'], { issuer: authority });
  const files = {
    '/ca.pem': authority.cert,
    '/client.pem': client.cert,
    '/client.key': client.key,
    '/password': 'planted-password\n',
    '/empty': ' ',
    '/no.pem': 'planted-nonsense',
  };
  const tls = {
    KAFKA_BROKERS: 'h:1',
    LIVETAP_KAFKA_TLS: 'on',
    LIVETAP_KAFKA_TLS_CA_FILE: '/ca.pem',
    LIVETAP_KAFKA_TLS_CERT_FILE: '/client.pem',
    LIVETAP_KAFKA_TLS_KEY_FILE: '/client.key',
    LIVETAP_KAFKA_TLS_SERVER_NAME: 'kafka.internal',
  };

  it('reads certificates, key and password from their files, and covers key and password', () => {
    const config = loadConfig(
      {
        ...tls,
        LIVETAP_KAFKA_SASL_MECHANISM: 'scram-sha-512',
        LIVETAP_KAFKA_SASL_USERNAME: 'u',
        LIVETAP_KAFKA_SASL_PASSWORD_FILE: '/password',
      },
      readFrom(files),
    );
    const { kafka } = config;
    expect(kafka?.tls).toMatchObject({ ca: authority.cert, serverName: 'kafka.internal' });
    expect(kafka?.tls !== false && kafka?.tls.client?.key.reveal()).toBe(client.key);
    expect(kafka?.sasl?.password.reveal()).toBe('planted-password');
    expect(secretsOf(config).map((secret) => secret.reveal())).toEqual(['planted-password', client.key]);
    expect(inspect(config, { depth: 9 }) + JSON.stringify(config)).not.toMatch(/planted|PRIVATE KEY/);
  });

  it.each([
    ['a file that is not there', { LIVETAP_KAFKA_TLS_CA_FILE: '/missing' }, /CA_FILE .*cannot be read \(ENOENT\)/],
    ['an empty file', { LIVETAP_KAFKA_TLS_CA_FILE: '/empty' }, /CA_FILE .*empty/],
    ['no certificate', { LIVETAP_KAFKA_TLS_CA_FILE: '/no.pem' }, /CA_FILE must hold certificates/],
    ['the key of another certificate', { LIVETAP_KAFKA_TLS_CERT_FILE: '/ca.pem' }, /its own key/],
    ['a certificate without its key', { LIVETAP_KAFKA_TLS_KEY_FILE: '' }, /both or none/],
    ['details without TLS', { LIVETAP_KAFKA_TLS: 'off' }, /LIVETAP_KAFKA_TLS to on/],
    [
      'two passwords',
      {
        LIVETAP_KAFKA_SASL_MECHANISM: 'plain',
        LIVETAP_KAFKA_SASL_USERNAME: 'u',
        LIVETAP_KAFKA_SASL_PASSWORD: 'planted',
        LIVETAP_KAFKA_SASL_PASSWORD_FILE: '/password',
      },
      /set one of them/,
    ],
    [
      'more in-sync replicas than replicas',
      { LIVETAP_TOPIC_REPLICATION_FACTOR: '1', LIVETAP_TOPIC_MIN_INSYNC_REPLICAS: '2' },
      /MIN_INSYNC_REPLICAS must not be more/,
    ],
  ])('refuses %s', (_what, changes, fault) => {
    const faults = faultsOf({ ...tls, ...changes }, files);
    expect(faults).toEqual([expect.stringMatching(fault)]);
    expect(faults.join()).not.toMatch(/planted|\/missing|\.pem/);
  });

  it('takes figures of topics for all and by name', () => {
    const { overrides } = loadConfig({
      LIVETAP_TOPIC_RETENTION_MS: '86400000, chat=-1',
      LIVETAP_TOPIC_CLEANUP_POLICY: 'lifecycle=compact+delete',
      LIVETAP_TOPIC_MAX_MESSAGE_BYTES: '2000000',
    }).topics;
    expect([...(overrides.retentionMs ?? [])]).toEqual([
      ['*', 86_400_000],
      ['chat', -1],
    ]);
    expect([...(overrides.cleanupPolicy ?? [])]).toEqual([['lifecycle', 'compact,delete']]);
    expect(overrides.maxMessageBytes).toBe(2_000_000);
    for (const wrong of ['5', 'chats=86400000', 'chat=86400000,chat=-1', 'chat=', '86400000,']) {
      expect(faultsOf({ LIVETAP_TOPIC_RETENTION_MS: wrong }), wrong).toHaveLength(1);
    }
    expect(faultsOf({ LIVETAP_TOPIC_CLEANUP_POLICY: 'shrink' })).toHaveLength(1);
  });
});

describe('every setting', () => {
  it('is read', () => {
    const read = new Set<string>();
    const values = environmentSchema.parse({ KAFKA_BROKERS: 'h:1', LIVETAP_KAFKA_TLS: 'on' });
    const watched = new Proxy(values, {
      get: (target, name, receiver) => {
        read.add(String(name));
        return Reflect.get(target, name, receiver) as unknown;
      },
    });
    readSettingFiles(watched, () => 'text');
    toConfig(watched);
    expect([...read].sort()).toEqual(Object.keys(SETTINGS).sort());
  });

  it('is used by a part of the service', () => {
    const sources = sourcesOutsideConfig();
    const { http, storage, topics, tiktok, rooms, kafka, ...top } = loadConfig({ KAFKA_BROKERS: 'h:1' });
    const names = [http, storage, topics, topics.overrides, tiktok, rooms, kafka ?? {}, { kafka }, top].flatMap(
      (section) => Object.keys(section),
    );
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(sources))).toEqual([]);
  });

  it('has one sentence of description, and a secret has no default', () => {
    for (const { setting } of Object.values(SETTINGS)) {
      expect(setting.description).toMatch(/^[A-Z`].*\.$/s);
      if (setting.secret) expect(setting.defaultText).toBeUndefined();
    }
  });
});

function sourcesOutsideConfig(): string {
  const root = join(import.meta.dirname, '..');
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts') && !path.startsWith('config'))
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n');
}
