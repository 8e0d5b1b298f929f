import { throwIfAborted } from '../common/abort.js';
import { ConfigurationError } from '../errors/connector-error.js';
import { isPrivateAddress } from '../http/endpoints.js';
import type { SocketAddress, SocketUrlRequest, SocketUrlSource } from './socket-url-source.js';

export interface FixedSocketUrlSourceOptions {
  /** ws(s) address; every `{roomId}` in it is replaced by the room to enter. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Always the same address: for recordings, simulators and addresses made elsewhere. */
export class FixedSocketUrlSource implements SocketUrlSource {
  readonly name = 'fixed';

  /** @throws CONNECTOR_CONFIGURATION for an address that is no ws(s) URL or is unencrypted beyond this computer */
  constructor(private readonly options: FixedSocketUrlSourceOptions) {
    assertSocketUrl(options.url);
  }

  async resolve({ roomId, signal }: SocketUrlRequest): Promise<SocketAddress> {
    throwIfAborted(signal);
    const url = this.options.url.replaceAll('{roomId}', encodeURIComponent(roomId));
    return { source: this.name, url, headers: { ...this.options.headers }, roomId };
  }
}

/** @throws CONNECTOR_CONFIGURATION for anything but wss, or ws to this computer */
export function assertSocketUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'wss:' && url.protocol !== 'ws:'))
    throw new ConfigurationError('The socket address is not a ws or wss URL.');
  if (!isPrivateAddress(url))
    throw new ConfigurationError('The socket address is not encrypted: only addresses of this computer may be.');
  return url;
}
