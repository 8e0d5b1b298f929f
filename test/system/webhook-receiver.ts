import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call as it came in, with what a receiver makes of it. */
export interface ReceivedCall {
  readonly path: string;
  readonly id: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

const TOLERANCE_SECONDS = 300;

/** A destination of webhooks on loopback that keeps every call. */
export class WebhookReceiver {
  readonly calls: ReceivedCall[] = [];
  /** How it answers; calls are kept before. */
  answer: (call: ReceivedCall, reply: ServerResponse) => void = (_call, reply) => void reply.writeHead(204).end();
  #server: Server | undefined;
  #port = 0;

  /** Listens: on a free port, later on the same one again. */
  async up(): Promise<void> {
    const server = createServer((request, reply) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { url = '', headers } = request;
        const call = { path: url, id: String(headers['webhook-id']), headers, body: Buffer.concat(chunks) };
        this.calls.push(call);
        this.answer(call, reply);
      });
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Nobody listens any more; connections are cut. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }
}

/** What a receiver has to do, from the Standard Webhooks specification alone. */
export function isGenuine(call: ReceivedCall, secret: string): boolean {
  const timestamp = String(call.headers['webhook-timestamp']);
  if (!(Math.abs(Date.now() / 1_000 - Number(timestamp)) <= TOLERANCE_SECONDS)) return false;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update(`${call.id}.${timestamp}.`).update(call.body).digest();
  return String(call.headers['webhook-signature'])
    .split(' ')
    .some((part) => {
      const [version, text = ''] = part.split(',');
      const given = Buffer.from(text, 'base64');
      return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
    });
}
