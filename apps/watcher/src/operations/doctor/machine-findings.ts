import type { JournalInspection } from '../../journal/inspect-journal.js';
import { DESCRIPTORS_BESIDE_ROOMS } from '../file-descriptors.adapter.js';
import type { ReadinessReason } from '../health.js';
import { type Finding, well, wrong } from './finding.js';

const MIB = 1024 * 1024;
/** Below this nothing can be begun. */
const LEAST_FREE_BYTES = 64 * MIB;
/** At this share of its size the journal is a reason for concern: as readiness has it. */
const JOURNAL_LIMIT = 0.9;
const LEAST_DESCRIPTORS = 512;

/** What listens where the service is to listen. */
export type PortLook =
  | { readonly kind: 'free' }
  /** The service itself; `reasons` why it is not ready. */
  | { readonly kind: 'livetap'; readonly ready: boolean; readonly reasons: readonly ReadinessReason[] }
  | { readonly kind: 'other' }
  /** `system`: the system's word for why. */
  | { readonly kind: 'refused'; readonly system: string };

export function portFindings(look: PortLook, host: string, port: number): readonly Finding[] {
  const place = `${host}:${port}`;
  switch (look.kind) {
    case 'free':
      return [well('port', port === 0 ? 'Any free port will be taken.' : `${place} is free.`)];
    case 'livetap':
      return [
        well('port', `Livetap answers on ${place}${look.ready ? ' and is ready' : ''}.`),
        ...look.reasons.map(({ code, message }) =>
          wrong(
            'port',
            'SERVICE_NOT_READY',
            `The service on ${place} is not ready: ${code}: ${message}`,
            `docs/runbook.md says under ${code} what to do.`,
          ),
        ),
      ];
    case 'other':
      return [
        wrong(
          'port',
          'PORT_TAKEN',
          `Another program listens on ${place}.`,
          'Stop it, or choose another port with LIVETAP_HTTP_PORT.',
        ),
      ];
    case 'refused':
      return [
        wrong(
          'port',
          'PORT_REFUSED',
          `The system does not let us listen on ${place} (${look.system}).`,
          'Choose an address of this machine with LIVETAP_HTTP_HOST and a port above 1023 with LIVETAP_HTTP_PORT.',
        ),
      ];
  }
}

export interface FolderLook {
  readonly path: string;
  /** The system's word for why it cannot be written to; undefined when it can, or can be made. */
  readonly refused: string | undefined;
  readonly exists: boolean;
  /** False: the file with the identity of the replica holds none. */
  readonly identityReadable: boolean;
  /** Living process that uses it. */
  readonly holder: number | undefined;
  /** Bytes that this user may still write there. */
  readonly freeBytes: number | undefined;
}

export interface FolderContext {
  /** How far the journal may still grow. */
  readonly journalGrowthBytes: number;
  /** Livetap answers where it is to listen. */
  readonly serviceAnswers: boolean;
  readonly port: number;
}

export function folderFindings(look: FolderLook, context: FolderContext): readonly Finding[] {
  const { path, refused, exists, holder, freeBytes } = look;
  if (refused !== undefined)
    return [
      wrong(
        'data folder',
        'DATA_FOLDER_UNUSABLE',
        `${path} cannot be used (${refused}).`,
        'Give the user of the service the right to write there, or set LIVETAP_DATA_DIR to another folder.',
      ),
    ];
  const findings: Finding[] = [];
  if (!look.identityReadable)
    findings.push(
      wrong(
        'data folder',
        'DATA_FOLDER_UNUSABLE',
        `${path}/replica-id holds no replica id: it was changed by hand.`,
        'Restore the file, or remove it: then this replica gets a new identity, and its leases are free after 15 seconds.',
      ),
    );
  if (holder !== undefined && !context.serviceAnswers && context.port !== 0)
    findings.push(
      wrong(
        'data folder',
        'DATA_FOLDER_IN_USE',
        `Process ${holder} uses ${path}, and no Livetap answers at the address of these settings.`,
        `Each replica needs a folder of its own: set LIVETAP_DATA_DIR to another one, or stop process ${holder}.`,
      ),
    );
  findings.push(...spaceFindings(path, freeBytes, context.journalGrowthBytes));
  if (findings.length > 0) return findings;
  const use = holder === undefined ? (exists ? 'can be used' : 'can be made') : `is used by process ${holder}`;
  const free = freeBytes === undefined ? '' : `; ${sizeOf(freeBytes)} are free`;
  return [well('data folder', `${path} ${use}${free}.`)];
}

function spaceFindings(path: string, freeBytes: number | undefined, growthBytes: number): readonly Finding[] {
  if (freeBytes === undefined) return [];
  if (freeBytes < LEAST_FREE_BYTES)
    return [
      wrong(
        'data folder',
        'DISK_FULL',
        `Only ${sizeOf(freeBytes)} are free on the disk of ${path}.`,
        'Free space, or raise the quota, on the disk of LIVETAP_DATA_DIR.',
      ),
    ];
  if (freeBytes < growthBytes)
    return [
      wrong(
        'data folder',
        'DISK_NEARLY_FULL',
        `${sizeOf(freeBytes)} are free on the disk of ${path}, but the journal may still grow by ${sizeOf(growthBytes)}.`,
        'Free space there, or lower LIVETAP_JOURNAL_MAX_BYTES.',
      ),
    ];
  return [];
}

/** `damage`: what is wrong with it, in words. */
export function journalFindings(
  look: JournalInspection | { readonly damage: string } | undefined,
  maxBytes: number,
): readonly Finding[] {
  if (look === undefined) return [well('journal', 'There is none yet; the first start makes it.')];
  if ('damage' in look)
    return [
      wrong(
        'journal',
        'JOURNAL_DAMAGED',
        look.damage,
        'Restore the journal from a backup of the volume; or move its directory away: the service begins an empty one, and what it held and Kafka does not have yet is lost.',
      ),
    ];
  const { bytes, heldBytes, pendingEvents, readers } = look;
  const waiting = readers.filter(({ pending }) => pending > 0).map(({ name, pending }) => `${name} ${pending}`);
  const state = `${sizeOf(bytes)} of ${sizeOf(maxBytes)}; ${pendingEvents} events wait${waiting.length === 0 ? '' : ` (${waiting.join(', ')})`}.`;
  if (heldBytes > maxBytes * JOURNAL_LIMIT)
    return [
      wrong(
        'journal',
        'JOURNAL_NEARLY_FULL',
        `It is nearly full: ${state}`,
        'Bring back what reads it (Kafka; without it the database), or raise LIVETAP_JOURNAL_MAX_BYTES.',
      ),
    ];
  return [well('journal', `Readable to its end: ${state}`)];
}

/** `limit`: most files and sockets that one process may have open; undefined where the system does not say. */
export function descriptorFindings(limit: number | undefined, streamers: number | undefined): readonly Finding[] {
  if (limit === undefined) return [well('file descriptors', 'The system does not say how many there are.')];
  const needed = DESCRIPTORS_BESIDE_ROOMS + (streamers ?? 0);
  const mend = `Raise the limit of open files to ${Math.max(needed, 65_536)} or more: "ulimit -n", LimitNOFILE= of systemd, "ulimits" of a container.`;
  if (limit < LEAST_DESCRIPTORS)
    return [
      wrong(
        'file descriptors',
        'FILE_DESCRIPTORS_TOO_FEW',
        `A process may open ${limit} files and sockets: that is not enough for the service alone.`,
        mend,
      ),
    ];
  if (limit < needed)
    return [
      wrong(
        'file descriptors',
        'FILE_DESCRIPTORS_SCARCE',
        `A process may open ${limit} files and sockets; with ${streamers ?? 0} streamers live at once on this replica it needs ${needed}.`,
        mend,
      ),
    ];
  return [well('file descriptors', `A process may open ${limit}.`)];
}

/** In the unit that suits it. */
export function sizeOf(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power] ?? 'B'}`;
}
