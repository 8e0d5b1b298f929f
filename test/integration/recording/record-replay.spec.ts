import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SeededRandom } from '@livetap/testkit';
import { afterEach, expect, it } from 'vitest';
import { faultSchema } from '../../../apps/simulator/src/faults/fault.schema.js';
import { startSimulator, type Simulator } from '../../../apps/simulator/src/index.js';
import { SILENT_LOGGER } from '../../../apps/watcher/src/common/logger.port.js';
import { SystemClock, SystemRandom } from '../../../apps/watcher/src/common/system-clock.adapter.js';
import type { FinishedEvent } from '../../../apps/watcher/src/pipeline/finished-event.js';
import { MessageShaper } from '../../../apps/watcher/src/pipeline/message-shaper.js';
import { EventDigest } from '../../../apps/watcher/src/recording/event-digest.js';
import { RecordingFile, RecordingReader } from '../../../apps/watcher/src/recording/recording-file.adapter.js';
import { replayRecording } from '../../../apps/watcher/src/recording/replay-recording.js';
import { RoomRecorder } from '../../../apps/watcher/src/recording/room-recorder.js';
import { streamerOf } from '../../../apps/watcher/src/recording/room-replay.js';
import { ConnectorRoomConnector } from '../../../apps/watcher/src/rooms/connector-room-connector.adapter.js';
import { SourceHealth } from '../../../apps/watcher/src/rooms/sources/source-health.js';
import { FakeSignBudget } from '../../../apps/watcher/src/rooms/testing/fake-sign-budget.js';
import { ConnectorLiveChecker } from '../../../apps/watcher/src/streamers/connector-live-checker.adapter.js';
import { HostRateLimiter } from '../../../apps/watcher/src/streamers/host-rate-limiter.js';
import { TikTokAccess } from '../../../apps/watcher/src/streamers/tiktok-access.adapter.js';
import { eventually, Program, temporaryFolder } from '../../system/processes.js';

const CLI = 'apps/watcher/dist/cli/main.js';
const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function simulator(): Promise<Simulator> {
  const started = await startSimulator({ world: { streamers: 1, rate: 60, liveAtStart: 1, schedule: false } });
  cleanUp.push(() => started.close());
  return started;
}

async function folder(): Promise<string> {
  const made = await temporaryFolder();
  cleanUp.push(() => made.remove());
  return made.path;
}

function settingsOf({ url, wsUrl }: Simulator): Record<string, string> {
  return {
    LIVETAP_TIKTOK_WEB_URL: url,
    LIVETAP_TIKTOK_WEBCAST_URL: url,
    LIVETAP_TIKTOK_SOCKET_URL: wsUrl,
    SIGN_API_URL: url,
    LIVETAP_REQUESTS_PER_SECOND: '100',
  };
}

const bytesOf = ({ topic, key, sequence, value }: FinishedEvent): string =>
  `${topic} ${key} ${sequence ?? ''} ${value.toString()}`;

it('a room with cuts, streaks and an end: the events that were admitted come again, byte for byte', async () => {
  const world = await simulator();
  const [{ uniqueId = '' } = {}] = world.world.list();
  const path = join(await folder(), 'live.rec');
  const clock = new SystemClock();
  const access = new TikTokAccess({
    webUrl: world.url,
    webcastUrl: world.url,
    socketUrl: world.wsUrl,
    signApiUrl: world.url,
  });
  const limiter = new HostRateLimiter({ clock, perSecond: 100 });
  const checker = new ConnectorLiveChecker({ access, limiter, clock, random: new SystemRandom() });
  const live = await checker.check({ uniqueId });
  expect(live.verdict).toBe('live');
  const roomId = live.roomId ?? '';

  const admitted: FinishedEvent[] = [];
  const writer = await RecordingFile.create(path, { clock, replace: false });
  const recorder = new RoomRecorder({
    clock,
    random: new SeededRandom(5),
    logger: SILENT_LOGGER,
    connector: new ConnectorRoomConnector({
      access,
      clock,
      random: new SeededRandom(5),
      sources: ['direct', 'euler'],
      health: new SourceHealth({ clock, random: new SeededRandom(5) }),
      budget: new FakeSignBudget(),
    }),
    checker,
    shaper: new MessageShaper(),
    writer,
    streamer: streamerOf({ uniqueId }),
    live,
    prices: {},
    build: { version: '0.0.0', commit: 'test' },
    epoch: 7,
    onEvents: (events) => admitted.push(...events),
    settings: { healthyAfterMs: 1_000, backOffBaseMs: 50 },
  });
  const recording = recorder.run();
  const has = (what: string, count: number): Promise<true> =>
    eventually(`${count} of ${what}`, async () =>
      admitted.filter(({ type }) => type === `livetap.${what}.v1`).length >= count ? true : undefined,
    );
  await has('chat', 5);
  const gift = (repeatCount: number, repeatEnd: 0 | 1): void => {
    const fields = { repeatCount, repeatEnd, groupId: '77', giftId: 5655, user: { userId: '4711' } };
    world.send(roomId, { method: 'WebcastGiftMessage', fields });
  };
  gift(1, 0);
  for (let cut = 1; cut <= 5; cut += 1) {
    gift(cut + 1, 0);
    world.fault(faultSchema.parse({ kind: 'cut', room: roomId }));
    await has('room.gap', cut);
  }
  await has('gift', 5);
  world.world.end(uniqueId);
  const end = await recording;
  expect(end.reason).toBe('streamEnded');
  expect(admitted.at(-1)?.type).toBe('livetap.live.ended.v1');

  const again: FinishedEvent[] = [];
  const summary = await replayRecording(new RecordingReader(path).entries(), new MessageShaper(), (events) => {
    again.push(...events);
    return Promise.resolve();
  });
  expect(again.map(bytesOf)).toEqual(admitted.map(bytesOf));
  const digest = new EventDigest();
  digest.add(admitted);
  expect(summary).toMatchObject({ sha256: digest.sha256, asRecorded: true, events: admitted.length });
  expect(summary.byType['livetap.room.gap.v1']).toBe(5);
  console.log(
    `recorded and replayed: ${summary.frames} frames, ${summary.events} events, ${JSON.stringify(summary.byType)}`,
  );

  // On empty machines: other processes, other folders, no settings.
  const hashes = await Promise.all(
    [1, 2].map(async () => {
      const output = join(await folder(), 'events.ndjson');
      const replay = Program.start('livetap', CLI, ['replay', path, '--output', output, '--json'], {
        LIVETAP_DATA_DIR: await folder(),
      });
      expect(await replay.exited(), replay.output).toBe(0);
      expect(JSON.parse(replay.output)).toMatchObject({ asRecorded: true, sha256: summary.sha256, complete: true });
      return createHash('sha256')
        .update(await readFile(output))
        .digest('hex');
    }),
  );
  expect(hashes).toEqual([digest.sha256, digest.sha256]);
});

it('livetap record: by name and by room, ends in order at SIGINT; replayed on stdout it is what was recorded', async () => {
  const world = await simulator();
  const [streamer] = world.world.list();
  const path = join(await folder(), 'named.rec');
  const settings = settingsOf(world);
  const byName = Program.start(
    'livetap',
    CLI,
    ['record', `@${streamer?.uniqueId ?? ''}`, '-o', path, '--json'],
    settings,
  );
  await byName.printed(/connected \(direct\)/);
  await eventually('messages are recorded', async () => ((await readFile(path)).length > 3_000 ? true : undefined));
  expect(await byName.stop('SIGINT'), byName.output).toBe(0);
  const result = JSON.parse(byName.output.split('\n').find((line) => line.startsWith('{"file"')) ?? '{}') as {
    sha256: string;
    reason: string;
    frames: number;
  };
  expect(result).toMatchObject({ reason: 'interrupted' });
  expect(result.frames).toBeGreaterThan(0);

  const replay = Program.start('livetap', CLI, ['replay', path], {});
  expect(await replay.exited()).toBe(0);
  expect(replay.output).toContain('They are the events that were made while it was recorded.');
  const events = replay.output.split('\n').filter((line) => line.startsWith('{"specversion"'));
  const hash = createHash('sha256')
    .update(events.map((line) => `${line}\n`).join(''))
    .digest('hex');
  expect(hash).toBe(result.sha256);

  const room = join(await folder(), 'room.rec');
  const byRoom = Program.start('livetap', CLI, ['record', streamer?.roomId ?? '', '-o', room, '--for', '2s'], settings);
  expect(await byRoom.exited(), byRoom.output).toBe(0);
  expect(byRoom.output).toContain('ended because its time is over');
});

it('the command line says what is wrong and ends with the code for it', async () => {
  const world = await simulator();
  const empty = join(await folder(), 'nothing.rec');
  const cases: [number, RegExp, readonly string[], Record<string, string>][] = [
    [64, /unknown command/, ['recrod'], {}],
    [64, /required option/, ['record', '@someone'], {}],
    [64, /is not a TikTok name/, ['record', 'not a name', '-o', empty], {}],
    [64, /either a recording or --from-raw-topic/, ['replay'], {}],
    [64, /live topics/, ['replay', empty, '--topic-prefix', 'tiktok.live'], { KAFKA_BROKERS: '127.0.0.1:1' }],
    [
      64,
      /live topics/,
      ['replay', '--from-raw-topic', 'a.raw', '--topic-prefix', 'a'],
      { KAFKA_BROKERS: '127.0.0.1:1' },
    ],
    [64, /must be a time such as/, ['record', '@someone', '-o', empty, '--for', 'soon'], {}],
    [65, /WATCHER_RECORDING_UNREADABLE/, ['replay', empty], {}],
    [69, /nothing to record of @nobody\.here/, ['record', '@nobody.here', '-o', empty], settingsOf(world)],
    [69, /Kafka cannot be reached/, ['replay', '--from-raw-topic', 'a.raw'], { KAFKA_BROKERS: '127.0.0.1:1' }],
    [78, /KAFKA_BROKERS is not set/, ['replay', '--from-raw-topic', 'a.raw'], {}],
    [78, /LIVETAP_NO_SUCH is not a setting/, ['record', '@someone', '-o', empty], { LIVETAP_NO_SUCH: '1' }],
    [0, /Usage: livetap record/, ['record', '--help'], {}],
  ];
  for (const [code, words, args, settings] of cases) {
    const program = Program.start('livetap', CLI, args, settings);
    expect(await program.exited(), `${args.join(' ')}: ${program.output}`).toBe(code);
    expect(program.output, args.join(' ')).toMatch(words);
  }
});
