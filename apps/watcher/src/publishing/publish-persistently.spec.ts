import { FakeClock, sampleEvent, SeededRandom } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { publishPersistently } from './publish-persistently.js';
import { PublishError, type PublishErrorCode } from './publish.errors.js';

const events = [{ ...sampleEvent(1), offset: 1 }];

/** Fails with these codes, one after the other, and then no more. */
function attempt(codes: readonly PublishErrorCode[]) {
  const clock = new FakeClock();
  const abort = new AbortController();
  const left = [...codes];
  let calls = 0;
  const publisher = {
    publish: async (): Promise<void> => {
      calls += 1;
      const code = left.shift();
      if (code !== undefined) throw new PublishError(code, code);
    },
  };
  const done = publishPersistently(publisher, events, { clock, random: new SeededRandom(1), signal: abort.signal });
  done.catch(() => undefined);
  return { done, abort, pass: () => clock.advance(120_000), calls: () => calls };
}

describe('publishing with an end', () => {
  it('tries again what passes by itself', async () => {
    const { done, pass, calls } = attempt(['WATCHER_KAFKA_NOT_ACKNOWLEDGED', 'WATCHER_KAFKA_UNREACHABLE']);
    await pass();
    await done;
    expect(calls()).toBe(3);
  });

  it('gives up after ten times, and at once where trying again is of no use', async () => {
    const endless = attempt(new Array<PublishErrorCode>(20).fill('WATCHER_KAFKA_UNREACHABLE'));
    await endless.pass();
    await expect(endless.done).rejects.toMatchObject({ code: 'WATCHER_KAFKA_UNREACHABLE' });
    expect(endless.calls()).toBe(10);

    const denied = attempt(['WATCHER_KAFKA_DENIED']);
    await expect(denied.done).rejects.toMatchObject({ code: 'WATCHER_KAFKA_DENIED' });
    expect(denied.calls()).toBe(1);
  });

  it('stops between two attempts when it is interrupted', async () => {
    const { done, abort, calls } = attempt(new Array<PublishErrorCode>(20).fill('WATCHER_KAFKA_UNREACHABLE'));
    const reason = new Error('interrupted');
    abort.abort(reason);
    await expect(done).rejects.toBe(reason);
    expect(calls()).toBe(1);
  });
});
