import type { Provider } from '@nestjs/common';
import { ApiKeyService } from './access/api-key-service.js';
import { API_KEY_STORE, type ApiKeyStore } from './access/api-key-store.port.js';
import { PostgresApiKeyStore } from './access/postgres-api-key-store.adapter.js';
import { KeyRing } from './access/key-ring.js';
import { AccessController } from './admin/access.controller.js';
import { AccessPolicy } from './admin/access.js';
import { AuditController } from './admin/audit.controller.js';
import { KeysController } from './admin/keys.controller.js';
import { AUDIT_STORE, type AuditStore } from './audit/audit-store.port.js';
import { AuditTrail } from './audit/audit-trail.js';
import { PostgresAuditStore } from './audit/postgres-audit-store.adapter.js';
import { BackOff } from './common/back-off.js';
import { databaseProvider } from './database-provider.js';
import type { Foundation } from './operations/foundation.js';

export const ACCESS_CONTROLLERS = [AccessController, KeysController, AuditController];

/** The part of the composition root that binds keys and the audit log. */
export function accessProviders({ config, clock, random, logger, drain, access }: Foundation): Provider[] {
  return [
    { provide: AccessPolicy, useValue: access.policy },
    databaseProvider<ApiKeyStore>(API_KEY_STORE, PostgresApiKeyStore),
    {
      provide: KeyRing,
      inject: [API_KEY_STORE],
      useFactory: async (store: ApiKeyStore) => {
        await access.keyRing.start(store);
        drain.add({ phase: 'history', name: 'keys', run: () => access.keyRing.stop() });
        return access.keyRing;
      },
    },
    {
      provide: ApiKeyService,
      inject: [API_KEY_STORE, KeyRing],
      useFactory: (store: ApiKeyStore, ring: KeyRing) =>
        new ApiKeyService({ store, ring, clock, settingsKeys: config.http.apiKeys }),
    },
    databaseProvider<AuditStore>(AUDIT_STORE, PostgresAuditStore),
    {
      provide: AuditTrail,
      inject: [AUDIT_STORE],
      useFactory: (store: AuditStore) => {
        const trail = new AuditTrail({
          store,
          clock,
          logger,
          backOff: new BackOff({ random }),
          keepMs: config.auditRetentionMs,
        });
        trail.start();
        drain.add({ phase: 'history', name: 'audit log', run: () => trail.stop() });
        return trail;
      },
    },
  ];
}
