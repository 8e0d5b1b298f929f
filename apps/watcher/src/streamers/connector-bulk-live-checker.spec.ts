import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeClock, SeededRandom } from '@livetap/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Secret } from '../common/secret.js';
import { ConnectorBulkLiveChecker } from './connector-bulk-live-checker.adapter.js';
import { HostRateLimiter } from './host-rate-limiter.js';
import { TikTokAccess } from './tiktok-access.adapter.js';

let server: Server;
let answer: { status: number; headers?: Record<string, string>; body: string };
let clock: FakeClock;
let said: string[];
let spent: string[];
let plenty: boolean;
let checker: ConnectorBulkLiveChecker;

beforeEach(async () => {
  server = createServer((_request, response) => {
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  clock = new FakeClock();
  said = [];
  spent = [];
  plenty = true;
  checker = new ConnectorBulkLiveChecker({
    access: new TikTokAccess({ webUrl: url, signApiUrl: url, signApiKey: 'key' }),
    limiter: new HostRateLimiter({ clock, perSecond: 1_000, burst: 1_000 }),
    budget: {
      tryAcquire: async () =>
        plenty
          ? {
              valid: true,
              spent: (outcome) => spent.push(outcome),
              unused: () => spent.push('unused'),
            }
          : undefined,
    },
    clock,
    random: new SeededRandom(1),
    oAuthToken: new Secret('planted-token'),
    requestsPerMinute: 4,
    onAnswer: (source, verdict) => said.push(`${source} ${verdict}`),
  });
});

afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

it('answers by user id and counts what was said of each', async () => {
  const data = { 1: { is_live: true, room_id: '900' }, 2: { is_live: false, room_id: '' }, 3: null };
  answer = { status: 200, body: JSON.stringify({ code: 200, response: { data } }) };
  const answers = await checker.check(['1', '2', '3']);
  expect([...answers.values()]).toEqual([
    { verdict: 'live', reason: 'bulk: is live', roomId: '900' },
    { verdict: 'offline', reason: 'bulk: is not live' },
  ]);
  expect(said).toEqual(['bulk live', 'bulk offline', 'bulk unknown']);
  expect(spent).toEqual(['checked']);
  expect([checker.limit, checker.gapMs, checker.pausedFor()]).toEqual([50, 15_000, 0]);
});

it('is left alone for as long as the sign server says, and after three refusals', async () => {
  answer = { status: 429, headers: { 'retry-after': '40' }, body: '{}' };
  expect((await checker.check(['1'])).size).toBe(0);
  expect(checker.pausedFor()).toBe(40_000);
  expect(spent).toEqual(['rateLimited']);
  await clock.advance(40_000);
  answer = { status: 403, body: '{"message":"not entitled"}' };
  for (let n = 0; n < 2; n += 1) await checker.check(['1']);
  expect(checker.pausedFor()).toBeGreaterThan(0);
});

it('leaves the quota to rooms when there is not plenty, and is given up with the reason of the signal', async () => {
  plenty = false;
  expect((await checker.check(['1'])).size).toBe(0);
  expect(checker.pausedFor()).toBe(60_000);
  expect([said, spent]).toEqual([[], []]);
  plenty = true;
  await expect(checker.check(['1'], AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
  expect(spent).toEqual(['unused']);
});
