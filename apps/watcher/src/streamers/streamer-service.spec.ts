import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryStreamerStore } from './memory-streamer-store.js';
import type { StreamerActivity } from './streamer-activity.js';
import { StreamerService } from './streamer-service.js';

const ACTIVITY: StreamerActivity = { state: 'live', reason: 'connected', since: 1, frames: 2, events: 3, epoch: 4 };

let calls: string[];
let service: StreamerService;

beforeEach(() => {
  calls = [];
  service = new StreamerService({
    store: new MemoryStreamerStore(() => new Date(0)),
    activity: { activityOf: (id) => (id === '1' ? ACTIVITY : undefined) },
    control: {
      added: () => void calls.push('added'),
      changed: async (streamer) => void calls.push(`changed ${streamer.uniqueId} ${streamer.paused}`),
      removed: async (streamer) => void calls.push(`removed ${streamer.uniqueId}`),
    },
  });
});

describe('the streamer service', () => {
  it('adds under the normal name, with what goes on there, and tells the rooms', async () => {
    const view = await service.add({ uniqueId: 'https://www.tiktok.com/@Anna/live', labels: ['x'], priority: 80 });
    expect(view).toMatchObject({ streamer: { uniqueId: 'anna', labels: ['x'], priority: 80 }, activity: ACTIVITY });
    expect(calls).toEqual(['added']);
    expect((await service.get('@ANNA')).streamer.id).toBe('1');
  });

  it('refuses what it knows, what is no name, and what it does not know', async () => {
    await service.add({ uniqueId: 'anna' });
    await expect(service.add({ uniqueId: '@Anna' })).rejects.toMatchObject({ code: 'WATCHER_STREAMER_EXISTS' });
    await expect(service.add({ uniqueId: 'a b' })).rejects.toMatchObject({ code: 'WATCHER_INVALID_UNIQUE_ID' });
    for (const attempt of [
      () => service.get('bert'),
      () => service.update('bert', {}),
      () => service.pause('bert'),
      () => service.remove('bert', { purge: true }),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'WATCHER_STREAMER_NOT_FOUND', retryable: false });
    }
    expect(calls).toEqual(['added']);
  });

  it('adds many with a result each, and one bad name does not stop the others', async () => {
    await service.add({ uniqueId: 'anna' });
    calls = [];
    const results = await service.addMany([
      { uniqueId: 'Anna' },
      { uniqueId: '!' },
      { uniqueId: 'bert', paused: true },
      { uniqueId: 'BERT' },
    ]);
    expect(results.map(({ uniqueId, status }) => [uniqueId, status])).toEqual([
      ['anna', 'exists'],
      ['!', 'invalid'],
      ['bert', 'added'],
      ['bert', 'exists'],
    ]);
    expect(calls).toEqual(['added']);
  });

  it('pauses, resumes, removes in the order that loses nothing', async () => {
    await service.add({ uniqueId: 'anna' });
    await service.pause('anna');
    await service.resume('anna');
    await service.remove('@anna', { purge: false });
    expect(calls).toEqual(['added', 'changed anna true', 'changed anna false', 'added', 'removed anna']);
    await expect(service.get('anna')).rejects.toMatchObject({ code: 'WATCHER_STREAMER_NOT_FOUND' });
  });

  it('lists with activity', async () => {
    await service.addMany([{ uniqueId: 'anna' }, { uniqueId: 'bert' }, { uniqueId: 'carl' }]);
    const page = await service.list({ limit: 2 });
    expect(page.items.map(({ streamer, activity }) => [streamer.uniqueId, activity?.state])).toEqual([
      ['anna', 'live'],
      ['bert', undefined],
    ]);
    expect((await service.list({ limit: 2, cursor: page.nextCursor! })).items).toHaveLength(1);
    expect(await service.countByState()).toMatchObject({ pending: 3 });
  });
});
