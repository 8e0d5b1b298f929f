import { describe, expect, it } from 'vitest';
import { SecretBox } from '../common/secret-box/secret-box.js';
import type { SecretKey } from '../common/secret-box/secret-key.js';
import { Secret } from '../common/secret.js';
import { holdsCredentials, StreamerVault } from './streamer-vault.js';

const key = (id: string): SecretKey => ({ id, key: new Secret(Buffer.alloc(32, id).toString('base64')) });
const vaultOf = (...ids: string[]): StreamerVault => new StreamerVault(new SecretBox(ids.map(key)));
const PROXY = 'socks5://user:planted@proxy.example:1080';
const session = { sessionId: new Secret('planted-session'), ttTargetIdc: new Secret('useast1a') };

describe('the vault of streamers', () => {
  it('seals addresses with a user or a password and leaves others as they are', () => {
    const vault = vaultOf('new');
    for (const [url, secret] of [
      [PROXY, true],
      ['http://user@proxy.example', true],
      ['http://:planted@proxy.example', true],
      ['http://proxy.example:3128', false],
      ['not a url, user:planted@x', true],
    ] as const) {
      expect(holdsCredentials(url)).toBe(secret);
      const stored = vault.sealProxy('7', url);
      expect(stored.startsWith('v1.new.')).toBe(secret);
      expect(stored.includes('planted')).toBe(false);
      expect(vault.openProxy('7', stored)).toBe(url);
    }
    expect(() => vault.openProxy('8', vault.sealProxy('7', PROXY))).toThrow(/cannot be decrypted/);
  });

  it('keeps a login for one streamer alone', () => {
    const vault = vaultOf('new');
    const sealed = vault.sealSession('7', session);
    expect(sealed).not.toMatch(/planted|useast/);
    const opened = vault.openSession('7', sealed);
    expect([opened.sessionId.reveal(), opened.ttTargetIdc.reveal()]).toEqual(['planted-session', 'useast1a']);
    expect(() => vault.openSession('8', sealed)).toThrow(/cannot be decrypted/);
    expect(() => vault.openProxy('7', sealed)).toThrow(/cannot be decrypted/);
  });

  it('refuses before anything is stored when there is no key, and only what needs one', () => {
    const none = vaultOf();
    for (const fine of [undefined, null, 'http://proxy.example']) none.mustSeal(fine);
    expect(() => none.mustSeal(PROXY)).toThrow(/LIVETAP_SECRETS_KEYS/);
    expect(() => none.sealSession('7', session)).toThrow(/LIVETAP_SECRETS_KEYS/);
  });

  it('seals anew what is in the clear or under an older key', () => {
    const older = vaultOf('old');
    const vault = vaultOf('new', 'old');
    const again = [vault.sealProxyAnew('7', PROXY), vault.sealProxyAnew('7', older.sealProxy('7', PROXY))];
    for (const stored of again) expect(vaultOf('new').openProxy('7', stored ?? '')).toBe(PROXY);
    const login = vault.sealSessionAnew('7', older.sealSession('7', session)) ?? '';
    expect(vaultOf('new').openSession('7', login).sessionId.reveal()).toBe('planted-session');
    for (const fine of ['http://proxy.example', again[0]!]) expect(vault.sealProxyAnew('7', fine)).toBeUndefined();
    expect(vault.sealSessionAnew('7', login)).toBeUndefined();
    expect(vaultOf().sealProxyAnew('7', PROXY)).toBeUndefined();
  });
});
