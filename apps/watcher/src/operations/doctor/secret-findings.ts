import { isWatcherError } from '../../common/watcher.error.js';
import type { StreamerVault } from '../../streamers/streamer-vault.js';
import { type Finding, skipped, well, wrong } from './finding.js';

/** A proxy or a login as the database has it. */
export interface StoredSecret {
  readonly kind: 'pool proxy' | 'proxy' | 'login';
  readonly id: string;
  /** Name of the streamer or of the pool. */
  readonly owner: string;
  readonly stored: string;
}

export interface OpenedProxy {
  /** Whose it is, in words. */
  readonly owner: string;
  /** The whole address. Secret. */
  readonly url: string;
}

export interface OpenedSecrets {
  /** Each address once. */
  readonly proxies: readonly OpenedProxy[];
  readonly findings: readonly Finding[];
}

/** Owners that a message names. */
const MAX_NAMED = 5;

/** Opens what is stored, to see that it can be. */
export function openSecrets(secrets: readonly StoredSecret[], vault: StreamerVault): OpenedSecrets {
  const proxies = new Map<string, OpenedProxy>();
  const failures = new Map<string, { readonly message: string; readonly owners: string[] }>();
  for (const { kind, id, owner, stored } of secrets) {
    const name = kind === 'pool proxy' ? `pool ${owner}` : `@${owner}`;
    try {
      if (kind === 'login') {
        vault.openSession(id, stored);
        continue;
      }
      const url = kind === 'proxy' ? vault.openProxy(id, stored) : vault.openPoolProxy(id, stored);
      if (!proxies.has(url)) proxies.set(url, { owner: name, url });
    } catch (error) {
      const message = isWatcherError(error) ? error.message : 'A stored secret is not as it was written.';
      const known = failures.get(message) ?? { message, owners: [] };
      known.owners.push(name);
      failures.set(message, known);
    }
  }
  const findings = [...failures.values()].map(({ message, owners }) =>
    wrong(
      'secrets',
      'SECRETS_UNREADABLE',
      `${message} It concerns ${owners.slice(0, MAX_NAMED).join(', ')}${owners.length > MAX_NAMED ? ` and ${owners.length - MAX_NAMED} more` : ''}.`,
      'Put the key back into LIVETAP_SECRETS_KEYS (behind the newest one), or set proxy and login of these streamers and pools anew.',
    ),
  );
  if (findings.length > 0) return { proxies: [...proxies.values()], findings };
  const state =
    secrets.length === 0
      ? skipped('secrets', 'No proxies or logins are stored.')
      : well('secrets', `${secrets.length} proxies and logins can be read.`);
  return { proxies: [...proxies.values()], findings: [state] };
}
