import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryLabelDefaultStore } from './memory-label-default-store.js';
import { MemoryStreamerStore } from './memory-streamer-store.js';
import { SettledStreamerStore } from './settled-streamer-store.js';
import { changedSettings, effectiveSettings, inOrder, type LabelDefaults } from './streamer-settings.js';

const at = new Date(0);
const gives = (label: string, precedence: number, settings: LabelDefaults['settings']): LabelDefaults => ({
  label,
  precedence,
  settings,
  createdAt: at,
  updatedAt: at,
});

describe('settings of a streamer', () => {
  it('are its own, else those of its labels by precedence and name, else those of the service', () => {
    const labels = inOrder(
      ['b', 'a', 'Z', 'vip'],
      [
        gives('a', 5, { priority: 10, language: 'de' }),
        gives('b', 5, { priority: 20, language: 'fr', silenceMs: 9_000 }),
        gives('vip', 90, { priority: 95 }),
        gives('other', 100, { priority: 1, region: 'US' }),
      ],
    );
    expect(labels.map(({ label }) => label)).toEqual(['vip', 'a', 'b']);
    expect(effectiveSettings({ silenceMs: 7_000 }, labels, { priority: 50, checkIntervalMs: 60_000 })).toEqual({
      priority: { value: 95, from: 'label', label: 'vip' },
      language: { value: 'de', from: 'label', label: 'a' },
      checkIntervalMs: { value: 60_000, from: 'service' },
      silenceMs: { value: 7_000, from: 'streamer' },
    });
  });

  it('do not depend on the order in which labels or defaults are given', () => {
    const defaults = fc.uniqueArray(
      fc.record({
        label: fc.constantFrom('a', 'b', 'B', 'ä', '🎁'),
        precedence: fc.integer({ min: 0, max: 2 }),
        settings: fc.record({ priority: fc.integer({ min: 0, max: 100 }) }, { requiredKeys: [] }),
      }),
      { selector: ({ label }) => label },
    );
    fc.assert(
      fc.property(defaults, fc.gen(), (given, gen) => {
        const rows = given.map(({ label, precedence, settings }) => gives(label, precedence, settings));
        const shuffled = gen(fc.shuffledSubarray, rows, { minLength: rows.length });
        const labels = rows.map(({ label }) => label);
        const first = effectiveSettings({}, inOrder(labels, rows));
        expect(effectiveSettings({}, inOrder([...labels].reverse(), shuffled))).toEqual(first);
      }),
    );
  });

  it('are taken back by null, one by one', () => {
    const own = { priority: 70, language: 'de' };
    expect(changedSettings(own, { priority: null, region: 'DE' })).toEqual({ language: 'de', region: 'DE' });
    expect(changedSettings(own, {})).toEqual(own);
  });

  it('of a label count for its streamers wherever they are read next', async () => {
    const labels = new MemoryLabelDefaultStore();
    const store = new SettledStreamerStore(new MemoryStreamerStore(), labels);
    const { streamer } = await store.add('anna', { labels: ['vip'] });
    expect(streamer.priority).toBe(50);
    await labels.put('vip', 0, { priority: 90, checkIntervalMs: 5_000 });
    for (const read of [
      await store.find('anna'),
      (await store.findByIds([streamer.id]))[0],
      (await store.list({ limit: 1 })).streamers[0],
      await store.update('anna', { paused: false }),
      (await store.add('anna', {})).streamer,
    ])
      expect(read).toMatchObject({ priority: 90, checkIntervalMs: 5_000 });
    expect(await store.update('anna', { priority: 10 })).toMatchObject({ priority: 10, checkIntervalMs: 5_000 });
    await labels.remove('vip');
    const after = await store.update('anna', { priority: null });
    expect(after).toMatchObject({ priority: 50 });
    expect(after).not.toHaveProperty('checkIntervalMs');
  });
});
