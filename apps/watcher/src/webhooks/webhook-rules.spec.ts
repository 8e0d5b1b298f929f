import fc from 'fast-check';
import { SeededRandom } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { addressFault, isPublicAddress } from './address-guard.js';
import { DELIVERY_RULES, judge, outcomeOf, retryAfterMs, type DeliveryFacts } from './delivery-plan.js';
import { ATTEMPT_OUTCOMES, DEFAULT_TYPES, type WebhookFilter } from './webhook.js';
import { eventType, wants, type FilteredEvent } from './webhook-filter.js';

const filter = (changes: Partial<WebhookFilter> = {}): WebhookFilter => ({
  types: [...DEFAULT_TYPES],
  streamers: [],
  labels: [],
  ...changes,
});
const event = (type: string, changes: Partial<FilteredEvent> = {}): FilteredEvent => ({
  topic: 'lifecycle',
  type,
  subject: 'anna',
  ...changes,
});
const LABELS = (): readonly string[] => ['vip', 'music'];

describe('the filter of a webhook', () => {
  it.each<[string, WebhookFilter, FilteredEvent, boolean]>([
    ['a default type', filter(), event('livetap.live.started.v1'), true],
    ['another type', filter(), event('livetap.chat.v1'), false],
    ['every type', filter({ types: ['*'] }), event('livetap.chat.v1'), true],
    ['a canary by *', filter({ types: ['*'] }), event('livetap.canary.v1', { topic: 'canary' }), false],
    [
      'a canary by name',
      filter({ types: ['livetap.canary.v1'] }),
      event('livetap.canary.v1', { topic: 'canary' }),
      true,
    ],
    ['raw bytes', filter({ types: ['*', 'livetap.chat.v1'] }), event('livetap.chat.v1', { topic: 'raw' }), false],
    ['the streamer', filter({ streamers: ['berta', 'anna'] }), event('livetap.room.gap.v1'), true],
    ['another streamer', filter({ streamers: ['berta'] }), event('livetap.room.gap.v1'), false],
    ['one of the labels', filter({ labels: ['new', 'vip'] }), event('livetap.live.ended.v1'), true],
    ['none of the labels', filter({ labels: ['new'] }), event('livetap.live.ended.v1'), false],
    ['all conditions', filter({ streamers: ['anna'], labels: ['new'] }), event('livetap.live.ended.v1'), false],
  ])('%s', (_name, given, one, expected) => {
    expect(wants(given, one, LABELS)).toBe(expected);
  });

  it('knows events by name and by type, and no others', () => {
    expect(eventType('live.started')).toBe('livetap.live.started.v1');
    expect(eventType('livetap.gift.v1')).toBe('livetap.gift.v1');
    expect(eventType('*')).toBe('*');
    for (const none of ['livetap.nothing.v1', 'nothing', '', 'toString', '**']) expect(eventType(none)).toBeUndefined();
  });
});

describe('the plan of a delivery', () => {
  const facts = (changes: Partial<DeliveryFacts> = {}): DeliveryFacts => ({
    at: 1e12,
    attempts: 0,
    expiresAt: 1e12 + DELIVERY_RULES.maxAgeMs,
    failingSince: undefined,
    consecutiveFailures: 0,
    ...changes,
  });
  const most = { next: () => 0.999_999 };

  it('doubles the pause up to the longest, with full jitter', () => {
    const pauses = Array.from({ length: 15 }, (_, attempts) =>
      judge({ outcome: 'refused' }, facts({ attempts }), most),
    );
    expect(
      pauses.map((verdict) => (verdict.kind === 'retry' ? Math.round(verdict.inMs / 1_000) : verdict.kind)),
    ).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_240, 14_400, 14_400, 14_400]);
    expect(judge({ outcome: 'refused' }, facts({ attempts: 9 }), { next: () => 0 })).toMatchObject({ inMs: 0 });
  });

  it('gives up after its attempts, and when the next one would be too late', () => {
    const last = facts({ attempts: DELIVERY_RULES.maxAttempts - 1 });
    expect(judge({ outcome: 'timeout' }, last, most)).toMatchObject({ kind: 'dead', reason: 'timeout' });
    const late = facts({ expiresAt: 1e12 + 4_000 });
    expect(judge({ outcome: 'refused', status: 500 }, late, most)).toMatchObject({ kind: 'dead', reason: 'refused' });
  });

  it('waits as long as it was asked to, within a bound, and holds the whole webhook', () => {
    const busy = judge({ outcome: 'busy', status: 429, retryAfterMs: 90_000 }, facts(), most);
    expect(busy).toMatchObject({ kind: 'retry', inMs: 90_000, holdMs: 90_000 });
    const long = judge({ outcome: 'busy', retryAfterMs: 1e12 }, facts(), most);
    expect(long).toMatchObject({ holdMs: DELIVERY_RULES.longestRetryAfterMs });
  });

  it('holds the webhook when its destination is away, not when it refuses one event', () => {
    expect(judge({ outcome: 'refused', status: 400 }, facts(), most)).toMatchObject({ holdMs: 0 });
    expect(judge({ outcome: 'unreachable' }, facts({ consecutiveFailures: 3 }), most)).toMatchObject({ holdMs: 8_000 });
    expect(judge({ outcome: 'timeout' }, facts({ consecutiveFailures: 99 }), most)).toMatchObject({ holdMs: 60_000 });
  });

  it('switches a webhook off at 410, and when nothing was taken for long', () => {
    expect(judge({ outcome: 'gone', status: 410 }, facts(), most)).toEqual({
      kind: 'dead',
      reason: 'gone',
      holdMs: 0,
      disable: 'gone',
    });
    const failing = { failingSince: 1e12 - DELIVERY_RULES.pauseAfterMs, consecutiveFailures: 9 };
    expect(judge({ outcome: 'refused' }, facts(failing), most)).toMatchObject({ kind: 'retry', disable: 'failing' });
    expect(judge({ outcome: 'refused' }, facts({ ...failing, consecutiveFailures: 8 }), most)).not.toHaveProperty(
      'disable',
    );
    expect(judge({ outcome: 'refused' }, facts({ ...failing, failingSince: 1e12 - 5_000 }), most)).not.toHaveProperty(
      'disable',
    );
  });

  it('never waits longer than its bounds, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ATTEMPT_OUTCOMES),
        fc.nat(1_000),
        fc.nat(1_000),
        fc.option(fc.nat(), { nil: undefined }),
        fc.integer(),
        (outcome, attempts, consecutiveFailures, asked, seed) => {
          const attempt = { outcome, ...(asked === undefined ? {} : { retryAfterMs: asked }) };
          const verdict = judge(attempt, facts({ attempts, consecutiveFailures }), new SeededRandom(seed));
          if (verdict.kind === 'delivered') expect(outcome).toBe('delivered');
          else expect(verdict.holdMs).toBeLessThanOrEqual(DELIVERY_RULES.longestRetryAfterMs);
          if (verdict.kind === 'retry') {
            expect(verdict.inMs).toBeLessThanOrEqual(DELIVERY_RULES.longestRetryMs);
            expect(attempts + 1).toBeLessThan(DELIVERY_RULES.maxAttempts);
          }
        },
      ),
    );
  });

  it('reads Retry-After in both forms, and statuses', () => {
    const now = Date.UTC(2026, 0, 1);
    expect(retryAfterMs('120', now)).toBe(120_000);
    expect(retryAfterMs('Thu, 01 Jan 2026 00:01:00 GMT', now)).toBe(60_000);
    for (const none of [undefined, '', '-5', 'soon', 'Wed, 31 Dec 2025 00:00:00 GMT']) {
      expect(retryAfterMs(none, now)).toBeUndefined();
    }
    const statuses = [200, 204, 299, 300, 302, 400, 404, 410, 429, 500, 503];
    expect(statuses.map(outcomeOf)).toEqual([
      ...['delivered', 'delivered', 'delivered', 'redirect', 'redirect', 'refused', 'refused'],
      ...['gone', 'busy', 'refused', 'busy'],
    ]);
  });
});

describe('addresses that may be called', () => {
  it.each(['1.1.1.1', '93.184.216.34', '100.63.255.255', '100.128.0.1', '172.32.0.1', '2606:4700::1111', '2a00::1'])(
    '%s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    ['this network', ['0.0.0.0', '0.1.2.3']],
    ['loopback', ['127.0.0.1', '127.255.255.254', '::1']],
    ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1']],
    ['link-local and metadata', ['169.254.0.1', '169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'fd00:ec2::254']],
    ['metadata elsewhere', ['168.63.129.16', '100.100.100.200']],
    ['carrier-grade NAT', ['100.64.0.1', '100.127.255.255']],
    ['multicast and broadcast', ['224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1']],
    ['reserved', ['192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '240.0.0.1', '2001:db8::1']],
    ['IPv4 in IPv6', ['::ffff:127.0.0.1', '::ffff:a00:1', '::ffff:169.254.169.254', '::127.0.0.1', '::a00:1']],
    ['IPv4 behind a gateway', ['64:ff9b::7f00:1', '64:ff9b:1::a00:1', '2002:7f00:1::', '2001:0:1::']],
    ['unspecified and odd', ['::', '100::1', 'fec0::1', '5f00::1', '3fff::1']],
    ['no address', ['', 'localhost', '127.1', '0x7f.1', '2130706433', '1.1.1', '1.1.1.256', 'x']],
  ])('not %s', (_range, addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });

  it('IPv4-mapped public addresses are what they stand for', () => {
    expect(isPublicAddress('::ffff:1.1.1.1')).toBe(true);
  });

  it.each([
    ['https://example.com/hook?token=planted', undefined],
    ['https://93.184.216.34:8443/', undefined],
    ['http://example.com/', /https/],
    ['ftp://example.com/', /https/],
    ['not an address', /whole address/],
    ['https://planted:planted@example.com/', /user name/],
    ['https://127.0.0.1/', /loopback/],
    ['https://0x7f.1/', /loopback/],
    ['https://2130706433/', /loopback/],
    ['https://[::1]:8080/', /loopback/],
    ['https://[::ffff:10.0.0.1]/', /loopback/],
    ['https://169.254.169.254/latest/meta-data', /loopback/],
  ])('%s', (address, words) => {
    const fault = addressFault(address, false);
    if (words === undefined) expect(fault).toBeUndefined();
    else expect(fault).toMatch(words);
    expect(fault ?? '').not.toContain('planted');
  });

  it('with private ones allowed takes http and this machine, still no other scheme', () => {
    expect(addressFault('http://127.0.0.1:8080/', true)).toBeUndefined();
    expect(addressFault('http://[::1]/', true)).toBeUndefined();
    expect(addressFault('file:///etc/passwd', true)).toBeDefined();
  });
});
