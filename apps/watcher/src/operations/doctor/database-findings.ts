import { DatabaseError } from '../../persistence/persistence.errors.js';
import { type DoctorFault, type Finding, well, wrong } from './finding.js';

/** The oldest server that has all that the tables and functions use. */
const LEAST_MAJOR = 14;
/** Pool, probes and listener of one replica. */
const CONNECTIONS_OF_A_REPLICA = 14;
/** Leases go by the database's clock, events by ours. */
const CLOCK_TOLERANCE_MS = 5_000;

export interface DatabaseFacts {
  /** As `server_version_num` has it: 180004. */
  readonly versionNumber: number;
  /** A standby, or a database that is set to refuse writes. */
  readonly readOnly: boolean;
  readonly encoding: string;
  /** May make tables in the schema that comes first. */
  readonly mayCreate: boolean;
  readonly user: string;
  /** Tables of ours that belong to somebody else: migrations and partitions would fail. At most ten. */
  readonly foreignTables: readonly string[];
  readonly freeConnections: number;
  /** Our clock minus its clock, ms. */
  readonly clockDifferenceMs: number;
  /** Migrations that the next start applies; an error: the schema does not fit. */
  readonly pendingMigrations: readonly string[] | DatabaseError;
  /** Streamers that are not paused; undefined while the tables are not there. */
  readonly streamers: number | undefined;
}

export type DatabaseLook =
  | { readonly kind: 'facts'; readonly facts: DatabaseFacts }
  /** The embedded server is not running, and can be. */
  | { readonly kind: 'asleep'; readonly present: boolean }
  | { readonly kind: 'failed'; readonly embedded: boolean; readonly error: DatabaseError };

export function databaseFindings(look: DatabaseLook): readonly Finding[] {
  if (look.kind === 'asleep') {
    const state = look.present ? 'is not running; it starts with the service' : 'is made by the first start';
    return [well('database', `The embedded database ${state}.`)];
  }
  return look.kind === 'failed' ? [failureOf(look.error, look.embedded)] : judge(look.facts);
}

function failureOf(error: DatabaseError, embedded: boolean): Finding {
  switch (error.code) {
    case 'WATCHER_DATABASE_UNREACHABLE':
      return embedded
        ? wrong(
            'database',
            'DATABASE_UNREACHABLE',
            `The embedded database runs and does not answer: ${error.message}`,
            'Look into postgres/server.log in the data folder; a restart of the service starts it again.',
          )
        : wrong(
            'database',
            'DATABASE_UNREACHABLE',
            error.message,
            'See that Postgres runs, that DATABASE_URL names its host and port, and that no firewall is between. The service waits for it.',
          );
    case 'WATCHER_DATABASE_DENIED':
      return wrong(
        'database',
        'DATABASE_DENIED',
        error.message,
        'Correct user, password and name of the database in DATABASE_URL; CREATE DATABASE if there is none; see pg_hba.conf if TLS or the address is refused.',
      );
    case 'WATCHER_EMBEDDED_UNUSABLE':
    case 'WATCHER_EMBEDDED_OTHER_MAJOR':
      return wrong(
        'database',
        'EMBEDDED_DATABASE_UNUSABLE',
        error.message,
        'Do as the message says, or set DATABASE_URL to a Postgres of your own.',
      );
    default:
      return wrong(
        'database',
        'CHECK_FAILED',
        error.message,
        'This is a fault of the database or of Livetap: see the log of the server.',
      );
  }
}

function judge(facts: DatabaseFacts): readonly Finding[] {
  const major = Math.floor(facts.versionNumber / 10_000);
  const findings: Finding[] = [];
  const say = (code: DoctorFault, message: string, mend: string): void =>
    void findings.push(wrong('database', code, message, mend));
  if (major < LEAST_MAJOR)
    say('DATABASE_TOO_OLD', `This is Postgres ${major}.`, `Move to Postgres ${LEAST_MAJOR} or newer.`);
  if (facts.readOnly)
    say(
      'DATABASE_READ_ONLY',
      'The database takes no writes: it is a standby, or default_transaction_read_only is on.',
      'Let DATABASE_URL name the primary server; several hosts with target_session_attrs=read-write find it.',
    );
  if (facts.encoding !== 'UTF8')
    say(
      'DATABASE_NOT_UTF8',
      `The encoding of the database is ${facts.encoding}: names of viewers do not fit into it.`,
      `Make another one with ENCODING 'UTF8' TEMPLATE template0 and let DATABASE_URL name it.`,
    );
  if (!facts.mayCreate)
    say(
      'DATABASE_RIGHTS_MISSING',
      `The user ${facts.user} may not make tables: migrations and partitions would fail.`,
      `As the owner of the database: GRANT CREATE ON SCHEMA public TO "${facts.user}".`,
    );
  if (facts.foreignTables.length > 0)
    say(
      'DATABASE_RIGHTS_MISSING',
      `Tables do not belong to the user ${facts.user}: ${facts.foreignTables.join(', ')}.`,
      `REASSIGN OWNED, or ALTER TABLE … OWNER TO "${facts.user}"; or take the user in DATABASE_URL that made them.`,
    );
  if (facts.pendingMigrations instanceof DatabaseError)
    say('DATABASE_SCHEMA_UNFIT', facts.pendingMigrations.message, mendOfSchema(facts.pendingMigrations));
  if (facts.freeConnections < CONNECTIONS_OF_A_REPLICA)
    say(
      'DATABASE_CONNECTIONS_FEW',
      `The server has ${facts.freeConnections} connections left; a replica takes up to ${CONNECTIONS_OF_A_REPLICA}.`,
      'Raise max_connections of the server, or end other sessions.',
    );
  if (Math.abs(facts.clockDifferenceMs) > CLOCK_TOLERANCE_MS)
    say(
      'DATABASE_CLOCK_DIFFERS',
      `Our clock is ${seconds(Math.abs(facts.clockDifferenceMs))} ${facts.clockDifferenceMs > 0 ? 'ahead of' : 'behind'} the database's.`,
      'Let both machines keep their clocks by NTP: times of events and of rows would not fit together.',
    );
  return findings.length > 0 ? findings : [well('database', `Postgres ${major} answers; ${schemaState(facts)}.`)];
}

function mendOfSchema(error: DatabaseError): string {
  const migration = String(error.context['migration'] ?? '');
  switch (error.code) {
    case 'WATCHER_SCHEMA_NEWER':
      return 'Start the version that used this database, or a later one; or restore a backup from before.';
    case 'WATCHER_SCHEMA_CHANGED':
      return `Restore the original file of the migration ${migration}, or install this version of Livetap anew.`;
    default:
      return `See what the migration ${migration} left behind, then "npx prisma migrate resolve --rolled-back ${migration}", or "--applied".`;
  }
}

function schemaState({ pendingMigrations, streamers }: DatabaseFacts): string {
  const pending = pendingMigrations instanceof DatabaseError ? 0 : pendingMigrations.length;
  return pending > 0 ? `the next start applies ${pending} migrations` : `${streamers ?? 0} streamers are watched`;
}

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;
