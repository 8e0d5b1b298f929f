import { expect, it } from 'vitest';
import {
  MAX_LABEL_DEFAULTS,
  type LabelDefaultStore,
} from '../../../apps/watcher/src/streamers/label-default-store.port.js';

/** What every LabelDefaultStore promises. `make` gives an empty one. */
export function labelDefaultStoreContract(make: () => Promise<LabelDefaultStore>): void {
  it('sets, replaces, lists in the order of code points, and removes', async () => {
    const store = await make();
    expect(await store.all()).toEqual([]);
    await store.put('b', 3, { priority: 70, language: 'de' });
    const first = await store.put('ä', 0, {});
    await store.put('B', 100, { silenceMs: 5_000 });
    expect(first).toMatchObject({ label: 'ä', precedence: 0, settings: {} });
    expect(first?.createdAt).toBeInstanceOf(Date);
    expect((await store.all()).map(({ label }) => label)).toEqual(['B', 'b', 'ä']);
    expect(await store.put('b', 4, { region: 'FR' })).toMatchObject({ precedence: 4, settings: { region: 'FR' } });
    expect((await store.all())[1]?.settings).toEqual({ region: 'FR' });
    expect(await store.remove('b')).toBe(true);
    expect(await store.remove('b')).toBe(false);
    expect((await store.all()).map(({ label }) => label)).toEqual(['B', 'ä']);
  });

  it('holds so many labels and no more, but replaces the known ones', async () => {
    const store = await make();
    for (let n = 0; n < MAX_LABEL_DEFAULTS; n += 1) await store.put(`label${n}`, 0, {});
    expect(await store.put('one more', 0, {})).toBeUndefined();
    expect(await store.put('label7', 1, {})).toMatchObject({ precedence: 1 });
    expect(await store.all()).toHaveLength(MAX_LABEL_DEFAULTS);
  });
}
