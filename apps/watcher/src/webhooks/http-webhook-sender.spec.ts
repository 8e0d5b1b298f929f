import { makeAuthority, makeCertificate } from '@livetap/testkit';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../common/secret.js';
import { SystemClock } from '../common/system-clock.adapter.js';
import { HttpWebhookSender, type HttpWebhookSenderOptions, type ResolveName } from './http-webhook-sender.adapter.js';
import type { SendRequest } from './webhook-sender.port.js';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function sender(options: Partial<HttpWebhookSenderOptions> = {}): HttpWebhookSender {
  const made = new HttpWebhookSender({ clock: new SystemClock(), allowPrivate: true, maxConnections: 4, ...options });
  closing.push(() => made.close());
  return made;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const serve = (handler: RequestListener): Promise<number> => listen(createServer(handler));
const request = (url: string, changes: Partial<SendRequest> = {}): SendRequest => ({
  url: new Secret(url),
  headers: { 'content-type': 'application/json', 'webhook-id': 'msg_1' },
  body: Buffer.from('{"a":"ü"}'),
  timeoutMs: 10_000,
  ...changes,
});
const read = async (incoming: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

describe('calling a destination', () => {
  it('posts exactly the bytes with the headers, and says what came back', async () => {
    const seen: unknown[] = [];
    const port = await serve((incoming, reply) => {
      void read(incoming).then((body) => {
        seen.push([incoming.method, incoming.url, incoming.headers['webhook-id'], incoming.headers.host, body]);
        reply.writeHead(204).end();
      });
    });
    const calls = sender();
    const url = `http://127.0.0.1:${port}/hook?token=t`;
    expect(await calls.send(request(url))).toEqual({ outcome: 'delivered', status: 204 });
    expect(await calls.send(request(url))).toEqual({ outcome: 'delivered', status: 204 });
    expect(seen).toEqual(Array(2).fill(['POST', '/hook?token=t', 'msg_1', `127.0.0.1:${port}`, '{"a":"ü"}']));
  });

  it('does not follow redirects', async () => {
    let elsewhere = 0;
    const target = await serve((_incoming, reply) => {
      elsewhere += 1;
      reply.end();
    });
    const port = await serve((_incoming, reply) => {
      reply.writeHead(307, { location: `http://127.0.0.1:${target}/` }).end();
    });
    expect(await sender().send(request(`http://127.0.0.1:${port}/`))).toEqual({ outcome: 'redirect', status: 307 });
    expect(elsewhere).toBe(0);
  });

  it('tells busy, gone and refused apart, with the wait that is asked for', async () => {
    const port = await serve((incoming, reply) => {
      reply.writeHead(Number(incoming.url?.slice(1)), { 'retry-after': '7' }).end('x');
    });
    const answers = await Promise.all(
      [429, 410, 500].map((status) => sender().send(request(`http://127.0.0.1:${port}/${status}`))),
    );
    expect(answers).toEqual([
      { outcome: 'busy', status: 429, retryAfterMs: 7_000 },
      { outcome: 'gone', status: 410, retryAfterMs: 7_000 },
      { outcome: 'refused', status: 500, retryAfterMs: 7_000 },
    ]);
  });

  it('gives up on one that does not answer, and on one that never ends its answer takes the status', async () => {
    const port = await serve((incoming, reply) => {
      if (incoming.url === '/never') return;
      reply.writeHead(200);
      reply.write('x');
    });
    const calls = sender();
    const never = request(`http://127.0.0.1:${port}/never`, { timeoutMs: 200 });
    expect(await calls.send(never)).toEqual({ outcome: 'timeout' });
    const slow = request(`http://127.0.0.1:${port}/slow`, { timeoutMs: 200 });
    expect(await calls.send(slow)).toEqual({ outcome: 'delivered', status: 200 });
  });

  it('reads no more of an answer than a little', async () => {
    let sent = 0;
    let cut = false;
    const port = await serve((_incoming, reply: ServerResponse) => {
      const block = Buffer.alloc(64 * 1024);
      const more = (): void => {
        while (!reply.destroyed && reply.write(block)) sent += block.length;
      };
      reply.on('drain', more).on('close', () => (cut = true));
      reply.writeHead(200);
      more();
    });
    expect(await sender().send(request(`http://127.0.0.1:${port}/`))).toEqual({ outcome: 'delivered', status: 200 });
    await new Promise<void>((resolve) => {
      const look = (): void => void (cut ? resolve() : setImmediate(look));
      look();
    });
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it('says unreachable for a closed port, an unknown name and a connection that is cut, without the address', async () => {
    const cutter = createTcpServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => cutter.listen(0, '127.0.0.1', resolve));
    closing.push(() => cutter.close());
    const port = (cutter.address() as AddressInfo).port;
    // As the system's resolver does: without a list of addresses.
    const unknown: ResolveName = (_name, done) =>
      done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), undefined);
    const results = [
      await sender().send(request('http://127.0.0.1:1/planted')),
      await sender().send(request(`http://127.0.0.1:${port}/planted`)),
      await sender({ resolve: unknown }).send(request('http://planted.example/')),
    ];
    expect(results).toEqual([
      { outcome: 'unreachable', detail: 'ECONNREFUSED' },
      { outcome: 'unreachable', detail: 'ECONNRESET' },
      { outcome: 'unreachable', detail: 'ENOTFOUND' },
    ]);
  });

  it('checks the certificate', async () => {
    const authority = makeAuthority();
    const { cert, key } = makeCertificate(['hook.example'], { issuer: authority });
    const server = createTlsServer({ cert, key }, (_incoming, reply) => void reply.end());
    const port = await listen(server);
    const resolve: ResolveName = (_name, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);
    const trusting = sender({ ca: authority.cert, resolve });
    expect(await trusting.send(request(`https://hook.example:${port}/`))).toMatchObject({ outcome: 'delivered' });
    expect(await trusting.send(request(`https://other.example:${port}/`))).toMatchObject({ outcome: 'tls' });
    expect(await sender({ resolve }).send(request(`https://hook.example:${port}/`))).toMatchObject({ outcome: 'tls' });
  });
});

describe('addresses that may not be called', () => {
  const resolving =
    (...addresses: string[]): ResolveName =>
    (_name, done) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );

  it('are refused by literal and by scheme, before anything is sent', async () => {
    let calls = 0;
    const port = await serve((_incoming, reply) => {
      calls += 1;
      reply.end();
    });
    const strict = sender({ allowPrivate: false });
    for (const url of [`http://127.0.0.1:${port}/`, `https://127.0.0.1:${port}/`, `https://[::1]:${port}/`]) {
      expect(await strict.send(request(url))).toEqual({ outcome: 'forbiddenAddress' });
    }
    expect(calls).toBe(0);
  });

  it('are refused by what a name leads to, also when only one of several is bad', async () => {
    for (const addresses of [['127.0.0.1'], ['93.184.216.34', '10.0.0.1'], ['::ffff:169.254.169.254']]) {
      const strict = sender({ allowPrivate: false, resolve: resolving(...addresses) });
      expect(await strict.send(request('https://rebound.example/'))).toMatchObject({ outcome: 'forbiddenAddress' });
      expect(await strict.mayCall(new Secret('https://rebound.example/'))).toBe(false);
    }
    expect(
      await sender({ allowPrivate: false, resolve: resolving('93.184.216.34') }).mayCall(
        new Secret('https://fine.example/'),
      ),
    ).toBe(true);
  });

  it('cannot be reached by a name that changes between the check and the call', async () => {
    let calls = 0;
    const port = await serve((_incoming, reply) => {
      calls += 1;
      reply.end();
    });
    const answers = ['93.184.216.34', '127.0.0.1'];
    let asked = 0;
    const rebinding: ResolveName = (_name, done) => {
      const address = answers[Math.min(asked, 1)] ?? '';
      asked += 1;
      done(null, [{ address, family: 4 }]);
    };
    const strict = sender({ allowPrivate: false, resolve: rebinding });
    const url = new Secret(`https://rebinding.example:${port}/`);
    expect(await strict.mayCall(url)).toBe(true);
    // The connection asks once more itself, is told the loopback address, and refuses that very answer.
    expect(await strict.send(request(url.reveal()))).toMatchObject({ outcome: 'forbiddenAddress' });
    expect(asked).toBe(2);
    expect(calls).toBe(0);
  });
});
