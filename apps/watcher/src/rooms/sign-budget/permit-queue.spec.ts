import { describe, expect, it } from 'vitest';
import { PermitQueue, urgency } from './permit-queue.js';
import { SignQueueFullError, type SignPermit } from './sign-budget.port.js';

const permit = (): SignPermit => ({ valid: true, spent: () => undefined, unused: () => undefined });

interface Asked {
  readonly name: string;
  readonly priority?: number;
  readonly since?: number;
  readonly signal?: AbortSignal;
}

function ask(queue: PermitQueue, served: string[], { name, priority = 50, since = 0, signal }: Asked): void {
  queue
    .wait({
      priority,
      waitingSince: since,
      signal: signal ?? new AbortController().signal,
      onWaiting: () => served.push(`${name} told`),
    })
    .then(
      () => served.push(name),
      (error: Error) => served.push(`${name}: ${error.message}`),
    );
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the queue for signatures', () => {
  it('serves the room that waits longest first, weighed by priority; nobody starves', async () => {
    const queue = new PermitQueue(10);
    const served: string[] = [];
    ask(queue, served, { name: 'new, important', priority: 100, since: 9_000 });
    ask(queue, served, { name: 'old, unimportant', priority: 0, since: 0 });
    ask(queue, served, { name: 'new, usual', priority: 50, since: 9_000 });
    ask(queue, served, { name: 'older, usual', priority: 50, since: 4_000 });
    for (let n = 0; n < 4; n += 1) expect(queue.serve(permit(), 10_000)).toBe(true);
    expect(queue.serve(permit(), 10_000)).toBe(false);
    await settled();
    expect(served).toEqual(['older, usual', 'old, unimportant', 'new, important', 'new, usual']);
  });

  it('of those that begin to wait together the most important comes first', () => {
    expect(urgency({ priority: 100, waitingSince: 7 }, 7)).toBeGreaterThan(
      urgency({ priority: 50, waitingSince: 7 }, 7),
    );
  });

  it('is bounded and left by abort', async () => {
    const queue = new PermitQueue(2);
    const served: string[] = [];
    const abort = new AbortController();
    const over = AbortSignal.abort(new Error('over before'));
    ask(queue, served, { name: 'a', signal: abort.signal });
    ask(queue, served, { name: 'b' });
    ask(queue, served, { name: 'c' });
    ask(queue, served, { name: 'd', signal: over });
    await settled();
    expect(served).toEqual(['c: too many rooms wait for a signature', 'd: over before']);
    abort.abort(new Error('left'));
    await settled();
    expect([served.at(-1), queue.size]).toEqual(['a: left', 1]);
    await expect(
      new PermitQueue(0).wait({
        priority: 0,
        waitingSince: 0,
        signal: new AbortController().signal,
        onWaiting: () => undefined,
      }),
    ).rejects.toBeInstanceOf(SignQueueFullError);
  });

  it('tells each who waits once; who leaves because of it is gone', async () => {
    const queue = new PermitQueue(3);
    const served: string[] = [];
    const abort = new AbortController();
    ask(queue, served, { name: 'a' });
    const leaves = queue.wait({
      priority: 1,
      waitingSince: 0,
      signal: abort.signal,
      onWaiting: () => abort.abort(new Error('elsewhere')),
    });
    queue.tell();
    queue.tell();
    await expect(leaves).rejects.toThrow('elsewhere');
    expect([served, queue.size]).toEqual([['a told'], 1]);
  });
});
