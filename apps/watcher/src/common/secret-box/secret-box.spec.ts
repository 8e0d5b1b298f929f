import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../secret.js';
import { SECRET_BOX_ERROR_CODES, SecretBoxError } from './secret-box.errors.js';
import { SecretBox } from './secret-box.js';
import { parseSecretKey, type SecretKey } from './secret-key.js';

const keyOf = (id: string, fill = id.charCodeAt(0)): SecretKey => ({
  id,
  key: new Secret(Buffer.alloc(32, fill).toString('base64')),
});

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(SecretBoxError);
    return (error as SecretBoxError).code;
  }
  return undefined;
}

describe('the secret box', () => {
  const box = new SecretBox([keyOf('new'), keyOf('old')]);

  it('gives back what was sealed, any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, use) => {
        const sealed = box.seal(new Secret(text), use);
        expect(sealed).toMatch(/^v1\.new\.[A-Za-z0-9_-]+$/);
        expect(box.open(sealed, use).reveal()).toBe(text);
      }),
    );
  });

  it('seals the same text differently each time, and shows nothing of it', () => {
    const sealed = [1, 2, 3].map(() => box.seal(new Secret('planted-credential'), 'a'));
    expect(new Set(sealed).size).toBe(3);
    expect(sealed.join()).not.toContain('planted');
    expect(Buffer.from(sealed.join(), 'base64url').toString('latin1')).not.toContain('planted');
  });

  it('opens with any key of the ring, seals with the first, and says what is due for a new seal', () => {
    const before = new SecretBox([keyOf('old')]).seal(new Secret('x'), 'use');
    expect(box.open(before, 'use').reveal()).toBe('x');
    expect(box.isCurrent(before)).toBe(false);
    const after = box.seal(box.open(before, 'use'), 'use');
    expect(box.isCurrent(after)).toBe(true);
    expect(new SecretBox([keyOf('new')]).open(after, 'use').reveal()).toBe('x');
    expect(codeOf(() => new SecretBox([keyOf('new')]).open(before, 'use'))).toBe('WATCHER_SECRETS_UNKNOWN_KEY');
  });

  it('does not open what was sealed for another use, with another key under its id, or changed in any byte', () => {
    const sealed = box.seal(new Secret('credential'), 'webhook:1:secret');
    expect(codeOf(() => box.open(sealed, 'webhook:2:secret'))).toBe('WATCHER_SECRETS_DAMAGED');
    expect(codeOf(() => new SecretBox([keyOf('new', 1)]).open(sealed, 'webhook:1:secret'))).toBe(
      'WATCHER_SECRETS_DAMAGED',
    );
    const [, , text = ''] = sealed.split('.');
    const bytes = Buffer.from(text, 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const damaged = `v1.new.${changed.toString('base64url')}`;
      expect(codeOf(() => box.open(damaged, 'webhook:1:secret'))).toBe('WATCHER_SECRETS_DAMAGED');
    }
    for (const other of ['', 'plain text', 'v2.new.AAAA', 'v1.new.', 'v1.new.AAAA', sealed.slice(0, -8)]) {
      expect(codeOf(() => box.open(other, 'webhook:1:secret'))).toBe('WATCHER_SECRETS_DAMAGED');
    }
    // The id is authenticated as well: the same bytes under the other key's name do not open.
    expect(codeOf(() => box.open(`v1.old.${text}`, 'webhook:1:secret'))).toBe('WATCHER_SECRETS_DAMAGED');
  });

  it('without a key refuses both ways and says what to do', () => {
    const none = new SecretBox([]);
    expect(none.usable).toBe(false);
    expect(codeOf(() => none.seal(new Secret('x'), 'use'))).toBe('WATCHER_SECRETS_NO_KEY');
    expect(codeOf(() => none.open('v1.a.AAAA', 'use'))).toBe('WATCHER_SECRETS_NO_KEY');
    expect(() => none.seal(new Secret('x'), 'use')).toThrow(/LIVETAP_SECRETS_KEYS/);
    expect(new Set(SECRET_BOX_ERROR_CODES).size).toBe(SECRET_BOX_ERROR_CODES.length);
  });

  it('hides its keys and errors hold no secret', () => {
    const planted = randomBytes(32).toString('base64');
    const hidden = new SecretBox([{ id: 'k', key: new Secret(planted) }]);
    expect(inspect(hidden, { depth: 9, showHidden: true }) + JSON.stringify(hidden)).not.toContain(planted);
    const sealed = hidden.seal(new Secret('planted-credential'), 'use');
    let shown = '';
    try {
      hidden.open(sealed, 'other');
    } catch (error) {
      shown = inspect(error, { depth: 9 });
    }
    expect(shown).toContain('WATCHER_SECRETS_DAMAGED');
    expect(shown).not.toMatch(/planted|v1\.k\./);
    expect(shown).not.toContain(planted);
  });
});

describe('a key of the settings', () => {
  it('is an id and 32 bytes in base64', () => {
    const bytes = randomBytes(32);
    for (const form of ['base64', 'base64url'] as const) {
      const parsed = parseSecretKey(`k-1:${bytes.toString(form)}`);
      expect(parsed?.id).toBe('k-1');
      expect(Buffer.from(parsed?.key.reveal() ?? '', 'base64')).toEqual(bytes);
    }
    const short = randomBytes(31).toString('base64');
    const long = randomBytes(33).toString('base64');
    for (const wrong of ['', 'k', 'k:', `:${bytes.toString('base64')}`, `k:${short}`, `k:${long}`, `k k:${short}`]) {
      expect(parseSecretKey(wrong)).toBeUndefined();
    }
    expect(parseSecretKey(`k:${bytes.toString('hex')}`)).toBeUndefined();
  });
});
