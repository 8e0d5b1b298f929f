import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getRandomPresets, getWebSocketConfigDefaults } from '../config/client-config.js';
import { PackedAddress } from './packed-address.js';

describe('a packed address', () => {
  it('is the same address again, whatever it is', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (text) => {
        const { href } = new URL(text.replace(/^http/, 'ws'));
        expect(String(new PackedAddress(href))).toBe(href);
      }),
    );
    expect(String(new PackedAddress(''))).toBe('');
  });

  it('takes less than half of its room, and shows nothing of a signature', () => {
    const params = new URLSearchParams({
      ...getWebSocketConfigDefaults(getRandomPresets()).DEFAULT_WS_CLIENT_PARAMS,
      room_id: '7312345678901234567',
      wrss: 'a-signature-that-is-secret',
    });
    const url = `wss://webcast-ws.tiktok.com/webcast/im/push/?${params.toString()}`;
    const kept = JSON.stringify(Object.values(new PackedAddress(url)));
    expect(JSON.parse(kept)).toHaveLength(1);
    expect((JSON.parse(kept) as string[])[0]?.length).toBeLessThan(url.length / 2);
    expect(kept).not.toContain('a-signature-that-is-secret');
  });
});
