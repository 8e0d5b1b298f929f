import { sampleEvent } from '@livetap/testkit';
import { describe, expect, it, type Mock, vi } from 'vitest';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import { AdmissionQueue, type AdmissionQueueOptions } from './admission-queue.js';

/** A journal whose appends become durable when the test says so. */
class HeldJournal {
  readonly appends: {
    readonly ids: string[];
    readonly resolve: () => void;
    readonly reject: (error: Error) => void;
  }[] = [];
  #listener: (full: boolean) => void = () => undefined;

  append(events: readonly FinishedEvent[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.appends.push({ ids: events.map((event) => event.id), resolve, reject });
    });
  }

  onPressure(listener: (full: boolean) => void): () => void {
    this.#listener = listener;
    return () => undefined;
  }

  press(full: boolean): void {
    this.#listener(full);
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setup(options: Partial<AdmissionQueueOptions> = {}): {
  journal: HeldJournal;
  queue: AdmissionQueue;
  fatal: unknown[];
  handlers: () => { pause: Mock<() => void>; resume: Mock<() => void> };
} {
  const journal = new HeldJournal();
  const fatal: unknown[] = [];
  const queue = new AdmissionQueue({ journal, onFatal: (error) => fatal.push(error), ...options });
  return { journal, queue, fatal, handlers: () => ({ pause: vi.fn<() => void>(), resume: vi.fn<() => void>() }) };
}

describe('admission', () => {
  it('appends what all rooms made in one macrotask at once, in order, and the next tick apart', async () => {
    const { journal, queue, handlers } = setup();
    const [a, b] = [queue.lane(handlers()), queue.lane(handlers())];
    a.push([sampleEvent(1), sampleEvent(2)]);
    b.push([sampleEvent(3)]);
    a.push([sampleEvent(4)]);
    expect(journal.appends).toHaveLength(0);
    await turn();
    expect(journal.appends.map(({ ids }) => ids)).toEqual([['1', '2', '3', '4']]);
    b.push([sampleEvent(5)]);
    await turn();
    expect(journal.appends.map(({ ids }) => ids)).toEqual([['1', '2', '3', '4'], ['5']]);
  });

  it('appends what a burst made while the rest of it is still coming', async () => {
    const { journal, queue, handlers } = setup();
    const [a, b] = [queue.lane(handlers()), queue.lane(handlers())];
    const large = Buffer.alloc(40 * 1024);
    for (let n = 1; n <= 7; n += 1) (n % 2 === 0 ? a : b).push([sampleEvent(n, { value: large })]);
    expect(journal.appends.map(({ ids }) => ids)).toEqual([['1', '2', '3', '4']]);
    await turn();
    expect(journal.appends.map(({ ids }) => ids)).toEqual([
      ['1', '2', '3', '4'],
      ['5', '6', '7'],
    ]);
    await turn();
    expect(journal.appends).toHaveLength(2);
  });

  it('flush resolves only when everything before it is durable', async () => {
    const { journal, queue, handlers } = setup();
    const lane = queue.lane(handlers());
    lane.push([sampleEvent(1)]);
    await turn();
    lane.push([sampleEvent(2)]);
    let flushed = false;
    const done = queue.flush().then(() => (flushed = true));
    lane.push([sampleEvent(3)]);
    await turn();
    journal.appends[0]?.resolve();
    await turn();
    expect(flushed).toBe(false);
    journal.appends[1]?.resolve();
    await done;
    expect(queue.pendingBytes).toBe(0);
    await queue.flush();
  });

  it('flush waits for what the journal was given and did not confirm', async () => {
    const { journal, queue, handlers } = setup();
    queue.lane(handlers()).push([sampleEvent(1)]);
    await turn();
    expect(journal.appends).toHaveLength(1);
    let flushed = false;
    const done = queue.flush().then(() => (flushed = true));
    await turn();
    expect(flushed).toBe(false);
    journal.appends[0]?.resolve();
    await done;
  });

  it('pauses a room above its limit and lets it go on below half of it', async () => {
    const { journal, queue, handlers } = setup({ maxRoomBytes: 2_000 });
    const [busy, calm] = [handlers(), handlers()];
    const lane = queue.lane(busy);
    queue.lane(calm);
    for (let n = 1; n <= 4; n += 1) lane.push([sampleEvent(n, { value: Buffer.alloc(200) })]);
    expect(busy.pause).toHaveBeenCalledTimes(1);
    expect(calm.pause).not.toHaveBeenCalled();
    await turn();
    journal.appends[0]?.resolve();
    await turn();
    expect(busy.resume).toHaveBeenCalledTimes(1);
    expect(lane.paused).toBe(false);
  });

  it('pauses every room above the total, also rooms that come later', async () => {
    const { journal, queue, handlers } = setup({ maxBytes: 2_000 });
    const [first, late] = [handlers(), handlers()];
    const lane = queue.lane(first);
    for (let n = 1; n <= 4; n += 1) lane.push([sampleEvent(n, { value: Buffer.alloc(200) })]);
    queue.lane(late);
    expect(queue.pressed).toBe(true);
    expect([first.pause, late.pause].map((pause) => pause.mock.calls.length)).toEqual([1, 1]);
    await turn();
    journal.appends[0]?.resolve();
    await turn();
    expect(queue.pressed).toBe(false);
    expect([first.resume, late.resume].map((resume) => resume.mock.calls.length)).toEqual([1, 1]);
  });

  it('passes the pressure of a full journal on', () => {
    const { journal, queue, handlers } = setup();
    const room = handlers();
    queue.lane(room);
    journal.press(true);
    expect(room.pause).toHaveBeenCalledTimes(1);
    journal.press(false);
    expect(room.resume).toHaveBeenCalledTimes(1);
  });

  it('appends nothing before the guard has looked, and nothing of a room that was discarded meanwhile', async () => {
    let allow: () => void = () => undefined;
    const checked = new Promise<void>((resolve) => (allow = resolve));
    let stale = true;
    const { journal, queue, handlers } = setup({ guard: () => (stale ? checked : undefined) });
    const [ours, lost] = [queue.lane(handlers()), queue.lane(handlers())];
    ours.push([sampleEvent(1)]);
    lost.push([sampleEvent(2), sampleEvent(3), sampleEvent(3, { topic: 'raw' })]);
    await turn();
    ours.push([sampleEvent(4)]);
    await turn();
    expect(journal.appends).toHaveLength(0);
    lost.discard();
    stale = false;
    allow();
    await turn();
    expect(journal.appends.map(({ ids }) => ids)).toEqual([['1', '4']]);
    expect(queue.discardedEvents).toBe(2);
    journal.appends[0]?.resolve();
    await queue.flush();
    expect(queue.pendingBytes).toBe(0);
  });

  it('splits what would be an unwieldy record and keeps the order', async () => {
    const { journal, queue, handlers } = setup();
    const lane = queue.lane(handlers());
    for (let n = 1; n <= 3; n += 1) lane.push([sampleEvent(n, { value: Buffer.alloc(3_000_000) })]);
    await turn();
    expect(journal.appends.map(({ ids }) => ids)).toEqual([['1'], ['2'], ['3']]);
  });

  it('makes records as small as it is told to, for a small journal', async () => {
    const { journal, queue, handlers } = setup({ maxRecordBytes: 3_000 });
    for (let n = 0; n < 6; n += 1) queue.lane(handlers()).push([sampleEvent(n, { value: Buffer.alloc(1_000) })]);
    await turn();
    expect(journal.appends.map(({ ids }) => ids)).toEqual([
      ['0', '1'],
      ['2', '3'],
      ['4', '5'],
    ]);
  });

  it('reports a journal that failed once, releases those who wait, and takes nothing more', async () => {
    const { journal, queue, fatal, handlers } = setup();
    const lane = queue.lane(handlers());
    lane.push([sampleEvent(1)]);
    await turn();
    lane.push([sampleEvent(2)]);
    await turn();
    const flushed = queue.flush();
    const broken = new Error('disk');
    journal.appends[0]?.reject(broken);
    journal.appends[1]?.reject(broken);
    expect(await flushed).toBe(false);
    expect(await queue.flush()).toBe(false);
    lane.push([sampleEvent(3)]);
    await turn();
    expect(fatal).toEqual([broken]);
    expect(journal.appends).toHaveLength(2);
  });
});
