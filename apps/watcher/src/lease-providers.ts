import type { Provider } from '@nestjs/common';
import { databaseProvider } from './database-provider.js';
import { LEASE_HINTS, type LeaseHints } from './leases/lease-hints.port.js';
import { LEASE_STORE, type LeaseStore } from './leases/lease-store.port.js';
import { PostgresLeaseHints } from './leases/postgres-lease-hints.adapter.js';
import { PostgresLeaseStore } from './leases/postgres-lease-store.adapter.js';
import type { Foundation } from './operations/foundation.js';
import { Database } from './persistence/database.js';
import { BackOff } from './common/back-off.js';

/** Longest pause between two attempts to hear the database's hints, ms. */
const HINTS_PAUSE_MS = 10_000;

/** Who owns which streamer. */
export function leaseProviders({ clock, random }: Foundation): Provider[] {
  return [
    databaseProvider<LeaseStore>(LEASE_STORE, PostgresLeaseStore),
    {
      provide: LEASE_HINTS,
      inject: [Database],
      useFactory: (database: Database): LeaseHints =>
        new PostgresLeaseHints(database.listener({ clock, backOff: new BackOff({ random, capMs: HINTS_PAUSE_MS }) })),
    },
  ];
}
