import { DISK_FULL_HINT } from '../journal/disk-full.js';
import type { JournalPressure, JournalStats } from '../journal/journal.port.js';
import type { LeaseKeeperStatus } from '../leases/lease-keeper.js';
import type { PublishLoop } from '../publishing/publish-loop.js';
import type { HealthCheck, ReadinessReason } from './health.js';
import type { Probe } from './probe.js';

/** At this share of its size the journal is a reason for concern. */
const JOURNAL_LIMIT = 0.9;

/** What to do when rooms wait for the journal. */
export const PRESSURE_HINTS: Readonly<Record<JournalPressure, string>> = {
  size: 'what reads the journal (Kafka; without it the database) does not keep up: bring it back, or raise LIVETAP_JOURNAL_MAX_BYTES',
  disk: DISK_FULL_HINT,
  backlog: 'the disk of LIVETAP_DATA_DIR is too slow for what is received',
};

const PRESSURE_REASONS: Readonly<Record<JournalPressure, ReadinessReason>> = {
  size: { code: 'JOURNAL_FULL', message: `The journal is full and rooms wait: ${PRESSURE_HINTS.size}.` },
  disk: { code: 'JOURNAL_DISK_FULL', message: `The disk is full and rooms wait: ${PRESSURE_HINTS.disk}.` },
  backlog: { code: 'JOURNAL_DISK_SLOW', message: `Rooms wait for the journal: ${PRESSURE_HINTS.backlog}.` },
};

export function journalCheck(stats: () => JournalStats): HealthCheck {
  return {
    name: 'journal',
    problem: () => {
      const { heldBytes, maxBytes, pressure, diskFull } = stats();
      if (pressure !== undefined) return PRESSURE_REASONS[pressure];
      if (diskFull)
        return {
          code: 'JOURNAL_DISK_FULL',
          message: `The disk is too full for the readers' positions: ${DISK_FULL_HINT}.`,
        };
      if (heldBytes < maxBytes * JOURNAL_LIMIT) return undefined;
      const percent = Math.floor((heldBytes / maxBytes) * 100);
      return { code: 'JOURNAL_NEARLY_FULL', message: `The journal is ${percent} % full: ${PRESSURE_HINTS.size}.` };
    },
  };
}

export function leasesCheck(status: () => LeaseKeeperStatus): HealthCheck {
  return {
    name: 'leases',
    problem: () => {
      const { healthy, sinceContactMs } = status();
      if (healthy) return undefined;
      const seconds = Math.round(sinceContactMs / 1_000);
      return { code: 'LEASES_NOT_RENEWED', message: `Leases are not renewed; the last answer is ${seconds} s old.` };
    },
  };
}

export function databaseCheck(probe: Pick<Probe, 'away'>): HealthCheck {
  return {
    name: 'database',
    problem: () =>
      probe.away
        ? {
            code: 'DATABASE_UNREACHABLE',
            message: 'The database does not answer; rooms go on for LIVETAP_LEASE_GRACE_MS.',
          }
        : undefined,
  };
}

export function publisherCheck(
  publisher: Pick<PublishLoop, 'state' | 'problem'>,
  probe: Pick<Probe, 'away'>,
): HealthCheck {
  return {
    name: 'publisher',
    problem: () => {
      const { status, error } = publisher.state;
      if (error !== undefined) return { code: 'PUBLISHER_FAILING', message: error.message };
      if (status === 'starting')
        return {
          code: 'PUBLISHER_NOT_CONNECTED',
          message: 'The publisher is not connected to Kafka yet; the journal holds its events.',
        };
      if (probe.away)
        return {
          code: 'KAFKA_UNREACHABLE',
          message: 'No broker of KAFKA_BROKERS answers; the journal holds the events.',
        };
      const stalled = publisher.problem();
      return stalled === undefined ? undefined : { code: 'PUBLISHER_STALLED', message: `${stalled}.` };
    },
  };
}
