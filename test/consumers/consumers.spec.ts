import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { testClient } from '@livetap/testkit';
import { beforeAll, describe, expect, inject, it, type TestContext } from 'vitest';
import { eventually } from '../system/processes.js';
import { buildConsumer, CONSUMER_PROGRAMS, unavailable, type ConsumerProgram } from './consumer-programs.js';
import { DAMAGED, isGiftRecord, makeGiftWorld, parse, type GiftWorld } from './gift-world.js';

const brokers = inject('kafkaBrokers');
/** The first time compilers' plugins and libraries are downloaded. */
const SET_UP_MS = 1_200_000;

interface Run {
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<number | NodeJS.Signals>;
  stop(): void;
}

describe.skipIf(brokers.length === 0).concurrent('four languages sum the diamonds of the topic', () => {
  const prefix = `consumers.${randomUUID().slice(0, 8)}`;
  const commands = new Map<ConsumerProgram, readonly [string, ...string[]]>();
  const reasons = new Map(CONSUMER_PROGRAMS.map((program) => [program, unavailable(program)]));
  let world: GiftWorld;

  beforeAll(async () => {
    for (const program of CONSUMER_PROGRAMS) {
      const reason = reasons.get(program);
      if (reason === undefined) commands.set(program, await buildConsumer(program));
      else console.log(`${program.language}: ${reason}`);
    }
    world = await makeGiftWorld(brokers, prefix);
  }, SET_UP_MS);

  const start = (program: ConsumerProgram, context: TestContext, groupId: string, args: string[] = []): Run => {
    const reason = reasons.get(program);
    if (reason !== undefined) context.skip(reason);
    const [command = '', ...first] = commands.get(program) ?? [];
    const child = spawn(command, [...first, ...args], {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        ...(groupId === '' ? {} : { KAFKA_BROKERS: brokers.join(',') }),
        LIVETAP_TOPIC_PREFIX: prefix,
        GROUP_ID: groupId,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const text = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk));
    const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? signal ?? 0));
    });
    context.onTestFinished(() => void child.kill('SIGKILL'));
    return {
      stdout: () => text.stdout,
      stderr: () => text.stderr,
      ended,
      stop: () => void child.kill('SIGTERM'),
    };
  };

  const counts = (refused: number): string =>
    `records=${world.records.length} gifts=${world.gifts} repeats=${world.repeats} refused=${refused}`;

  it('the topic holds what makes it hard: repeats, open streaks, completed streaks, gaps', () => {
    const gifts = world.records.filter(isGiftRecord).map(parse);
    const streaks = gifts.filter(({ data }) => (data['streak'] as { count: number }).count > 1);
    const completed = world.records.filter(({ headers }) => headers['ce_type'] === 'livetap.gift.completed.v1');
    const reasonsOfGaps = new Set(world.gaps.map(({ data }) => data['reason']));
    console.log(
      `${world.gifts} gifts of ${Object.keys(world.ledger).length} streamers in ${world.lives} streams, ` +
        `${streaks.length} records within streaks, ${completed.length} completed, ${world.repeats} repeats (${world.repeatsOfKills} of the kills alone), ` +
        `${world.gaps.length} gaps (${[...reasonsOfGaps].sort().join(', ')}), ` +
        `${Object.values(world.ledger).reduce((sum, diamonds) => sum + diamonds, 0)} diamonds`,
    );
    expect(world.lives).toBeGreaterThan(Object.keys(world.ledger).length);
    expect(world.gifts).toBeGreaterThan(300);
    expect(world.repeats).toBeGreaterThan(100);
    expect(streaks.length).toBeGreaterThan(100);
    expect(completed.length).toBeGreaterThan(10);
    expect([...reasonsOfGaps]).toEqual(expect.arrayContaining(['disconnected', 'restart']));
    // Whoever counts the repeats as well is wrong.
    const naive = gifts.reduce((sum, { data }) => sum + Number(data['diamonds'] ?? 0), 0);
    expect(naive).toBeGreaterThan(Object.values(world.ledger).reduce((sum, diamonds) => sum + diamonds, 0));
  });

  for (const program of CONSUMER_PROGRAMS) {
    const { language } = program;

    it(`${language}, until the end: the ledger to the diamond, each repeat removed, all committed`, async (context) => {
      const groupId = `${prefix}.${language}`;
      const run = start(program, context, groupId, ['--until-end']);
      expect(await run.ended, run.stderr()).toBe(0);
      expect(JSON.parse(run.stdout())).toEqual(world.ledger);
      const said = run.stderr().trim().split('\n');
      expect(said.at(-1)).toBe(counts(DAMAGED.length));
      expect(said.filter((line) => line.startsWith('refused ')).length).toBe(DAMAGED.length);
      expect(said.filter((line) => line.endsWith('no header ce_type')).length).toBe(1);

      const again = start(program, context, groupId, ['--until-end']);
      expect(await again.ended, again.stderr()).toBe(0);
      expect(JSON.parse(again.stdout())).toEqual({});
      expect(again.stderr().trim()).toBe('records=0 gifts=0 repeats=0 refused=0');
    });

    it(`${language}, for ever: prints now and then, commits what it handled, ends when it is told to`, async (context) => {
      const groupId = `${prefix}.${language}.for-ever`;
      const run = start(program, context, groupId);
      await eventually(`${language} prints the totals`, async () =>
        run.stderr().includes(counts(DAMAGED.length)) ? true : undefined,
      );
      run.stop();
      // Java and Node end by the signal after their hooks.
      expect([0, 143, 'SIGTERM'], run.stderr()).toContain(await run.ended);
      const printed = run.stdout().trim().split('\n');
      expect(printed.length).toBeGreaterThan(1);
      expect(JSON.parse(printed.at(-1) ?? '')).toEqual(world.ledger);
      expect(await uncommitted(groupId, world.topic)).toBe(0);
    });

    it(`${language}, without KAFKA_BROKERS: says so, exit 78`, async (context) => {
      const run = start(program, context, '');
      expect(await run.ended, run.stderr()).toBe(78);
      expect(run.stderr()).toContain('KAFKA_BROKERS is not set');
      expect(run.stdout()).toBe('');
    });
  }
});

/** Records of the topic that the group has not committed. */
async function uncommitted(groupId: string, topic: string): Promise<number> {
  const admin = testClient(brokers).admin();
  await admin.connect();
  try {
    const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const committed = new Map(group?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    const partitions = await admin.fetchTopicOffsets(topic);
    return partitions.reduce(
      (sum, { partition, high }) => sum + Number(high) - Math.max(0, committed.get(partition) ?? 0),
      0,
    );
  } finally {
    await admin.disconnect();
  }
}
