import { describe, expect, it } from 'vitest';
import { DatabaseError } from '../../persistence/persistence.errors.js';
import { toPublishError } from '../../publishing/kafka-client.adapter.js';
import { type DatabaseFacts, databaseFindings } from './database-findings.js';
import type { Finding } from './finding.js';
import { kafkaFindings, type TopicContext, type TopicFacts } from './kafka-findings.js';
import {
  descriptorFindings,
  folderFindings,
  type FolderLook,
  journalFindings,
  portFindings,
  sizeOf,
} from './machine-findings.js';
import { proxyFindings, signFindings } from './reach-findings.js';

const GIB = 1024 ** 3;
const codes = (findings: readonly Finding[]): readonly string[] => findings.flatMap(({ code }) => code ?? []);

describe('what the doctor thinks of what it sees', () => {
  const folder: FolderLook = {
    path: '/data',
    refused: undefined,
    exists: true,
    identityReadable: true,
    holder: undefined,
    freeBytes: 10 * GIB,
  };
  const alone = { journalGrowthBytes: 4 * GIB, serviceAnswers: false, port: 3000 };

  it.each<[string, Partial<FolderLook>, Partial<typeof alone>, readonly string[]]>([
    ['as it should be', {}, {}, []],
    ['used by the service that answers', { holder: 7 }, { serviceAnswers: true }, []],
    ['used by a process that does not answer', { holder: 7 }, {}, ['DATA_FOLDER_IN_USE']],
    ['used, and the port is any free one', { holder: 7 }, { port: 0 }, []],
    ['on a full disk', { freeBytes: 1_000 }, {}, ['DISK_FULL']],
    ['on a disk smaller than the journal may be', { freeBytes: 3 * GIB }, {}, ['DISK_NEARLY_FULL']],
    ['on a system that does not say what is free', { freeBytes: undefined }, {}, []],
    ['without rights', { refused: 'EACCES' }, {}, ['DATA_FOLDER_UNUSABLE']],
    ['with an identity that somebody changed', { identityReadable: false }, {}, ['DATA_FOLDER_UNUSABLE']],
  ])('a data folder %s', (_name, look, context, expected) => {
    expect(codes(folderFindings({ ...folder, ...look }, { ...alone, ...context }))).toEqual(expected);
  });

  it('a port that the system refuses; a service that is not ready, with each of its reasons', () => {
    expect(codes(portFindings({ kind: 'refused', system: 'EACCES' }, '127.0.0.1', 80))).toEqual(['PORT_REFUSED']);
    const reasons = [{ code: 'JOURNAL_FULL', message: 'It is full.' }] as const;
    const [answers, reason] = portFindings({ kind: 'livetap', ready: false, reasons }, '::1', 3000);
    expect(answers?.status).toBe('ok');
    expect(reason).toMatchObject({ status: 'warning', code: 'SERVICE_NOT_READY' });
    expect(reason?.mend).toContain('JOURNAL_FULL');
  });

  it('a journal that is nearly full', () => {
    const look = { segments: 2, bytes: 95, heldBytes: 95, lastOffset: 9, pendingEvents: 4 };
    const readers = [{ name: 'publisher', committed: 5, pending: 4 }];
    expect(codes(journalFindings({ ...look, readers }, 100))).toEqual(['JOURNAL_NEARLY_FULL']);
    expect(codes(journalFindings({ ...look, readers }, 1_000))).toEqual([]);
  });

  it('file descriptors: too few for the service, scarce for its streamers, unknown', () => {
    expect(codes(descriptorFindings(300, 0))).toEqual(['FILE_DESCRIPTORS_TOO_FEW']);
    expect(codes(descriptorFindings(1_024, 2_000))).toEqual(['FILE_DESCRIPTORS_SCARCE']);
    expect(codes(descriptorFindings(65_536, 2_000))).toEqual([]);
    expect(codes(descriptorFindings(undefined, 2_000))).toEqual([]);
  });

  const facts: DatabaseFacts = {
    versionNumber: 180_004,
    readOnly: false,
    encoding: 'UTF8',
    mayCreate: true,
    user: 'livetap',
    foreignTables: [],
    freeConnections: 90,
    clockDifferenceMs: 20,
    pendingMigrations: [],
    streamers: 3,
  };
  it.each<[string, Partial<DatabaseFacts>, readonly string[]]>([
    ['as it should be', {}, []],
    ['that the next start brings up to date', { pendingMigrations: ['a'] }, []],
    ['of long ago', { versionNumber: 130_012 }, ['DATABASE_TOO_OLD']],
    ['that is a standby', { readOnly: true }, ['DATABASE_READ_ONLY']],
    ['in another encoding', { encoding: 'LATIN1' }, ['DATABASE_NOT_UTF8']],
    ['of somebody else', { foreignTables: ['leases'] }, ['DATABASE_RIGHTS_MISSING']],
    ['that is nearly out of connections', { freeConnections: 3 }, ['DATABASE_CONNECTIONS_FEW']],
    ['with another clock', { clockDifferenceMs: -90_000 }, ['DATABASE_CLOCK_DIFFERS']],
    [
      'that was changed by hand',
      { pendingMigrations: new DatabaseError('WATCHER_SCHEMA_CHANGED', 'x', { context: { migration: 'm' } }) },
      ['DATABASE_SCHEMA_UNFIT'],
    ],
  ])('a database %s', (_name, change, expected) => {
    expect(codes(databaseFindings({ kind: 'facts', facts: { ...facts, ...change } }))).toEqual(expected);
  });

  const planned = { name: 't.chat', partitions: 12, settings: {} };
  const context: TopicContext = {
    planned: [planned],
    anyPartitions: new Set(),
    create: true,
    acceptPartitions: false,
    replicationFactor: undefined,
  };
  const topic: TopicFacts = {
    name: 't.chat',
    partitions: 12,
    replicas: 3,
    inSync: 3,
    leaderless: 0,
    minInSync: 2,
    differences: [],
  };
  it.each<[string, Partial<TopicFacts>, Partial<TopicContext>, readonly string[]]>([
    ['as it should be', {}, {}, []],
    ['with other partitions', { partitions: 6 }, {}, ['TOPIC_PARTITIONS_DIFFER']],
    ['with other partitions that are accepted', { partitions: 6 }, { acceptPartitions: true }, []],
    ['of commands with any partitions', { partitions: 6 }, { anyPartitions: new Set(['t.chat']) }, []],
    ['that can never acknowledge', { replicas: 1, inSync: 1 }, {}, ['TOPIC_TOO_FEW_REPLICAS']],
    ['that cannot acknowledge now', { inSync: 1 }, {}, ['TOPIC_WITHOUT_LEADER']],
    ['without leaders', { leaderless: 2 }, {}, ['TOPIC_WITHOUT_LEADER']],
    ['of which the brokers tell nothing', { minInSync: undefined, inSync: 1 }, {}, []],
  ])('a topic %s', (_name, change, more, expected) => {
    const look = { kind: 'facts', brokers: [], topics: [{ ...topic, ...change }] } as const;
    expect(codes(kafkaFindings(look, { ...context, ...more }))).toEqual(expected);
  });

  it('topics that the cluster would not make: by the reason', () => {
    const refusal = (type: string): readonly Finding[] => {
      const error = toPublishError(Object.assign(new Error('x'), { type }));
      return kafkaFindings({ kind: 'facts', brokers: [], topics: [], refusal: error }, context);
    };
    const [, denied] = refusal('TOPIC_AUTHORIZATION_FAILED');
    expect(denied).toMatchObject({ code: 'TOPICS_NOT_CREATABLE' });
    expect(denied?.mend).toContain('--topic t.chat');
    expect(refusal('INVALID_REPLICATION_FACTOR')[1]?.mend).toContain('LIVETAP_TOPIC_REPLICATION_FACTOR');
  });

  it('brokers that name themselves by an address that is not reached from here; a certificate nobody knows', () => {
    const brokers = [
      { address: 'a:9092', reachable: true },
      { address: 'b:9092', reachable: false },
    ];
    const [finding] = kafkaFindings({ kind: 'facts', brokers, topics: [topic] }, context);
    expect(finding).toMatchObject({ code: 'KAFKA_BROKER_UNREACHABLE' });
    expect(finding?.message).toContain('b:9092');
    expect(finding?.message).not.toContain('a:9092');
    const error = toPublishError(Object.assign(new Error('x'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }));
    expect(codes(kafkaFindings({ kind: 'failed', error, open: ['a:9092'] }, context))).toEqual(['KAFKA_UNTRUSTED']);
  });

  it('a quota that runs low, one that is used up, one without limits', () => {
    const quota = (remaining: number, limit = 100): readonly Finding[] =>
      signFindings({
        kind: 'quota',
        host: 'sign',
        hasKey: true,
        windows: [{ window: 'day', limit, remaining, resetInMs: 5_000 }],
      });
    expect(codes(quota(9))).toEqual(['SIGN_QUOTA_LOW']);
    expect(codes(quota(0))).toEqual(['SIGN_QUOTA_USED_UP']);
    expect(quota(0)[0]?.message).toContain('5 seconds');
    expect(codes(quota(50))).toEqual([]);
    expect(codes(quota(1_000_000_000, 1_000_000_000))).toEqual([]);
  });

  it('each proxy that does not lead to TikTok, by whose it is', () => {
    const look = { owner: '@some.one', address: 'http://p:8080' };
    expect(codes(proxyFindings([{ ...look, outcome: 'ok' }], 3))).toEqual([]);
    const bad = proxyFindings(
      [
        { ...look, outcome: 'denied' },
        { ...look, outcome: 'noWay', failure: 'ECONNRESET' },
      ],
      0,
    );
    expect(codes(bad)).toEqual(['PROXY_DENIED', 'PROXY_UNREACHABLE']);
    expect(bad[1]?.message).toContain('stands');
  });

  it.each([
    [0, '0 B'],
    [1_023, '1023 B'],
    [1_536, '1.5 KiB'],
    [4 * GIB, '4.0 GiB'],
    [200 * GIB, '200 GiB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(sizeOf(bytes)).toBe(text);
  });
});
