import { timingSafeEqual } from 'node:crypto';
import type { KeyRing } from '../access/key-ring.js';
import { LOCAL, type Principal } from '../access/principal.js';
import { hashOf } from '../access/stored-api-key.js';
import { ROLES, type ApiKey, type Role } from '../config/api-key.js';
import { AdminError } from './admin.errors.js';

export interface AccessRequest {
  /** The `Host` header (`:authority` alike). */
  readonly host: string | undefined;
  readonly authorization: string | undefined;
}

export interface AccessOptions {
  /** Of the settings: with at least one, every request needs a key. */
  readonly apiKeys: readonly ApiKey[];
  /** The keys of the database; without it there are none. */
  readonly keyRing?: Pick<KeyRing, 'identify'>;
  /** Listening where only this machine can reach it. */
  readonly loopback: boolean;
  /** Further names for the `Host` header, lower case, with or without port. */
  readonly allowedHosts: readonly string[];
  /** The configured address itself is allowed as well. */
  readonly host: string;
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** The rules of access: who may do what, and whose requests are not even looked at. */
export class AccessPolicy {
  private readonly keys: readonly { readonly hash: Buffer; readonly principal: Principal }[];
  private readonly hosts: ReadonlySet<string>;

  constructor(private readonly options: AccessOptions) {
    this.keys = options.apiKeys.map(({ key, name, role }) => ({
      hash: Buffer.from(hashOf(key.reveal())),
      principal: { name, role, source: 'settings' },
    }));
    const own = options.host.includes(':') ? `[${options.host}]` : options.host;
    this.hosts = new Set([...LOOPBACK_NAMES, own.toLowerCase(), ...options.allowedHosts]);
  }

  /**
   * On a loopback address the `Host` header must name this machine (with whatever port leads here): a web page
   * of somebody else whose name was pointed at 127.0.0.1 sends its own name and is refused.
   * @throws AdminError WATCHER_HOST_REFUSED
   */
  checkHost(request: AccessRequest): void {
    if (!this.options.loopback) return;
    const host = request.host?.toLowerCase() ?? '';
    if (this.hosts.has(host) || this.hosts.has(host.replace(/:\d{1,5}$/, ''))) return;
    throw new AdminError(
      'WATCHER_HOST_REFUSED',
      'This address answers to localhost, 127.0.0.1 and [::1] only. If a proxy in front uses another name, list it in LIVETAP_HTTP_ALLOWED_HOSTS.',
    );
  }

  /** Whether a request needs a key. */
  get keyRequired(): boolean {
    return this.keys.length > 0;
  }

  /**
   * Who is asking, if they may. Without keys in the settings (loopback only) who shows none is everybody; a key that is shown
   * counts always, there too.
   * @throws AdminError WATCHER_UNAUTHORIZED, WATCHER_FORBIDDEN
   */
  authorize(request: AccessRequest, required: Role): Principal {
    const principal = this.identify(request.authorization);
    requireRole(principal, required);
    return principal;
  }

  /** Whether who was let in may go on: asked again and again by answers that have no end. */
  stillCounts(request: AccessRequest, required: Role): boolean {
    try {
      this.authorize(request, required);
      return true;
    } catch (error) {
      if (error instanceof AdminError) return false;
      throw error;
    }
  }

  private identify(authorization: string | undefined): Principal {
    const key = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (key === undefined) {
      if (!this.keyRequired) return LOCAL;
      throw new AdminError(
        'WATCHER_UNAUTHORIZED',
        'This service asks for a key: send the header "Authorization: Bearer <key>".',
      );
    }
    const hash = hashOf(key);
    const shown = Buffer.from(hash);
    // All keys are compared, each in constant time, so that the time says nothing about which one was near.
    const [found] = this.keys.filter((candidate) => timingSafeEqual(candidate.hash, shown));
    const principal = found?.principal ?? this.options.keyRing?.identify(hash);
    if (principal === undefined) {
      throw new AdminError(
        'WATCHER_UNAUTHORIZED',
        'This key is not known here, or counts no more. Keys are set in LIVETAP_API_KEYS as name:role:key, or made by an admin with POST /v1/keys.',
        {
          headers: { 'www-authenticate': 'Bearer realm="livetap", error="invalid_token"' },
        },
      );
    }
    return principal;
  }
}

/** @throws AdminError WATCHER_FORBIDDEN when the role is lower than asked for */
export function requireRole(principal: Principal, required: Role): void {
  if (ROLES.indexOf(principal.role) >= ROLES.indexOf(required)) return;
  throw new AdminError(
    'WATCHER_FORBIDDEN',
    `The key "${principal.name}" has the role ${principal.role}; this needs ${required}.`,
  );
}
