import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TcpProxy } from './tcp-proxy.js';

describe('TcpProxy', () => {
  let server: Server;
  let proxy: TcpProxy;
  beforeEach(async () => {
    // Says everything twice.
    server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', (bytes) => socket.write(`${bytes.toString()}${bytes.toString()}`));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    proxy = await TcpProxy.start({ host: '127.0.0.1', port });
  });
  afterEach(async () => {
    await proxy.close();
    server.close();
  });
  const dial = async (): Promise<Socket> => {
    const socket = connect(proxy.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const ask = async (socket: Socket, text: string): Promise<string> => {
    socket.write(text);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString();
  };

  it('relays both ways', async () => {
    const socket = await dial();
    expect(await ask(socket, 'a')).toBe('aa');
    expect(proxy.connections).toBe(1);
    socket.destroy();
  });

  it('tells what each client sends', async () => {
    const sent: string[] = [];
    proxy.onSent = (connection, bytes) => sent.push(`${connection} ${bytes.toString()}`);
    const [first, second] = [await dial(), await dial()];
    for (const [socket, text] of [
      [first, 'a'],
      [second, 'b'],
      [first, 'c'],
    ] as const)
      await ask(socket, text);
    expect(sent).toEqual(['1 a', '2 b', '1 c']);
    first.destroy();
    second.destroy();
  });

  it('cuts what is open and lets new connections through', async () => {
    const socket = await dial();
    await ask(socket, 'a');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    proxy.cut();
    await closed;
    const next = await dial();
    expect(await ask(next, 'b')).toBe('bb');
    next.destroy();
  });

  it('swallows bytes as a black hole and hands them on afterwards', async () => {
    const socket = await dial();
    await ask(socket, 'a');
    proxy.fault = { kind: 'blackHole' };
    const other = await dial();
    const heard: string[] = [];
    for (const each of [socket, other]) each.on('data', (bytes) => heard.push(bytes.toString()));
    socket.write('b');
    other.write('c');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard).toEqual([]);
    proxy.fault = { kind: 'none' };
    await expect.poll(() => [...heard].sort()).toEqual(['bb', 'cc']);
    socket.destroy();
    other.destroy();
  });

  it('refuses new connections', async () => {
    proxy.fault = { kind: 'refuse' };
    const socket = connect(proxy.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(proxy.connections).toBe(0);
  });

  it('delays', async () => {
    proxy.fault = { kind: 'slow', delayMs: 20 };
    const socket = await dial();
    expect(await ask(socket, 'a')).toBe('aa');
    socket.destroy();
  });
});
