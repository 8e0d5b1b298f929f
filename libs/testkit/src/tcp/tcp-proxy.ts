import { connect, createServer, type Server, type Socket } from 'node:net';

export interface TcpTarget {
  readonly host: string;
  readonly port: number;
}

/** What happens to bytes on the way. `blackHole`: connections stay open and nothing passes, in either direction. */
export type TcpFault =
  | { readonly kind: 'none' }
  | { readonly kind: 'blackHole' }
  /** New connections are closed at once. */
  | { readonly kind: 'refuse' }
  | { readonly kind: 'slow'; readonly delayMs: number };

const NONE: TcpFault = { kind: 'none' };

/** A TCP relay on the loopback address that can be made to fail. */
export class TcpProxy {
  readonly #pairs = new Set<Pair>();
  #fault: TcpFault = NONE;
  #accepted = 0;
  /** Told what clients send, connection by connection (numbered from 1) and in order; the bytes are not copied. */
  onSent: ((connection: number, bytes: Buffer) => void) | undefined;

  private constructor(
    private readonly server: Server,
    /** May be changed: counts for new connections. */
    public target: TcpTarget,
  ) {}

  /** Listens on `port`, 0 (the default) for any free one. */
  static async start(target: TcpTarget, port = 0): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, target);
    server.on('connection', (socket) => proxy.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy is closed.');
    return address.port;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Sets the fault for open and new connections; held bytes go on when a black hole ends. */
  set fault(fault: TcpFault) {
    this.#fault = fault;
    for (const pair of this.#pairs) pair.apply(fault);
  }

  get fault(): TcpFault {
    return this.#fault;
  }

  /** Cuts every open connection with a reset. */
  cut(): void {
    for (const pair of this.#pairs) pair.reset();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #accept(client: Socket): void {
    if (this.#fault.kind === 'refuse') {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const pair = new Pair(client, connect(this.target.port, this.target.host), () => this.#pairs.delete(pair));
    this.#pairs.add(pair);
    pair.apply(this.#fault);
    const connection = (this.#accepted += 1);
    client.on('data', (bytes: Buffer) => this.onSent?.(connection, bytes));
  }
}

class Pair {
  #fault: TcpFault = NONE;

  constructor(
    private readonly client: Socket,
    private readonly upstream: Socket,
    private readonly closed: () => void,
  ) {
    this.#relay(client, upstream);
    this.#relay(upstream, client);
  }

  apply(fault: TcpFault): void {
    this.#fault = fault;
    for (const socket of [this.client, this.upstream]) {
      if (fault.kind === 'blackHole') socket.pause();
      else socket.resume();
    }
  }

  reset(): void {
    this.client.resetAndDestroy();
    this.upstream.resetAndDestroy();
  }

  #relay(from: Socket, to: Socket): void {
    from.setNoDelay(true);
    from.on('data', (bytes: Buffer) => {
      const pass = (): void => {
        if (to.destroyed) return;
        if (!to.write(bytes)) {
          from.pause();
          to.once('drain', () => this.#fault.kind !== 'blackHole' && from.resume());
        }
      };
      if (this.#fault.kind === 'slow') setTimeout(pass, this.#fault.delayMs);
      else pass();
    });
    from.on('end', () => {
      if (this.#fault.kind !== 'blackHole') to.end();
    });
    // A broken side breaks the other one, which is all that a relay can say.
    from.on('error', () => to.destroy());
    from.on('close', () => {
      to.destroy();
      this.closed();
    });
  }
}
