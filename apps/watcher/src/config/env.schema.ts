import { EVENT_NAMES, type EventName } from '@livetap/contracts';
import { z } from 'zod';
import { parseSecretKey, SECRET_KEYS_EXPECTED } from '../common/secret-box/secret-key.js';
import { SOCKET_SOURCES, socketSourceOf } from '../rooms/sources/socket-source.js';
import { API_KEYS_EXPECTED, parseApiKey } from './api-key.js';
import { KAFKA_SETTINGS } from './kafka-env.schema.js';
import { decimal, flag, integer, list, oneOf, optionalText, optionalUrl, text } from './setting.js';
import { DAY_MS, GIB, HOST, HOST_AND_PORT, HOUR_MS, MIB, MINUTE_MS, NOT_EMPTY, SECOND_MS } from './setting-values.js';

/** Events outside of the rooms are not archived. */
const ROOM_EVENT = (name: EventName): boolean => name !== 'canary' && name !== 'viewer.erased';
/** Longer than anybody keeps history. */
const MAX_RETENTION_MS = 3_650 * DAY_MS;

/**
 * Every setting of the service, one sentence each. This table is the only description of the environment: the parser,
 * `docs/config.md` and `.env.example` are made from it. Units stand in the names.
 */
export const SETTINGS = {
  LIVETAP_HTTP_HOST: text(HOST, {
    group: 'HTTP',
    default: '127.0.0.1',
    description: 'Address to listen on. An address that is not loopback needs `LIVETAP_API_KEYS`.',
  }),
  LIVETAP_HTTP_PORT: integer(
    { min: 0, max: 65_535 },
    {
      group: 'HTTP',
      default: 3000,
      description: 'Port of page, REST, live tail, health and metrics; 0 takes any free one.',
    },
  ),
  LIVETAP_HTTP_ALLOWED_HOSTS: list(
    {
      parse: (entry) => (/^[A-Za-z0-9.:[\]_-]{1,259}$/.test(entry) ? entry.toLowerCase() : undefined),
      expects: 'a list of host names, each with or without a port, separated by commas',
    },
    {
      group: 'HTTP',
      default: '',
      example: 'livetap.internal',
      description:
        'Further names by which a loopback address may be called (`Host` header), for a proxy in front. `localhost`, `127.0.0.1` and `[::1]` are always allowed.',
    },
  ),
  LIVETAP_API_KEYS: list(
    { parse: parseApiKey, expects: API_KEYS_EXPECTED, unique: ({ name }) => name },
    {
      group: 'HTTP',
      default: '',
      secret: true,
      example: 'ops:admin:put-24-random-bytes-here',
      description:
        'Keys for `Authorization: Bearer <key>` as `name:role:key`, separated by commas; the roles are `read`, `operate` (also changes streamers) and `admin` (also erases history, and makes further keys). With at least one key here, keys are asked for on loopback too.',
    },
  ),
  LIVETAP_API_REQUESTS_PER_MINUTE: integer(
    { min: 0, max: 1_000_000 },
    {
      group: 'HTTP',
      default: 3_000,
      description:
        'Most requests a minute with one key at this replica, unless the key has a figure of its own; more are answered with 429. 0: no limit.',
    },
  ),

  LIVETAP_DATA_DIR: text(NOT_EMPTY, {
    group: 'Storage',
    default: './data',
    description:
      'Folder of this replica: its id, the journal and the embedded database. One process at a time uses it.',
  }),
  DATABASE_URL: optionalUrl(['postgresql', 'postgres'], {
    group: 'Storage',
    secret: true,
    example: 'postgresql://livetap:password@localhost:5432/livetap',
    description: 'The Postgres database. Unset: an embedded Postgres in the data folder.',
  }),
  LIVETAP_SECRETS_KEYS: list(
    { parse: parseSecretKey, expects: SECRET_KEYS_EXPECTED, unique: ({ id }) => id },
    {
      group: 'Storage',
      default: '',
      secret: true,
      example: 'k1:put-the-output-of-openssl-rand-base64-32-here',
      description:
        'Keys that encrypt secrets in the database, as `id:key` with 32 random bytes in base64 (`openssl rand -base64 32`), the same on every replica. The first one encrypts, all decrypt: to change the key, put a new one in front and keep the old one.',
    },
  ),
  LIVETAP_JOURNAL_MAX_BYTES: integer(
    { min: MIB, max: 1024 * GIB },
    {
      group: 'Storage',
      default: 4 * GIB,
      description: 'Largest size of the journal. When it is full, sockets are paused, then closed with a gap event.',
    },
  ),
  LIVETAP_JOURNAL_MAX_AGE_MS: integer(
    { min: 0, max: 30 * DAY_MS },
    {
      group: 'Storage',
      default: HOUR_MS,
      description: 'How long events stay in the journal for the live tail after they were published and stored.',
    },
  ),

  ...KAFKA_SETTINGS,

  LIVETAP_SOCKET_SOURCES: list(
    {
      parse: socketSourceOf,
      expects: `one or more of ${SOCKET_SOURCES.map((source) => `"${source}"`).join(', ')} in the order to try, separated by commas`,
      unique: (entry) => entry,
    },
    {
      group: 'TikTok',
      default: 'direct,euler',
      description:
        "Ways to the address of a room's socket, in the order to try: `direct` (unsigned), `euler` (the sign server) and `fixed` (`LIVETAP_FIXED_SOCKET_URL`). A streamer may have an order of its own.",
    },
  ),
  LIVETAP_FIXED_SOCKET_URL: optionalUrl(['wss', 'ws'], {
    group: 'TikTok',
    secret: true,
    example: 'wss://sockets.internal/{roomId}',
    description: 'Address of the way `fixed`; `{roomId}` in it is replaced by the room.',
  }),
  SIGN_API_URL: optionalUrl(['https', 'http'], {
    group: 'TikTok',
    example: 'https://api.eulerstream.com',
    description: 'Address of the sign server. Unset: Euler Stream.',
  }),
  SIGN_API_KEY: optionalText(NOT_EMPTY, {
    group: 'TikTok',
    secret: true,
    example: 'your-key',
    description: 'Key for the sign server. Unset: its anonymous quota.',
  }),
  WHITELIST_AUTHENTICATED_SESSION_ID_HOST: optionalText(HOST_AND_PORT, {
    group: 'TikTok',
    example: 'api.eulerstream.com',
    description:
      'The one sign server (host, or host:port) that may be given the logins of streamers, to sign their sockets for them. Unset: no login ever goes to a sign server.',
  }),
  LIVETAP_TIKTOK_WEB_URL: optionalUrl(['https', 'http'], {
    group: 'TikTok',
    example: 'http://127.0.0.1:4000',
    description: 'Stands in for www.tiktok.com, for tests and proxies.',
  }),
  LIVETAP_TIKTOK_WEBCAST_URL: optionalUrl(['https', 'http'], {
    group: 'TikTok',
    example: 'http://127.0.0.1:4000',
    description: 'Stands in for webcast.tiktok.com, for tests and proxies.',
  }),
  LIVETAP_TIKTOK_SOCKET_URL: optionalUrl(['wss', 'ws'], {
    group: 'TikTok',
    example: 'ws://127.0.0.1:4000',
    description: "Stands in for TikTok's socket server, for tests and proxies.",
  }),
  LIVETAP_REQUESTS_PER_SECOND: decimal(
    { min: 0.01, max: 10_000 },
    {
      group: 'TikTok',
      default: 1,
      description:
        'Most requests a second to one host from one address (own or proxy) for live checks; their intervals follow from it.',
    },
  ),
  LIVETAP_SIGN_OAUTH_TOKEN: optionalText(NOT_EMPTY, {
    group: 'TikTok',
    secret: true,
    example: 'your-token',
    description:
      'OAuth token of the sign server for a TikTok account. With it, and a key that is entitled to bulk live checks, streamers are checked 50 at a time; needs `SIGN_API_KEY`.',
  }),
  LIVETAP_BULK_CHECKS_PER_MINUTE: decimal(
    { min: 0.01, max: 600 },
    {
      group: 'TikTok',
      default: 2,
      description: 'Most bulk live checks a minute of this replica; each costs one request of the quota for signing.',
    },
  ),
  LIVETAP_CHECK_INTERVAL_MS: integer(
    { min: SECOND_MS, max: DAY_MS },
    {
      group: 'TikTok',
      default: MINUTE_MS,
      description: 'Shortest time between two live checks of a streamer, at the hours at which it usually goes live.',
    },
  ),
  LIVETAP_CHECK_INTERVAL_MAX_MS: integer(
    { min: SECOND_MS, max: 7 * DAY_MS },
    {
      group: 'TikTok',
      default: 30 * MINUTE_MS,
      description: 'Longest time between two live checks of a streamer; it grows when the requests do not suffice.',
    },
  ),

  LIVETAP_LEASE_GRACE_MS: integer(
    { min: 0, max: DAY_MS },
    {
      group: 'Rooms and history',
      default: 10 * MINUTE_MS,
      description: 'How long rooms go on without a reachable database before they are closed.',
    },
  ),
  LIVETAP_SILENCE_MS: integer(
    { min: SECOND_MS, max: DAY_MS },
    {
      group: 'Rooms and history',
      default: MINUTE_MS,
      description:
        'A socket without a frame for so long gets a second one beside it; one that proves to be merely quiet is then left alone for up to ten times as long.',
    },
  ),
  LIVETAP_SNAPSHOT_INTERVAL_MS: integer(
    { min: SECOND_MS, max: DAY_MS },
    { group: 'Rooms and history', default: 10 * SECOND_MS, description: 'Time between two snapshots of a live room.' },
  ),
  LIVETAP_SNAPSHOT_RETENTION_MS: integer(
    { min: DAY_MS, max: MAX_RETENTION_MS },
    {
      group: 'Rooms and history',
      default: 30 * DAY_MS,
      description: 'How long snapshots are kept, by whole days; from then on there are means of 5 minutes.',
    },
  ),
  LIVETAP_SNAPSHOT_MEANS_RETENTION_MS: integer(
    { min: DAY_MS, max: MAX_RETENTION_MS },
    {
      group: 'Rooms and history',
      default: 400 * DAY_MS,
      description:
        'How long those means are kept, by whole months, and the gaps and the points of battles of a session, after its last event.',
    },
  ),
  LIVETAP_GIFTER_RETENTION_MS: integer(
    { min: DAY_MS, max: MAX_RETENTION_MS },
    {
      group: 'Rooms and history',
      default: 400 * DAY_MS,
      description:
        'How long it is kept who gave what in a session and who supported whom in a battle, after its last event; all-time totals of a person after the last gift.',
    },
  ),
  LIVETAP_ARCHIVE_EVENTS: list(
    {
      parse: (entry) => EVENT_NAMES.find((name) => name === entry && ROOM_EVENT(name)),
      expects: 'names of events of a room, such as chat or gift, separated by commas',
      unique: (entry) => entry,
    },
    {
      group: 'Rooms and history',
      default: '',
      example: 'chat,gift',
      description: 'Events that Postgres keeps as a whole (table `archived_events`). Unset: none.',
    },
  ),
  LIVETAP_ARCHIVE_RETENTION_MS: integer(
    { min: DAY_MS, max: MAX_RETENTION_MS },
    { group: 'Rooms and history', default: 30 * DAY_MS, description: 'How long those are kept, by whole days.' },
  ),
  LIVETAP_VIEWER_RETENTION_MS: integer(
    { min: 4 * DAY_MS, max: MAX_RETENTION_MS },
    {
      group: 'Rooms and history',
      default: 90 * DAY_MS,
      description: 'How long it is kept who was in a session, after its last event.',
    },
  ),

  LIVETAP_WEBHOOKS_ALLOW_PRIVATE: flag({
    group: 'Webhooks',
    default: false,
    description:
      'Let webhooks call loopback, private and other internal addresses, and `http://`. Off, who may make webhooks cannot reach into the network of this service.',
  }),
  LIVETAP_WEBHOOKS_TIMEOUT_MS: integer(
    { min: 100, max: MINUTE_MS },
    { group: 'Webhooks', default: 10 * SECOND_MS, description: 'Longest time that a destination has to answer.' },
  ),
  LIVETAP_WEBHOOKS_CONCURRENCY: integer(
    { min: 1, max: 1_000 },
    {
      group: 'Webhooks',
      default: 32,
      description: 'Most deliveries that this replica has in hand at once; at most 8 of them go to one destination.',
    },
  ),
  LIVETAP_WEBHOOKS_RETENTION_MS: integer(
    { min: HOUR_MS, max: 90 * DAY_MS },
    {
      group: 'Webhooks',
      default: 7 * DAY_MS,
      description:
        'How long finished deliveries and dead letters are kept; of each webhook the newest 10,000 of both at most.',
    },
  ),

  LIVETAP_SHUTDOWN_TIMEOUT_MS: integer(
    { min: SECOND_MS, max: 10 * MINUTE_MS },
    {
      group: 'Operation',
      default: 25 * SECOND_MS,
      description:
        'Longest time that a shutdown takes to publish what the journal holds; the rest is sent after the next start.',
    },
  ),
  LIVETAP_AUDIT_RETENTION_MS: integer(
    { min: DAY_MS, max: MAX_RETENTION_MS },
    {
      group: 'Operation',
      default: 400 * DAY_MS,
      description: 'How long it is kept who changed what (`GET /v1/audit`).',
    },
  ),
  LIVETAP_LOG_LEVEL: oneOf(['debug', 'info', 'warn', 'error'], {
    group: 'Operation',
    default: 'info',
    description: 'Least important log lines to write; the log goes to standard error as JSON lines.',
  }),
} as const;

export type SettingName = keyof typeof SETTINGS;

/** The one schema of the environment. Names that it does not hold are ignored here; `loadConfig` judges them. */
export const environmentSchema = z.object(SETTINGS);
export type Environment = z.output<typeof environmentSchema>;

/** Names with the prefix that belong to tests and tools, not to the service; one that ends in _ stands for all that begin so. */
export const FOREIGN_NAMES: readonly string[] = [
  'LIVETAP_RECORDINGS_DIR',
  'LIVETAP_DEMO_STREAMERS',
  'LIVETAP_TEST_',
  // Of the command line: docs/cli.md.
  'LIVETAP_URL',
  'LIVETAP_API_KEY',
  'LIVETAP_API_KEY_FILE',
];
