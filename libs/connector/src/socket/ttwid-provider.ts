import { abortReason, throwIfAborted } from '../common/abort.js';
import { systemClock, type ConnectorClock } from '../common/clock.js';
import { Devices, type DevicePreset } from '../config/presets.js';
import { ConnectorError } from '../errors/connector-error.js';
import { WebcastCookieJar } from '../http/cookie-jar.js';
import { resolveEndpoints, type TikTokEndpoints } from '../http/endpoints.js';
import { HttpTransport, type HttpTransportOptions } from '../http/http-transport.js';

/** An anonymous visitor: the cookie that TikTok gave, and the browser that it was given to. The cookie is secret. */
export interface AnonymousVisitor {
  readonly ttwid: string;
  readonly device: DevicePreset;
}

export interface TtwidProviderOptions extends HttpTransportOptions {
  readonly endpoints?: Partial<TikTokEndpoints>;
  /** How long one cookie is used, in milliseconds. Default 6 hours. */
  readonly maxAgeMs?: number;
  /** Shortest time between two new cookies after a refusal, in milliseconds. Default 30 seconds. */
  readonly minRenewIntervalMs?: number;
}

const SIX_HOURS = 6 * 60 * 60 * 1000;

/**
 * Gets the anonymous cookie `ttwid` and keeps it: one request serves all rooms of one address. Callers at the same time
 * share one request; a caller who gives up does not end it for the others.
 */
export class TtwidProvider {
  private readonly endpoints: TikTokEndpoints;
  private readonly clock: ConnectorClock;
  private readonly random: () => number;
  private readonly maxAgeMs: number;
  private readonly minRenewIntervalMs: number;
  private visitor: AnonymousVisitor | undefined;
  private fetchedAt = Number.NEGATIVE_INFINITY;
  private notBefore = Number.NEGATIVE_INFINITY;
  private pending: Promise<AnonymousVisitor> | undefined;
  private device: DevicePreset;

  constructor(private readonly options: TtwidProviderOptions = {}) {
    this.endpoints = resolveEndpoints(options.endpoints);
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.maxAgeMs = options.maxAgeMs ?? SIX_HOURS;
    this.minRenewIntervalMs = options.minRenewIntervalMs ?? 30_000;
    this.device = this.pickDevice();
  }

  /**
   * The current visitor, fetched when there is none or it is too old.
   * @throws CONNECTOR_TTWID_UNAVAILABLE when the page sets no cookie, or when one was refused a moment ago (retryable
   *   after `retryAfterMs`); HttpRequestError; the signal's reason when aborted
   */
  async get(signal?: AbortSignal): Promise<AnonymousVisitor> {
    throwIfAborted(signal);
    const now = this.clock.now();
    if (this.visitor && now - this.fetchedAt < this.maxAgeMs) return this.visitor;
    if (now < this.notBefore)
      throw new ConnectorError('The anonymous cookie was refused a moment ago.', {
        code: 'CONNECTOR_TTWID_UNAVAILABLE',
        retryable: true,
        retryAfterMs: this.notBefore - now,
      });
    this.pending ??= this.fetch().finally(() => {
      this.pending = undefined;
    });
    return await abandonable(this.pending, signal);
  }

  /** Forgets the cookie if it still is this one; the next `get` takes a new one as another browser. */
  invalidate(ttwid: string): void {
    if (this.visitor?.ttwid !== ttwid) return;
    const now = this.clock.now();
    // A cookie refused right after it was made: a newer one would fare no better, and asking hot makes it worse.
    if (now - this.fetchedAt < this.minRenewIntervalMs) this.notBefore = this.fetchedAt + this.minRenewIntervalMs;
    this.visitor = undefined;
    this.device = this.pickDevice();
  }

  private async fetch(): Promise<AnonymousVisitor> {
    const { device } = this;
    const jar = new WebcastCookieJar(this.endpoints);
    await new HttpTransport(jar, this.options).request({
      url: `${this.endpoints.webUrl}/`,
      headers: { 'User-Agent': device.user_agent, Accept: 'text/html', 'Accept-Language': 'en-US,en;q=0.9' },
      followRedirects: false,
    });
    const ttwid = jar.get('ttwid');
    if (ttwid === undefined)
      throw new ConnectorError('The page set no anonymous cookie.', {
        code: 'CONNECTOR_TTWID_UNAVAILABLE',
        retryable: true,
      });
    this.visitor = { ttwid, device };
    this.fetchedAt = this.clock.now();
    return this.visitor;
  }

  private pickDevice(): DevicePreset {
    const others = Devices.filter((device) => device !== this.device);
    return others[Math.floor(this.random() * others.length)] as DevicePreset;
  }
}

/** The result of `shared`, or the signal's reason as soon as it aborts; `shared` goes on for its other users. */
async function abandonable<T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await shared;
  return await new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(abortReason(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    shared.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
