import { describe, expect, it } from 'vitest';
import { Redactor } from './redactor.js';
import { Secret } from './secret.js';

describe('what others say', () => {
  it('is shown without the secrets that it quotes', () => {
    const redactor = new Redactor([new Secret('planted-key+/')]);
    redactor.learn('planted-password', 'abc');
    const said = [
      'invalid key planted-key+/',
      'invalid key planted-key%2B%2F',
      `proxy said ${Buffer.from('planted-password').toString('base64')}`,
      'GET wss://user:planted@host/path?wrss=planted#x failed',
      'illegal session sessionid=planted; ttwid=1%7Cplanted; "sid_tt":"planted"',
      'Authorization: Bearer planted.token, Basic cGxhbnRlZA==',
    ].map((text) => redactor.clean(text));
    expect(said.join('\n')).not.toMatch(/planted|cGxhbnRlZ/);
    expect(said[0]).toBe('invalid key [secret]');
    expect(said[3]).toBe('GET wss://host/path?… failed');
    expect(redactor.clean('abc says: live (room 7300000000000000001)')).toBe(
      'abc says: live (room 7300000000000000001)',
    );
  });
});
