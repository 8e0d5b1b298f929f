import { describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../common/logger.port.js';
import { WatcherError } from '../common/watcher.error.js';
import { Lifecycle, type ProcessPort } from './lifecycle.js';

class FakeProcess implements ProcessPort {
  readonly listeners = new Map<string, (error?: unknown) => void>();
  readonly exits: number[] = [];
  readonly lines: string[] = [];
  on(event: string, listener: (error?: unknown) => void): void {
    this.listeners.set(event, listener);
  }
  exit(code: number): void {
    this.exits.push(code);
  }
  tell(line: string): void {
    this.lines.push(line);
  }
  raise(event: string, error?: unknown): void {
    this.listeners.get(event)?.(error);
  }
}

function setUp(): { process: FakeProcess; lifecycle: Lifecycle } {
  const process = new FakeProcess();
  const lifecycle = new Lifecycle(process, SILENT_LOGGER);
  lifecycle.install();
  return { process, lifecycle };
}

describe('Lifecycle', () => {
  it.each(['SIGTERM', 'SIGINT'])(
    '%s asks for an orderly stop with exit code 0; a second signal ends at once with 1',
    async (signal) => {
      const { process, lifecycle } = setUp();
      process.raise(signal);
      await lifecycle.stopRequested;
      expect([lifecycle.exitCode, lifecycle.starting.aborted, process.exits]).toEqual([0, true, []]);
      process.raise('SIGINT');
      expect(process.exits).toEqual([1]);
    },
  );

  it.each([
    ['WATCHER_JOURNAL_WRITE_FAILED', 70],
    ['WATCHER_JOURNAL_LOCKED', 69],
    ['WATCHER_PORT_UNAVAILABLE', 69],
    ['WATCHER_SECOND_REPLICA', 78],
    ['WATCHER_FLEET_WITHOUT_KAFKA', 78],
    ['WATCHER_SCHEMA_NEWER', 78],
    ['WATCHER_KAFKA_PARTITIONS_CHANGED', 78],
  ])('a fatal %s stops in order with exit code %i and says so once', async (code, exitCode) => {
    const { process, lifecycle } = setUp();
    lifecycle.fail(new WatcherError(code, 'A sentence.'));
    lifecycle.fail(new Error('a later one, while stopping'));
    await lifecycle.stopRequested;
    expect([lifecycle.exitCode, process.exits, process.lines]).toEqual([exitCode, [], ['A sentence.']]);
  });

  it.each(['uncaughtException', 'unhandledRejection'])('%s ends the process at once, loudly', (event) => {
    const { process } = setUp();
    process.raise(event, new Error('x'));
    expect(process.exits).toEqual([70]);
    expect(process.lines).toHaveLength(1);
  });
});
