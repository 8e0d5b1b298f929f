import type { CheckedStreamer, LiveChecker, LiveCheckResult } from '../../streamers/live-checker.port.js';
import type { StreamerAccess } from '../../streamers/streamer-access.js';

/** Answers with what the test set for a name; offline for every other. */
export class FakeLiveChecker implements LiveChecker {
  readonly answers = new Map<string, LiveCheckResult>();
  readonly asked: string[] = [];
  running = 0;
  mostRunning = 0;
  /** Held back until it resolves, when set. */
  gate: Promise<void> | undefined;

  live(uniqueId: string, roomId: string): void {
    this.answers.set(uniqueId, { verdict: 'live', reason: 'test: live', roomId, tiktokUserId: '77', title: 'Hello' });
  }

  set(uniqueId: string, verdict: LiveCheckResult['verdict'], more: Partial<LiveCheckResult> = {}): void {
    this.answers.set(uniqueId, { verdict, reason: `test: ${verdict}`, ...more });
  }

  addressOf({ proxyUrl, proxyPool }: StreamerAccess): string {
    return proxyUrl ?? (proxyPool === undefined ? '' : `pool ${proxyPool}`);
  }

  async check(streamer: CheckedStreamer, signal?: AbortSignal): Promise<LiveCheckResult> {
    this.asked.push(streamer.uniqueId);
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    try {
      await (this.gate ?? Promise.resolve());
      signal?.throwIfAborted();
      return this.answers.get(streamer.uniqueId) ?? { verdict: 'offline', reason: 'test: offline' };
    } finally {
      this.running -= 1;
    }
  }
}
