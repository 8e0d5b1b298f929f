import type { PostgresListener } from '../persistence/postgres-listener.adapter.js';
import type { LeaseHints } from './lease-hints.port.js';

/** Payload of a notification: the replica that should look, or nothing for all of them. */
export const LEASE_CHANNEL = 'livetap_leases';

/** Hints by NOTIFY, over a connection of its own. */
export class PostgresLeaseHints implements LeaseHints {
  constructor(private readonly listener: PostgresListener) {}

  listen(replicaId: string, onHint: () => void): void {
    this.listener.listen(LEASE_CHANNEL, (payload) => {
      if (payload === '' || payload === replicaId) onHint();
    });
  }

  stop(): Promise<void> {
    return this.listener.close();
  }
}
