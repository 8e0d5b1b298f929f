import { withStart } from '../../../apps/watcher/src/streamers/start-habit.js';
import { expect, it } from 'vitest';
import type { StreamerStore } from '../../../apps/watcher/src/streamers/streamer-store.port.js';

/** What every StreamerStore promises. `make` gives an empty one. */
export function streamerStoreContract(make: () => Promise<StreamerStore>): void {
  it('adds once, with the defaults or the given settings', async () => {
    const store = await make();
    const first = await store.add('anna', {});
    expect(first.created).toBe(true);
    expect(first.streamer).toMatchObject({
      uniqueId: 'anna',
      aliases: [],
      paused: false,
      labels: [],
      priority: 50,
      state: 'pending',
    });
    expect(first.streamer.createdAt).toBeInstanceOf(Date);
    expect(first.streamer).not.toHaveProperty('proxyUrl');
    const again = await store.add('anna', { priority: 90 });
    expect(again).toEqual({ streamer: first.streamer, created: false });
    const other = await store.add('bert', { paused: true, labels: ['a', 'b'], priority: 7, proxyUrl: 'http://p:1' });
    expect(other.streamer).toMatchObject({ paused: true, labels: ['a', 'b'], priority: 7, proxyUrl: 'http://p:1' });
  });

  it('keeps the order of ways of a streamer', async () => {
    const store = await make();
    const { streamer } = await store.add('anna', { socketSources: ['fixed', 'euler'] });
    expect(streamer.own).toEqual({ socketSources: ['fixed', 'euler'] });
    expect((await store.update('anna', { priority: 9 }))?.own?.socketSources).toEqual(['fixed', 'euler']);
    expect((await store.update('anna', { socketSources: ['direct'] }))?.own?.socketSources).toEqual(['direct']);
    expect((await store.update('anna', { socketSources: null }))?.own).toEqual({ priority: 9 });
  });

  it('adds one row however many ask at once', async () => {
    const store = await make();
    const results = await Promise.all(Array.from({ length: 20 }, () => store.add('anna', {})));
    expect(results.filter((result) => result.created)).toHaveLength(1);
    expect(new Set(results.map((result) => result.streamer.id)).size).toBe(1);
  });

  it('adds many at once as one after the other: in their order, known ones and repeats as they are', async () => {
    const store = await make();
    const { streamer: renamed } = await store.add('old_name', { priority: 9 });
    await store.observe(new Map([[renamed.id, { tiktokUserId: '77', uniqueId: 'new_name' }]]));
    const many = Array.from({ length: 250 }, (_, n) => ({ uniqueId: `many_${n}`, settings: { priority: n % 100 } }));
    const given = [
      ...many,
      { uniqueId: 'old_name', settings: { priority: 1 } },
      { uniqueId: 'many_3', settings: { priority: 99 } },
      { uniqueId: 'id:77', settings: {} },
      { uniqueId: 'proxied', settings: { proxyUrl: 'http://p:1', labels: ['a'] } },
    ];
    const added = await store.addMany(given);
    expect(added.map(({ created }) => created)).toEqual([...many.map(() => true), false, false, false, true]);
    expect(added.slice(0, 250).map(({ streamer }) => [streamer.uniqueId, streamer.priority])).toEqual(
      many.map(({ uniqueId, settings }) => [uniqueId, settings.priority]),
    );
    expect(added[250]?.streamer).toMatchObject({ id: renamed.id, uniqueId: 'new_name', priority: 9 });
    expect(added[251]?.streamer).toEqual(added[3]?.streamer);
    expect(added[252]?.streamer.id).toBe(renamed.id);
    expect(added[253]?.streamer).toMatchObject({ proxyUrl: 'http://p:1', labels: ['a'] });
    expect(await store.findByIds(added.slice(0, 2).map(({ streamer }) => streamer.id))).toEqual(
      added.slice(0, 2).map(({ streamer }) => streamer),
    );
    expect(await store.addMany([])).toEqual([]);
  });

  it('finds by name, by former name and by TikTok user id', async () => {
    const store = await make();
    const { streamer } = await store.add('anna', {});
    await store.observe(new Map([[streamer.id, { tiktokUserId: '77', uniqueId: 'anna2' }]]));
    for (const name of ['anna', 'anna2', 'id:77']) {
      expect(await store.find(name)).toMatchObject({ id: streamer.id, uniqueId: 'anna2', aliases: ['anna'] });
      expect(await store.add(name, {})).toMatchObject({ created: false, streamer: { id: streamer.id } });
    }
    expect(await store.find('nobody')).toBeUndefined();
    expect(await store.find('id:78')).toBeUndefined();
    await store.observe(new Map([[streamer.id, { uniqueId: 'anna' }]]));
    expect(await store.find('anna2')).toMatchObject({ uniqueId: 'anna', aliases: ['anna2'] });
  });

  it('takes a user id for a name until the name is known', async () => {
    const store = await make();
    const { streamer } = await store.add('id:42', {});
    expect(streamer).toMatchObject({ uniqueId: 'id:42', tiktokUserId: '42' });
    await store.observe(new Map([[streamer.id, { uniqueId: 'carla' }]]));
    expect(await store.find('id:42')).toMatchObject({ uniqueId: 'carla', id: streamer.id });
  });

  it('never lets a name or a user id lead to two streamers', async () => {
    const store = await make();
    const anna = (await store.add('anna', {})).streamer;
    const bert = (await store.add('bert', {})).streamer;
    await store.observe(
      new Map([
        [anna.id, { tiktokUserId: '5' }],
        [bert.id, { tiktokUserId: '5', uniqueId: 'anna', state: 'live' as const }],
      ]),
    );
    const [first, second] = await store.findByIds([anna.id, bert.id]);
    expect([first, second].filter((row) => row?.tiktokUserId === '5')).toHaveLength(1);
    expect(await store.find('bert')).toMatchObject({ uniqueId: 'bert', aliases: [], state: 'live' });
    expect(await store.find('anna')).toMatchObject({ id: anna.id });
  });

  it('pages through all in a stable order while new ones come', async () => {
    const store = await make();
    for (let n = 0; n < 5; n += 1) await store.add(`s${n}`, { paused: n % 2 === 0, labels: n < 2 ? ['vip'] : [] });
    const first = await store.list({ limit: 2 });
    expect(first.streamers.map((row) => row.uniqueId)).toEqual(['s0', 's1']);
    await store.add('s5', {});
    const seen: string[] = [];
    for (let cursor = first.nextCursor; cursor !== undefined;) {
      const page = await store.list({ limit: 2, cursor });
      seen.push(...page.streamers.map((row) => row.uniqueId));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(['s2', 's3', 's4', 's5']);
    expect((await store.list({ limit: 10, paused: true })).streamers.map((row) => row.uniqueId)).toEqual([
      's0',
      's2',
      's4',
    ]);
    expect((await store.list({ limit: 10, label: 'vip' })).streamers).toHaveLength(2);
    expect((await store.list({ limit: 10, state: 'live' })).streamers).toHaveLength(0);
    for (const cursor of ['?', 'bm90LWpzb24', Buffer.from('["sessions","1"]').toString('base64url')]) {
      await expect(store.list({ limit: 2, cursor })).rejects.toMatchObject({ code: 'WATCHER_CURSOR_INVALID' });
    }
  });

  it('changes only the settings that are given', async () => {
    const store = await make();
    await store.add('anna', { labels: ['a'], proxyUrl: 'http://p:1' });
    expect(await store.update('anna', { paused: true })).toMatchObject({
      paused: true,
      labels: ['a'],
      priority: 50,
      proxyUrl: 'http://p:1',
    });
    expect(await store.update('anna', { proxyUrl: null, labels: [], priority: 0 })).toMatchObject({
      paused: true,
      labels: [],
      priority: 0,
    });
    expect(await store.find('anna')).not.toHaveProperty('proxyUrl');
    expect(await store.update('nobody', { paused: true })).toBeUndefined();
  });

  it('keeps what was set for the streamer itself, also when two change it at once', async () => {
    const store = await make();
    const { streamer } = await store.add('anna', { language: 'de', checkIntervalMs: 5_000 });
    expect(streamer.own).toEqual({ language: 'de', checkIntervalMs: 5_000 });
    await Promise.all([
      store.update('anna', { region: 'DE', language: null }),
      store.update('anna', { silenceMs: 9_000 }),
      store.update('anna', { priority: 3 }),
    ]);
    const own = { region: 'DE', silenceMs: 9_000, priority: 3, checkIntervalMs: 5_000 };
    expect(await store.find('anna')).toMatchObject({ own, priority: 3 });
    const cleared = { region: null, silenceMs: null, priority: null, checkIntervalMs: null };
    expect(await store.update('anna', cleared)).toMatchObject({ priority: 50 });
    expect(await store.find('anna')).not.toHaveProperty('own');
  });

  it('keeps when a streamer usually goes live', async () => {
    const store = await make();
    const { id } = (await store.add('anna', {})).streamer;
    expect(await store.find('anna')).not.toHaveProperty('startHabit');
    const startHabit = withStart(undefined, Date.UTC(2026, 4, 6, 20, 3), Date.UTC(2026, 4, 1));
    await store.observe(new Map([[id, { startHabit }]]));
    await store.observe(new Map([[id, { state: 'offline' as const }]]));
    expect((await store.findByIds([id]))[0]?.startHabit).toEqual(startHabit);
  });

  it('sets a sealed login and takes it away', async () => {
    const store = await make();
    const { id } = (await store.add('anna', {})).streamer;
    const set = await store.setSession(id, 'v1.k.sealed');
    expect(set).toMatchObject({ uniqueId: 'anna', sealedSession: 'v1.k.sealed' });
    expect(set?.sessionSetAt).toBeInstanceOf(Date);
    expect(await store.find('anna')).toEqual(set);
    const without = await store.setSession(id, null);
    expect(without).not.toHaveProperty('sealedSession');
    expect(without).not.toHaveProperty('sessionSetAt');
    expect(await store.setSession('999999', null)).toBeUndefined();
  });

  it('keeps no credentials of a proxy in the clear', async () => {
    const store = await make();
    const { streamer } = await store.add('anna', { proxyUrl: 'http://user:planted@p:1' });
    expect(streamer.proxyUrl).toMatch(/^v1\.k\./);
    expect((await store.find('anna'))?.proxyUrl).toBe(streamer.proxyUrl);
    const changed = await store.update('anna', { proxyUrl: 'socks5://user:planted@q:1' });
    expect(changed?.proxyUrl).toMatch(/^v1\.k\./);
    expect(changed?.proxyUrl).not.toBe(streamer.proxyUrl);
  });

  it('writes what was learned, leaves the rest, and passes over unknown ids', async () => {
    const store = await make();
    const anna = (await store.add('anna', {})).streamer;
    const bert = (await store.add('bert', {})).streamer;
    const at = new Date('2026-05-06T07:08:09.123Z');
    await store.observe(
      new Map([
        [anna.id, { state: 'live' as const, stateReason: 'check', roomId: '900', lastLiveAt: at, nextCheckAt: at }],
        [bert.id, { nickname: 'Bert \u0000\ud800!', avatarUrl: 'https://a/b.jpg', lastCheckedAt: at }],
        ['999999', { state: 'live' as const }],
      ]),
    );
    expect(await store.find('anna')).toMatchObject({ state: 'live', roomId: '900', lastLiveAt: at, nextCheckAt: at });
    expect(await store.find('bert')).toMatchObject({
      state: 'pending',
      avatarUrl: 'https://a/b.jpg',
      lastCheckedAt: at,
    });
    await store.observe(new Map([[anna.id, { state: 'offline' as const, stateReason: 'ended', nextCheckAt: null }]]));
    const after = await store.find('anna');
    expect(after).toMatchObject({ state: 'offline', stateReason: 'ended', roomId: '900', lastLiveAt: at });
    expect(after).not.toHaveProperty('nextCheckAt');
    expect(await store.countByState()).toEqual({
      pending: 1,
      offline: 1,
      live: 0,
      paused: 0,
      restricted: 0,
      notFound: 0,
      unknown: 0,
    });
    await store.observe(new Map());
  });

  it('removes by any name, and the names are free again', async () => {
    const store = await make();
    const { streamer } = await store.add('anna', {});
    await store.observe(new Map([[streamer.id, { uniqueId: 'anna2' }]]));
    expect(await store.remove('anna', { purge: false })).toBe(true);
    expect(await store.remove('anna', { purge: false })).toBe(false);
    expect(await store.find('anna2')).toBeUndefined();
    const again = await store.add('anna', {});
    expect(again.created).toBe(true);
    expect(again.streamer.id).not.toBe(streamer.id);
    expect(await store.findByIds([streamer.id])).toEqual([]);
  });
}
