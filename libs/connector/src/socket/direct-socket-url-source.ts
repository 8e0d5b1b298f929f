import { systemClock, type ConnectorClock } from '../common/clock.js';
import { DEFAULT_PRESETS, type LocationPreset, type ScreenPreset } from '../config/presets.js';
import { ConnectorError } from '../errors/connector-error.js';
import type { SocketRefusedError } from '../errors/connection-errors.js';
import { resolveEndpoints, type TikTokEndpoints } from '../http/endpoints.js';
import type { SocketAddress, SocketUrlRequest, SocketUrlSource } from './socket-url-source.js';
import { TtwidProvider, type AnonymousVisitor, type TtwidProviderOptions } from './ttwid-provider.js';

export interface DirectSocketUrlSourceOptions extends TtwidProviderOptions {
  /** Language and country, in the parameters and in Accept-Language. */
  readonly location?: LocationPreset;
  readonly screen?: ScreenPreset;
  /** Session cookies that follow the anonymous one in the Cookie header. Secret. */
  readonly sessionCookies?: string;
  /** How long this way stays closed after TikTok refused it as such, in milliseconds. Default 10 minutes. */
  readonly closedForMs?: number;
}

const SOCKET_PATH = '/webcast/im/ws_proxy/ws_reuse_supplement/';
const TEN_MINUTES = 10 * 60 * 1000;

/**
 * The direct way: no sign server, an anonymous cookie instead. One source serves all rooms that go out from one address
 * (one proxy, one source), since they share the cookie.
 */
export class DirectSocketUrlSource implements SocketUrlSource {
  readonly name = 'direct';
  private readonly endpoints: TikTokEndpoints;
  private readonly visitors: TtwidProvider;
  private readonly clock: ConnectorClock;
  private readonly random: () => number;
  /** Which cookie an address was made with; keyed weakly, so that nothing is kept for addresses that are gone. */
  private readonly made = new WeakMap<SocketAddress, string>();
  private closedUntil = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: DirectSocketUrlSourceOptions = {}) {
    this.endpoints = resolveEndpoints(options.endpoints);
    this.visitors = new TtwidProvider(options);
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
  }

  /**
   * @throws CONNECTOR_SOCKET_ROUTE_CLOSED while TikTok has this way closed (retryable after `retryAfterMs`),
   *   CONNECTOR_TTWID_UNAVAILABLE, HttpRequestError, or the signal's reason
   */
  async resolve({ roomId, signal }: SocketUrlRequest): Promise<SocketAddress> {
    const now = this.clock.now();
    if (now < this.closedUntil)
      throw new ConnectorError('TikTok has closed the direct way for now.', {
        code: 'CONNECTOR_SOCKET_ROUTE_CLOSED',
        retryable: true,
        retryAfterMs: this.closedUntil - now,
      });
    const visitor = await this.visitors.get(signal);
    const address: SocketAddress = {
      source: this.name,
      url: this.url(roomId, visitor),
      headers: this.headers(visitor),
      roomId,
    };
    this.made.set(address, visitor.ttwid);
    return address;
  }

  onRefused(address: SocketAddress, error: SocketRefusedError): void {
    if (error.refusal === 'routeClosed')
      this.closedUntil = this.clock.now() + (this.options.closedForMs ?? TEN_MINUTES);
    const ttwid = this.made.get(address);
    if (error.refusal === 'deviceBlocked' && ttwid !== undefined) this.visitors.invalidate(ttwid);
  }

  private url(roomId: string, { device }: AnonymousVisitor): string {
    const location = this.options.location ?? DEFAULT_PRESETS.location;
    const screen = this.options.screen ?? DEFAULT_PRESETS.screen;
    const params = new URLSearchParams({
      version_code: '180800',
      device_platform: 'web',
      cookie_enabled: 'true',
      screen_width: String(screen.screen_width),
      screen_height: String(screen.screen_height),
      browser_language: location.lang_country,
      browser_platform: device.browser_platform,
      browser_name: device.browser_name,
      browser_version: device.browser_version,
      browser_online: 'true',
      tz_name: location.tz_name,
      app_name: 'tiktok_web',
      sup_ws_ds_opt: '1',
      update_version_code: '2.0.0',
      compress: 'gzip',
      webcast_language: location.lang,
      ws_direct: '1',
      aid: '1988',
      live_id: '12',
      app_language: location.lang,
      client_enter: '1',
      room_id: roomId,
      identity: 'audience',
      history_comment_count: '6',
      last_rtt: (100 + this.random() * 100).toFixed(3),
      heartbeat_duration: '10000',
      resp_content_type: 'protobuf',
      did_rule: '3',
    });
    return `${this.endpoints.socketUrl}${SOCKET_PATH}?${params.toString()}`;
  }

  private headers({ ttwid, device }: AnonymousVisitor): Record<string, string> {
    const { sessionCookies, location } = this.options;
    return {
      'User-Agent': device.user_agent,
      Cookie: `ttwid=${ttwid}${sessionCookies ? `; ${sessionCookies}` : ''}`,
      Origin: 'https://www.tiktok.com',
      Referer: 'https://www.tiktok.com/',
      'Accept-Language': location ? `${location.lang_country},${location.lang};q=0.9` : 'en-US,en;q=0.9',
      'Cache-Control': 'no-cache',
    };
  }
}
