import { type Finding, type DoctorFault, skipped, well, wrong } from './finding.js';

/** What came of asking somebody out there. */
export interface HostLook {
  /** Host, or host and port. */
  readonly host: string;
  /** Why nothing came back, in words without secrets; undefined when something did. */
  readonly failure: string | undefined;
}

export function tikTokFindings(looks: readonly HostLook[]): readonly Finding[] {
  const away = looks.filter(({ failure }) => failure !== undefined);
  if (away.length === 0) return [well('tiktok', `${looks.map(({ host }) => host).join(', ')} can be reached.`)];
  return away.map(({ host, failure = '' }) =>
    wrong(
      'tiktok',
      'TIKTOK_UNREACHABLE',
      `${host} cannot be reached: ${failure}.`,
      'See to name resolution and the way out of this machine (firewall, egress rules, TLS interception); where only a proxy leads out, set it for the streamers (docs/streamers.md).',
    ),
  );
}

export interface QuotaWindow {
  readonly window: string;
  readonly limit: number;
  readonly remaining: number;
  readonly resetInMs: number | undefined;
}

export type SignLook =
  /** The settings never ask it. */
  | { readonly kind: 'unused' }
  | {
      readonly kind: 'quota';
      readonly host: string;
      readonly hasKey: boolean;
      readonly windows: readonly QuotaWindow[];
    }
  | { readonly kind: 'status'; readonly host: string; readonly hasKey: boolean; readonly status: number }
  | { readonly kind: 'away'; readonly host: string; readonly failure: string };

/** Below this share of a window the quota is low. */
const LOW_SHARE = 0.1;
/** What no window can mean: it has no limit. */
const UNLIMITED = 1_000_000_000;

export function signFindings(look: SignLook): readonly Finding[] {
  const say = (code: DoctorFault, message: string, mend: string): readonly Finding[] => [
    wrong('sign server', code, message, mend),
  ];
  switch (look.kind) {
    case 'unused':
      return [skipped('sign server', 'LIVETAP_SOCKET_SOURCES does not name "euler".')];
    case 'away':
      return say(
        'SIGN_SERVER_UNREACHABLE',
        `${look.host} cannot be reached: ${look.failure}.`,
        'See to the way out of this machine and to SIGN_API_URL; without the sign server take "euler" out of LIVETAP_SOCKET_SOURCES.',
      );
    case 'status':
      if (look.status === 401 || look.status === 403)
        return say(
          'SIGN_KEY_REFUSED',
          `${look.host} refuses ${look.hasKey ? 'the key' : 'to answer without a key'} (${look.status}).`,
          'Correct SIGN_API_KEY, and see to its account at the sign server.',
        );
      return look.status === 429
        ? say('SIGN_QUOTA_USED_UP', `${look.host} answers 429: the quota is used up.`, QUOTA_MEND)
        : say(
            'SIGN_SERVER_UNREACHABLE',
            `${look.host} answers ${look.status} when it is asked for the quota.`,
            'See whether SIGN_API_URL names a sign server, and whether it is well.',
          );
    case 'quota':
      return quotaFindings(look.host, look.hasKey, look.windows);
  }
}

const QUOTA_MEND =
  'Wait for the new window, take a larger plan, or let "direct" come first in LIVETAP_SOCKET_SOURCES; one key for several fleets is used up by all of them.';

function quotaFindings(host: string, hasKey: boolean, windows: readonly QuotaWindow[]): readonly Finding[] {
  const limited = windows.filter(({ limit }) => limit < UNLIMITED);
  const left = limited.map(({ window, remaining, limit }) => `${remaining} of ${limit} left in this ${window}`);
  const usedUp = limited.find(({ remaining }) => remaining === 0);
  if (usedUp !== undefined) {
    const until =
      usedUp.resetInMs === undefined ? '' : `; it begins anew in ${Math.ceil(usedUp.resetInMs / 1_000)} seconds`;
    return [
      wrong('sign server', 'SIGN_QUOTA_USED_UP', `The quota of this ${usedUp.window} is used up${until}.`, QUOTA_MEND),
    ];
  }
  const low = limited.find(({ remaining, limit }) => remaining < limit * LOW_SHARE);
  if (low !== undefined)
    return [wrong('sign server', 'SIGN_QUOTA_LOW', `The quota runs low: ${left.join(', ')}.`, QUOTA_MEND)];
  const key = hasKey ? 'knows the key' : 'answers without a key';
  return [well('sign server', `${host} ${key}; ${left.length === 0 ? 'no limits' : left.join(', ')}.`)];
}

/** `denied`: it does not take the user and the password. `noWay`: it stands, but TikTok does not answer through it. */
export interface ProxyLook {
  /** Whose it is: a streamer or a pool. */
  readonly owner: string;
  /** Scheme, host and port. */
  readonly address: string;
  readonly outcome: 'ok' | 'denied' | 'unreachable' | 'noWay';
  readonly failure?: string | undefined;
}

/** `left`: proxies that were not looked at. */
export function proxyFindings(looks: readonly ProxyLook[], left: number): readonly Finding[] {
  if (looks.length === 0) return [skipped('proxies', 'No streamer has one.')];
  const bad = looks.filter(({ outcome }) => outcome !== 'ok');
  const more = left > 0 ? `; ${left} more were not tried` : '';
  if (bad.length === 0) return [well('proxies', `TikTok answers through ${looks.length} proxies${more}.`)];
  return bad.map(({ owner, address, outcome, failure = 'no reason given' }) =>
    outcome === 'denied'
      ? wrong(
          'proxies',
          'PROXY_DENIED',
          `The proxy ${address} of ${owner} does not let us in.`,
          `Set user and password of the proxy of ${owner} anew, or allow the address of this machine at the proxy.`,
        )
      : wrong(
          'proxies',
          'PROXY_UNREACHABLE',
          outcome === 'noWay'
            ? `The proxy ${address} of ${owner} stands, but TikTok does not answer through it: ${failure}.`
            : `The proxy ${address} of ${owner} cannot be reached: ${failure}.`,
          `Start it again, or give ${owner} another one; its streamers are not reached otherwise.`,
        ),
  );
}
