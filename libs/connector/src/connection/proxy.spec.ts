import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { HttpProxyAgent, HttpsProxyAgent } from 'hpagent';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LoopbackServer } from '../../test-support/loopback.js';
import { ProtoMessageFetchResult } from '../proto/index.js';
import { buildEulerClient } from '../sign/sign-config.js';
import { TikTokLiveConnection } from './tiktok-live-connection.js';

let server: LoopbackServer;
let proxy: Server;
let tunnels: { to: string | undefined; authorization: string | undefined }[];

beforeEach(async () => {
  server = await new LoopbackServer().start();
  tunnels = [];
  proxy = createServer();
  proxy.on('connect', (request, client, head: Buffer) => {
    tunnels.push({ to: request.url, authorization: request.headers['proxy-authorization'] });
    const [host, port] = (request.url ?? '').split(':');
    const target = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.write(head);
      target.pipe(client).pipe(target);
    });
    for (const socket of [client, target]) socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await server.close();
});

it('everything goes through the proxy of its connection: pages, sign calls and the socket', async () => {
  const address = `http://user:pwd@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const agent = { http: new HttpProxyAgent({ proxy: address }), https: new HttpsProxyAgent({ proxy: address }) };
  server.json('/webcast/room/info/', { data: { status: 2 } });
  server.answers.set('/webcast/fetch', (_request, response) => {
    const body = ProtoMessageFetchResult.encode({ cursor: 'c', pushServer: `${server.wsUrl}/push/` }).finish();
    response.writeHead(200, { 'x-set-tt-cookie': 'ttwid=1' }).end(body);
  });
  const connection = new TikTokLiveConnection('somebody', {
    endpoints: server.endpoints,
    eulerApiInstance: buildEulerClient({ basePath: server.url }),
    webClientOptions: { agent },
    wsClientOptions: { agent: agent.http },
  });
  await connection.connect('7');
  expect(server.requests.map(({ url }) => url.pathname)).toEqual(['/webcast/room/info/', '/webcast/fetch']);
  expect(tunnels).toEqual(
    Array(3).fill({ to: server.host, authorization: `Basic ${Buffer.from('user:pwd').toString('base64')}` }),
  );
  await connection.disconnect();
});
