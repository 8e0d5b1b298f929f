import type { Redactor } from '../common/redactor.js';
import type { BulkLiveChecker, CheckedStreamer, LiveChecker, LiveCheckResult } from './live-checker.port.js';

/** Checks as `inner` does; the reasons come without secrets that somebody may have quoted. */
export class DiscreetLiveChecker implements LiveChecker {
  constructor(
    private readonly inner: LiveChecker,
    private readonly redactor: Redactor,
  ) {}

  /** Its reasons are our own words. */
  get bulk(): BulkLiveChecker | undefined {
    return this.inner.bulk;
  }

  async check(streamer: CheckedStreamer, signal?: AbortSignal): Promise<LiveCheckResult> {
    const result = await this.inner.check(streamer, signal);
    return { ...result, reason: this.redactor.clean(result.reason) };
  }
}
