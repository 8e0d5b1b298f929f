import type { Redactor } from '../common/redactor.js';
import type { BulkLiveChecker, CheckedStreamer, LiveChecker, LiveCheckResult } from './live-checker.port.js';

/** Checks as `inner` does; the reasons come without secrets that somebody may have quoted. */
export class DiscreetLiveChecker implements LiveChecker {
  constructor(
    private readonly inner: LiveChecker,
    private readonly redactor: Redactor,
  ) {}

  addressOf(streamer: CheckedStreamer): string {
    return this.inner.addressOf?.(streamer) ?? '';
  }

  get bulk(): BulkLiveChecker | undefined {
    const { bulk } = this.inner;
    if (bulk === undefined) return undefined;
    return {
      limit: bulk.limit,
      gapMs: bulk.gapMs,
      pausedFor: () => bulk.pausedFor(),
      check: async (ids, signal) =>
        new Map([...(await bulk.check(ids, signal))].map(([id, result]) => [id, this.#clean(result)])),
    };
  }

  async check(streamer: CheckedStreamer, signal?: AbortSignal): Promise<LiveCheckResult> {
    return this.#clean(await this.inner.check(streamer, signal));
  }

  #clean(result: LiveCheckResult): LiveCheckResult {
    return { ...result, reason: this.redactor.clean(result.reason) };
  }
}
