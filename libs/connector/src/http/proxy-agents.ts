import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { HttpProxyAgent, HttpsProxyAgent } from 'hpagent';
import { SocksProxyAgent } from 'socks-proxy-agent';
import { ConfigurationError } from '../errors/connector-error.js';

/** The agents for one proxy, by the scheme of the address that is spoken to. Fits `webClientOptions.agent`. */
export interface ProxyAgents {
  readonly http: HttpAgent;
  /** Also the one for `wsClientOptions.agent`, since sockets are `wss://`. */
  readonly https: HttpsAgent;
}

export interface ProxyAgentsOptions {
  /** Connections at once to one host. Default 256. */
  readonly maxSockets?: number;
  /** Idle connections kept for one host. Default 16. */
  readonly maxFreeSockets?: number;
  /** Milliseconds until a proxy must have opened the tunnel. Default 20,000; a SOCKS proxy always has 30,000. */
  readonly connectTimeoutMs?: number;
  /**
   * Told how each connection to the proxy ended: without an error when the tunnel stands. Synchronously; must not throw. Errors
   * may quote the address of the proxy.
   */
  readonly onTunnel?: (error?: Error) => void;
  /** Certificates (PEM) that are trusted for the proxy itself when it is spoken to by TLS, instead of the usual ones. */
  readonly proxyCa?: string | readonly string[];
  /** Certificates (PEM) that are trusted for the hosts behind the proxy, instead of the usual ones. */
  readonly ca?: string | readonly string[];
}

const DEFAULTS = { maxSockets: 256, maxFreeSockets: 16, connectTimeoutMs: 20_000 } as const;
/** `socks5:` would look names up here and tell the local network whom we visit: names are always the proxy's to resolve. */
const SOCKS = new Map([
  ['socks:', 'socks5h:'],
  ['socks5:', 'socks5h:'],
  ['socks5h:', 'socks5h:'],
]);

const list = (pem: string | readonly string[]): string[] => (typeof pem === 'string' ? [pem] : [...pem]);

/**
 * Agents that send every connection through one proxy: `http://` or `https://` (CONNECT tunnels, the latter with TLS to
 * the proxy) or `socks5://`. User and password go into the address, percent-encoded. Names are resolved by the proxy.
 * @throws CONNECTOR_CONFIGURATION for another address (not retryable); its text never holds the address
 */
export function createProxyAgents(proxyUrl: string | URL, options: ProxyAgentsOptions = {}): ProxyAgents {
  const text = String(proxyUrl);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.hostname === '') throw new ConfigurationError('The address of the proxy is not a URL.');
  const { maxSockets = DEFAULTS.maxSockets, maxFreeSockets = DEFAULTS.maxFreeSockets } = options;
  const tls = options.ca === undefined ? {} : { ca: list(options.ca) };
  const pool = { keepAlive: true, maxSockets, maxFreeSockets, ...tls };
  const socks = SOCKS.get(url.protocol);
  if (socks !== undefined) {
    const address = new URL(`${socks}${text.slice(text.indexOf('//'))}`);
    const make = (): SocksProxyAgent => observeSocks(new SocksProxyAgent(address, pool), options.onTunnel);
    return { http: make(), https: make() };
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new ConfigurationError('The address of a proxy begins with http://, https:// or socks5://.');
  const settings = {
    ...pool,
    proxy: url,
    // Without a limit a proxy that accepts and then says nothing would hold its connection for good.
    timeout: options.connectTimeoutMs ?? DEFAULTS.connectTimeoutMs,
    ...(options.proxyCa === undefined ? {} : { proxyRequestOptions: { ca: list(options.proxyCa) } }),
  };
  return {
    http: observeConnect(new HttpProxyAgent(settings), options.onTunnel),
    https: observeConnect(new HttpsProxyAgent(settings), options.onTunnel),
  };
}

type Told = (error: Error | null, stream: Duplex) => void;
type CreateConnection = (options: object, told: Told) => unknown;

/** Has the agent say how each of its tunnels came out. */
function observeConnect<A extends HttpAgent>(agent: A, onTunnel: ProxyAgentsOptions['onTunnel']): A {
  if (onTunnel === undefined) return agent;
  const own = agent as unknown as { createConnection: CreateConnection };
  const create = own.createConnection.bind(agent);
  own.createConnection = (options, told) =>
    create(options, (error, stream) => {
      onTunnel(error ?? undefined);
      told(error, stream);
    });
  return agent;
}

function observeSocks(agent: SocksProxyAgent, onTunnel: ProxyAgentsOptions['onTunnel']): SocksProxyAgent {
  if (onTunnel === undefined) return agent;
  const connect = agent.connect.bind(agent);
  agent.connect = async (request, options) => {
    try {
      const socket = await connect(request, options);
      onTunnel();
      return socket;
    } catch (error) {
      onTunnel(error instanceof Error ? error : new Error('The proxy failed.'));
      throw error;
    }
  };
  return agent;
}
