import { FakeClock, SeededRandom } from '@livetap/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../../common/logger.port.js';
import { SecretBox } from '../../common/secret-box/secret-box.js';
import { Secret } from '../../common/secret.js';
import { AccessRefusedError } from '../streamer-access.js';
import { StreamerVault } from '../streamer-vault.js';
import { MemoryProxyPoolStore } from './memory-proxy-pool-store.js';
import { ProxyPoolService } from './proxy-pool-service.js';
import { ProxyPools } from './proxy-pools.js';

const vault = new StreamerVault(new SecretBox([{ id: 'k', key: new Secret(Buffer.alloc(32, 1).toString('base64')) }]));
const urlOf = (n: number): string => `http://user:planted@proxy${n}.example:3128/`;
const STREAMERS = Array.from({ length: 3_000 }, (_, n) => String(n + 1));

let clock: FakeClock;
let store: MemoryProxyPoolStore;
let pools: ProxyPools;
let service: ProxyPoolService;

beforeEach(() => {
  clock = new FakeClock();
  store = new MemoryProxyPoolStore();
  const options = { clock, random: new SeededRandom(1), logger: SILENT_LOGGER, store };
  pools = new ProxyPools({ ...options, vault });
  service = new ProxyPoolService({ store, vault, pools });
});

const choose = (): string[] => STREAMERS.map((id) => pools.pick('eu', id));
const rest = (n: number): void => pools.report(urlOf(n), 'denied');

describe('the proxy of a streamer', () => {
  it('is the same each time and on each replica; streamers are spread over all', async () => {
    await service.add('eu', '', [1, 2, 3, 4, 5].map(urlOf));
    const first = choose();
    expect(choose()).toEqual(first);
    const other = new ProxyPools({ clock, random: new SeededRandom(9), logger: SILENT_LOGGER, store, vault });
    await other.refresh();
    expect(STREAMERS.map((id) => other.pick('eu', id))).toEqual(first);
    for (const n of [1, 2, 3, 4, 5]) {
      const share = first.filter((url) => url === urlOf(n)).length / STREAMERS.length;
      expect(share).toBeGreaterThan(0.15);
      expect(share).toBeLessThan(0.25);
    }
  });

  it('changes only when it rests or goes; a new one takes its share alone', async () => {
    const { pool } = await service.add('eu', '', [1, 2, 3, 4].map(urlOf));
    const before = choose();
    rest(2);
    const resting = choose();
    before.forEach((url, index) => {
      if (url === urlOf(2)) expect(resting[index]).not.toBe(url);
      else expect(resting[index]).toBe(url);
    });
    pools.report(urlOf(2), 'answered');
    expect(choose()).toEqual(before);
    await service.removeProxy('eu', pool.proxies[0]!.id);
    choose().forEach((url, index) => before[index] === urlOf(1) || expect(url).toBe(before[index]));
    await service.addProxies('eu', [urlOf(5)]);
    const moved = choose().filter((url) => url === urlOf(5)).length / STREAMERS.length;
    expect(moved).toBeGreaterThan(0.2);
    expect(moved).toBeLessThan(0.3);
  });

  it('is tried by one streamer after its rest; the others wait for what that one finds', async () => {
    await service.add('eu', '', [urlOf(1), urlOf(2)]);
    const [mine] = choose();
    const id = STREAMERS[0]!;
    pools.report(mine!, 'denied');
    await clock.advance(15_000);
    // Looking is not trying.
    for (let n = 0; n < 3; n += 1) expect(pools.peek('eu', id)).toBe(mine);
    expect(pools.pick('eu', id)).toBe(mine);
    expect(pools.pick('eu', id)).not.toBe(mine);
    pools.report(mine!, 'connected');
    expect(pools.pick('eu', id)).toBe(mine);
  });

  it('is refused, with when to come back and without an address, when all rest: nobody goes out directly', async () => {
    await service.add('eu', '', [urlOf(1), urlOf(2)]);
    await service.add('empty', '', []);
    rest(1);
    await clock.advance(1_000);
    rest(2);
    const refusals = ['eu', 'empty', 'none'].map((name) => {
      try {
        return pools.pick(name, '7');
      } catch (error) {
        expect(error).toBeInstanceOf(AccessRefusedError);
        return error as AccessRefusedError;
      }
    });
    expect(refusals[0]).toMatchObject({
      message: expect.stringMatching(/^no proxy of the pool "eu" is healthy/) as string,
    });
    expect((refusals[0] as AccessRefusedError).retryAfterMs).toBeGreaterThan(0);
    expect(refusals[1]).toMatchObject({ message: 'the proxy pool "empty" is empty' });
    expect(refusals[2]).toMatchObject({ message: 'there is no proxy pool "none"' });
    expect(JSON.stringify(refusals.map(String))).not.toMatch(/planted|example/);
  });

  it('keeps its health over a refresh, and counts for metrics; pools of other replicas show up by themselves', async () => {
    await pools.start();
    await service.add('eu', '', [urlOf(1), urlOf(2), urlOf(3)]);
    rest(1);
    for (let n = 0; n < 3; n += 1) pools.report(urlOf(2), 'silent');
    pools.report('http://elsewhere/', 'denied');
    await pools.refresh();
    expect(pools.figures()).toEqual({
      pools: new Map([['eu', { healthy: 1, resting: 2, probing: 0 }]]),
      failures: { unreachable: 0, denied: 1, timeout: 3, failed: 0 },
    });
    await store.add('us', '', [{ id: 'px_1', address: 'http://us:1', url: 'http://us:1/' }]);
    expect(() => pools.pick('us', '1')).toThrow(/no proxy pool/);
    await clock.advance(15_000);
    expect(pools.pick('us', '1')).toBe('http://us:1/');
    pools.stop();
  });

  it('that cannot be decrypted is passed over, and says so when there is no other', async () => {
    const { pool } = await service.add('eu', '', [urlOf(1), 'http://open.example:1']);
    const keyless = new ProxyPools({
      clock,
      random: new SeededRandom(1),
      logger: SILENT_LOGGER,
      store,
      vault: new StreamerVault(new SecretBox([])),
    });
    await keyless.refresh();
    for (const id of ['1', '2', '3', '4']) expect(keyless.pick('eu', id)).toBe('http://open.example:1/');
    expect([...keyless.healthOf('eu').keys()]).toEqual([pool.proxies[1]?.id]);
    await store.removeProxy('eu', pool.proxies[1]!.id);
    await keyless.refresh();
    expect(() => keyless.pick('eu', '1')).toThrow(/can be decrypted: see LIVETAP_SECRETS_KEYS/);
  });
});

describe('proxy pools', () => {
  it('keep logins sealed and refuse a proxy that is there twice', async () => {
    const { pool } = await service.add('eu', 'Europe', [urlOf(1), 'socks5://plain.example:1080']);
    expect(pool.proxies[0]).toMatchObject({
      address: 'http://proxy1.example:3128',
      url: expect.stringMatching(/^v1\.k\./) as string,
    });
    expect(pool.proxies[1]).toMatchObject({
      address: 'socks5://plain.example:1080',
      url: 'socks5://plain.example:1080',
    });
    await expect(service.addProxies('eu', [urlOf(1)])).rejects.toMatchObject({ code: 'WATCHER_PROXY_DUPLICATE' });
    await expect(service.add('us', '', [urlOf(1), urlOf(1)])).rejects.not.toThrow(/planted/);
    await expect(service.add('eu', '', [])).rejects.toMatchObject({ code: 'WATCHER_PROXY_POOL_EXISTS' });
    for (const missing of [
      service.get('us'),
      service.remove('us'),
      service.describe('us', ''),
      service.addProxies('us', []),
    ])
      await expect(missing).rejects.toMatchObject({ code: 'WATCHER_PROXY_POOL_NOT_FOUND' });
    await expect(service.removeProxy('eu', 'px_none')).rejects.toMatchObject({ code: 'WATCHER_PROXY_NOT_FOUND' });
  });
});
