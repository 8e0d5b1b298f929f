import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificate, startSecuredKafka, testClient } from '@livetap/testkit';
import kafkajs from 'kafkajs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { produceCommands } from './commands-client.js';
import { consumeAll, expectContiguous, expectSameMessages } from './ledger-check.js';
import { type DoctorReport, livetap } from './livetap-command.js';
import { eventually, Simulator, temporaryFolder, Watcher } from './processes.js';

const PASSWORD = 'planted-kafka-password';
const PARTITIONS = 2;
const started = await startSecuredKafka({ users: { livetap: PASSWORD } });
const secured = 'skipped' in started ? undefined : started;

describe.skipIf(secured === undefined)('the whole service on a Kafka with TLS, log-in and rights', () => {
  if (secured === undefined) return;
  const { listeners, authority } = secured;
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const step of cleanUps.splice(0).reverse()) await step();
  });
  afterAll(() => secured.dispose());

  /** The rights that the documentation asks for, by prefix. */
  async function allow(prefix: string): Promise<void> {
    const { AclOperationTypes: operations, AclResourceTypes: resources } = kafkajs;
    const right = (resourceType: number, operation: number): kafkajs.AclEntry => ({
      resourceType,
      resourceName: prefix,
      resourcePatternType: kafkajs.ResourcePatternTypes.PREFIXED,
      principal: 'User:livetap',
      host: '*',
      operation,
      permissionType: kafkajs.AclPermissionTypes.ALLOW,
    });
    const admin = testClient(listeners.plaintext).admin();
    await admin.connect();
    await admin.createAcls({
      acl: [
        ...[operations.CREATE, operations.DESCRIBE, operations.DESCRIBE_CONFIGS, operations.WRITE, operations.READ].map(
          (operation) => right(resources.TOPIC, operation),
        ),
        right(resources.GROUP, operations.READ),
      ],
    });
    await admin.disconnect();
  }

  async function settings(prefix: string, password: string): Promise<Record<string, string>> {
    const folder = await temporaryFolder();
    cleanUps.push(() => folder.remove());
    const ca = join(folder.path, 'ca.pem');
    const secret = join(folder.path, 'password');
    await writeFile(ca, authority.cert);
    await writeFile(secret, `${password}\n`);
    return {
      LIVETAP_DATA_DIR: join(folder.path, 'data'),
      KAFKA_BROKERS: listeners.saslTls.join(','),
      LIVETAP_KAFKA_TLS: 'on',
      LIVETAP_KAFKA_TLS_CA_FILE: ca,
      LIVETAP_KAFKA_SASL_MECHANISM: 'scram-sha-512',
      LIVETAP_KAFKA_SASL_USERNAME: 'livetap',
      LIVETAP_KAFKA_SASL_PASSWORD_FILE: secret,
      LIVETAP_TOPIC_PREFIX: prefix,
      LIVETAP_TOPIC_PARTITIONS: String(PARTITIONS),
      LIVETAP_LOG_LEVEL: 'debug',
    };
  }

  it('takes commands, publishes and folds history over SASL_SSL; no secret is in its output', async () => {
    const prefix = `secured.${randomUUID().slice(0, 8)}`;
    await allow(prefix);
    const simulator = await Simulator.start([
      '--streamers',
      '3',
      '--rate',
      '50',
      '--live-at-start',
      '1',
      '--seed',
      '5',
    ]);
    cleanUps.push(() => simulator.stop());
    const watcher = await Watcher.start({
      ...simulator.settings,
      ...(await settings(prefix, PASSWORD)),
      LIVETAP_COMMANDS: 'on',
    });
    cleanUps.push(() => watcher.stop());
    const names = (await simulator.streamers()).map(({ uniqueId }) => uniqueId);
    const answers = await produceCommands(
      listeners.plaintext,
      prefix,
      names.map((uniqueId) => ({ id: randomUUID(), command: 'add', uniqueId })),
    );
    expect(answers.map(({ ok }) => ok)).toEqual(names.map(() => true));
    await eventually('messages from the rooms', async () => ((await simulator.sent()).length > 200 ? true : undefined));
    await simulator.quiesce();
    const sent = await simulator.sent();
    await eventually('history holds every message', async () => {
      const pages = await Promise.all(
        names.map((name) => watcher.json<{ sessions: { events: number }[] }>(`/v1/streamers/${name}/sessions`)),
      );
      const folded = pages.flatMap(({ sessions }) => sessions).reduce((sum, { events }) => sum + events, 0);
      return folded >= sent.length ? true : undefined;
    });
    expect((await watcher.call('/readyz')).status).toBe(200);
    expect(await watcher.stop()).toBe(0);
    const events = await consumeAll(listeners.plaintext, prefix, PARTITIONS);
    expectSameMessages(events, await simulator.sent());
    expectContiguous(events);
    expect(watcher.program.output).not.toMatch(/planted|PRIVATE KEY/);
  });

  it('livetap doctor tells a wrong password, an unknown authority, and rights that are missing apart', async () => {
    const prefix = `doctor.${randomUUID().slice(0, 8)}`;
    const right = await settings(prefix, PASSWORD);
    const findings = async (changes: Readonly<Record<string, string>>): Promise<readonly string[]> => {
      const { stdout, stderr } = await livetap(['doctor', '--json'], { ...right, ...changes });
      expect(stdout + stderr).not.toMatch(/planted|PRIVATE KEY/);
      return (JSON.parse(stdout) as DoctorReport).findings.flatMap(({ check, code }) =>
        (check === 'kafka' || check === 'topics') && code !== undefined ? [code] : [],
      );
    };
    const wrongPassword = {
      LIVETAP_KAFKA_SASL_PASSWORD_FILE: '',
      LIVETAP_KAFKA_SASL_PASSWORD: 'planted-wrong-password',
    };
    expect(await findings(wrongPassword)).toEqual(['KAFKA_DENIED']);
    const other = join(right['LIVETAP_DATA_DIR'] ?? '', '..', 'other.pem');
    await writeFile(other, makeCertificate(['elsewhere.test']).cert);
    expect(await findings({ LIVETAP_KAFKA_TLS_CA_FILE: other })).toEqual(['KAFKA_UNTRUSTED']);
    expect(await findings({ LIVETAP_KAFKA_TLS: 'off', LIVETAP_KAFKA_TLS_CA_FILE: '' })).toEqual(['KAFKA_DENIED']);
    expect(await findings({})).toEqual(['TOPICS_NOT_CREATABLE']);
    await allow(prefix);
    await eventually('the rights hold', async () => ((await findings({})).length === 0 ? true : undefined));
  });

  it('with a wrong password it is not ready and says why, without the password', async () => {
    const prefix = `denied.${randomUUID().slice(0, 8)}`;
    const watcher = await Watcher.launch({
      ...(await settings(prefix, 'planted-wrong-password')),
      LIVETAP_COMMANDS: 'on',
    });
    cleanUps.push(() => watcher.stop());
    const body = await eventually('readiness says that Kafka refuses', async () => {
      const answer = await watcher.call('/readyz');
      const text = await answer.text();
      return answer.status === 503 && text.includes('Kafka refuses this client') ? text : undefined;
    });
    const metrics = await (await watcher.call('/metrics')).text();
    expect(metrics).toMatch(/livetap_publish_errors_total\{code="WATCHER_KAFKA_DENIED"\} [1-9]/);
    expect(await watcher.stop()).toBe(0);
    expect(`${body}${metrics}${watcher.program.output}`).not.toContain('planted');
  });
});
