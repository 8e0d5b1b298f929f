import type { Role } from '../config/api-key.js';

/** Who is asking. */
export interface Principal {
  /** Of the key; on an open loopback address `local`. */
  readonly name: string;
  readonly role: Role;
  /** Where the key is kept; `local`: no key was needed. */
  readonly source: 'local' | 'settings' | 'database';
  /** Requests a minute that this key may make; absent: what the settings say. 0: as many as it likes. */
  readonly requestsPerMinute?: number;
}

/** On an open loopback address everybody is this one, with every right. */
export const LOCAL: Principal = { name: 'local', role: 'admin', source: 'local' };
