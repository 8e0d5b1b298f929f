import { describe, expect, it } from 'vitest';
import { Secret } from '../common/secret.js';
import type { Role } from '../config/api-key.js';
import { hashOf } from '../access/stored-api-key.js';
import { AccessPolicy } from './access.js';
import { AdminError } from './admin.errors.js';
import { accessOf } from './route-access.js';

const KEYS = (['read', 'operate', 'admin'] as const).map((role) => ({
  name: `${role}er`,
  role,
  key: new Secret(`key-${role}`),
}));

function policy(overrides: Partial<ConstructorParameters<typeof AccessPolicy>[0]> = {}): AccessPolicy {
  return new AccessPolicy({ apiKeys: [], loopback: true, allowedHosts: [], host: '127.0.0.1', ...overrides });
}

function codeOf(action: () => unknown): string {
  try {
    action();
    return 'ok';
  } catch (error) {
    return (error as AdminError).code;
  }
}

describe('AccessPolicy', () => {
  it.each<[string, Role, string]>([
    ['key-read', 'read', 'ok'],
    ['key-read', 'operate', 'WATCHER_FORBIDDEN'],
    ['key-read', 'admin', 'WATCHER_FORBIDDEN'],
    ['key-operate', 'read', 'ok'],
    ['key-operate', 'operate', 'ok'],
    ['key-operate', 'admin', 'WATCHER_FORBIDDEN'],
    ['key-admin', 'read', 'ok'],
    ['key-admin', 'operate', 'ok'],
    ['key-admin', 'admin', 'ok'],
    ['key-nobody', 'read', 'WATCHER_UNAUTHORIZED'],
  ])('key %s asking for %s: %s, on loopback and elsewhere', (key, required, expected) => {
    for (const loopback of [true, false]) {
      const rules = policy({ apiKeys: KEYS, loopback });
      expect(codeOf(() => rules.authorize({ host: undefined, authorization: `Bearer ${key}` }, required))).toBe(
        expected,
      );
    }
  });

  it.each([undefined, '', 'key-admin', 'Basic key-admin', 'Bearer', 'Bearer key-admin extra'])(
    'asks for a key when the header is %s',
    (authorization) => {
      const rules = policy({ apiKeys: KEYS });
      expect(codeOf(() => rules.authorize({ host: 'localhost', authorization }, 'read'))).toBe('WATCHER_UNAUTHORIZED');
    },
  );

  it('is open on loopback without keys', () => {
    expect(policy().authorize({ host: 'localhost', authorization: undefined }, 'admin')).toEqual({
      name: 'local',
      role: 'admin',
      source: 'local',
    });
  });

  it('knows the keys of the database, and takes a key that is shown at its word on an open address, too', () => {
    const page = { name: 'page', role: 'read', source: 'database' } as const;
    const keyRing = { identify: (hash: string) => (hash === hashOf('key-page') ? page : undefined) };
    for (const apiKeys of [[], KEYS]) {
      const rules = policy({ apiKeys, keyRing });
      const ask = (authorization: string | undefined, role: Role): string =>
        codeOf(() => rules.authorize({ host: undefined, authorization }, role));
      expect(rules.keyRequired).toBe(apiKeys.length > 0);
      expect(rules.authorize({ host: undefined, authorization: 'Bearer key-page' }, 'read')).toBe(page);
      expect(ask('Bearer key-page', 'operate')).toBe('WATCHER_FORBIDDEN');
      expect(ask('Bearer key-nobody', 'read')).toBe('WATCHER_UNAUTHORIZED');
      expect(ask(undefined, 'admin')).toBe(apiKeys.length > 0 ? 'WATCHER_UNAUTHORIZED' : 'ok');
      // No key of this service: a proxy in front may have passwords of its own.
      expect(ask('Basic b3BzOng=', 'admin')).toBe(apiKeys.length > 0 ? 'WATCHER_UNAUTHORIZED' : 'ok');
    }
  });

  it('never says the key back', () => {
    try {
      policy({ apiKeys: KEYS }).authorize({ host: undefined, authorization: 'Bearer planted' }, 'read');
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message).not.toContain('planted');
    }
  });

  it.each([
    ['localhost', 'ok'],
    ['localhost:3000', 'ok'],
    ['LOCALHOST:1', 'ok'],
    ['127.0.0.1:3000', 'ok'],
    ['[::1]:3000', 'ok'],
    ['livetap.internal', 'ok'],
    ['livetap.internal:443', 'ok'],
    ['evil.example', 'WATCHER_HOST_REFUSED'],
    ['localhost.evil.example:3000', 'WATCHER_HOST_REFUSED'],
    ['127.0.0.1.evil.example', 'WATCHER_HOST_REFUSED'],
    ['', 'WATCHER_HOST_REFUSED'],
    [undefined, 'WATCHER_HOST_REFUSED'],
  ])('on loopback, a request for host %s: %s', (host, expected) => {
    const rules = policy({ allowedHosts: ['livetap.internal'] });
    expect(codeOf(() => rules.checkHost({ host, authorization: undefined }))).toBe(expected);
  });

  it('does not judge the name elsewhere: there the key decides', () => {
    expect(
      codeOf(() =>
        policy({ loopback: false, apiKeys: KEYS }).checkHost({ host: 'evil.example', authorization: undefined }),
      ),
    ).toBe('ok');
  });
});

describe('accessOf', () => {
  it('goes by the table: HEAD as GET, nothing by omission', () => {
    expect(accessOf('GET', '/v1/streamers')).toBe('read');
    expect(accessOf('HEAD', '/v1/streamers')).toBe('read');
    expect(accessOf('POST', '/v1/keys')).toBe('admin');
    expect(accessOf('GET', '/livez')).toBe('open');
    expect(accessOf('GET', '/v1/new')).toBeUndefined();
    expect(accessOf('POST', '/livez')).toBeUndefined();
  });
});
