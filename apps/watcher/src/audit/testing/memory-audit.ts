import { FakeClock } from '@livetap/testkit';
import { SILENT_LOGGER, type Logger } from '../../common/logger.port.js';
import { AuditTrail } from '../audit-trail.js';
import { MemoryAuditStore } from '../memory-audit-store.js';

/** An audit trail over memory, for tests. */
export function memoryAudit(logger: Logger = SILENT_LOGGER): { trail: AuditTrail; store: MemoryAuditStore } {
  const store = new MemoryAuditStore();
  const backOff = { next: () => 1_000, reset: () => undefined };
  return { store, trail: new AuditTrail({ store, clock: new FakeClock(), logger, backOff, keepMs: 1_000 }) };
}
