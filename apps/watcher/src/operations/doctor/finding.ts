import { EXIT, type ExitCode } from '../exit-codes.js';

/** What `livetap doctor` looks at, in the order of its report. */
export const DOCTOR_CHECKS = [
  'settings',
  'port',
  'data folder',
  'journal',
  'file descriptors',
  'database',
  'secrets',
  'kafka',
  'topics',
  'tiktok',
  'sign server',
  'proxies',
] as const;
export type DoctorCheck = (typeof DOCTOR_CHECKS)[number];

/**
 * What can be wrong, and how the service would take it: the exit code that it would end with; `UNAVAILABLE` also for what it
 * would wait for; `warning` for what it can live with for now. Stable: scripts may rely on them. docs/cli.md lists them.
 */
export const DOCTOR_FAULTS = {
  SETTINGS_WRONG: EXIT.CONFIG,
  PORT_TAKEN: EXIT.UNAVAILABLE,
  PORT_REFUSED: EXIT.CONFIG,
  SERVICE_NOT_READY: 'warning',
  DATA_FOLDER_UNUSABLE: EXIT.CONFIG,
  DATA_FOLDER_IN_USE: EXIT.UNAVAILABLE,
  DISK_FULL: EXIT.UNAVAILABLE,
  DISK_NEARLY_FULL: 'warning',
  JOURNAL_DAMAGED: EXIT.SOFTWARE,
  JOURNAL_NEARLY_FULL: 'warning',
  FILE_DESCRIPTORS_TOO_FEW: EXIT.CONFIG,
  FILE_DESCRIPTORS_SCARCE: 'warning',
  EMBEDDED_DATABASE_UNUSABLE: EXIT.CONFIG,
  DATABASE_UNREACHABLE: EXIT.UNAVAILABLE,
  DATABASE_DENIED: EXIT.CONFIG,
  DATABASE_TOO_OLD: EXIT.CONFIG,
  DATABASE_READ_ONLY: EXIT.CONFIG,
  DATABASE_NOT_UTF8: EXIT.CONFIG,
  DATABASE_RIGHTS_MISSING: EXIT.CONFIG,
  DATABASE_SCHEMA_UNFIT: EXIT.CONFIG,
  DATABASE_CONNECTIONS_FEW: 'warning',
  DATABASE_CLOCK_DIFFERS: 'warning',
  SECRETS_UNREADABLE: EXIT.CONFIG,
  KAFKA_UNREACHABLE: EXIT.UNAVAILABLE,
  KAFKA_DENIED: EXIT.CONFIG,
  KAFKA_UNTRUSTED: EXIT.CONFIG,
  KAFKA_BROKER_UNREACHABLE: EXIT.UNAVAILABLE,
  TOPICS_MISSING: EXIT.CONFIG,
  TOPICS_NOT_CREATABLE: EXIT.CONFIG,
  TOPIC_PARTITIONS_DIFFER: EXIT.CONFIG,
  TOPIC_SETTINGS_DIFFER: 'warning',
  TOPIC_WITHOUT_LEADER: EXIT.UNAVAILABLE,
  TOPIC_TOO_FEW_REPLICAS: EXIT.CONFIG,
  TIKTOK_UNREACHABLE: EXIT.UNAVAILABLE,
  SIGN_SERVER_UNREACHABLE: EXIT.UNAVAILABLE,
  SIGN_KEY_REFUSED: EXIT.CONFIG,
  SIGN_QUOTA_USED_UP: EXIT.UNAVAILABLE,
  SIGN_QUOTA_LOW: 'warning',
  PROXY_UNREACHABLE: EXIT.UNAVAILABLE,
  PROXY_DENIED: EXIT.CONFIG,
  CHECK_FAILED: EXIT.SOFTWARE,
} as const satisfies Readonly<Record<string, ExitCode | 'warning'>>;
export type DoctorFault = keyof typeof DOCTOR_FAULTS;

/** One sentence about one thing. No secrets. */
export interface Finding {
  readonly check: DoctorCheck;
  /** `skipped`: it could not be looked at, because of something else that is in the report, or need not be. */
  readonly status: 'ok' | 'warning' | 'fault' | 'skipped';
  /** What is wrong; absent when nothing is. */
  readonly code?: DoctorFault;
  readonly message: string;
  /** What to do about it; there whenever something is wrong. */
  readonly mend?: string;
}

export function well(check: DoctorCheck, message: string): Finding {
  return { check, status: 'ok', message };
}

export function skipped(check: DoctorCheck, message: string): Finding {
  return { check, status: 'skipped', message };
}

/** A warning or a fault, as its code says. */
export function wrong(check: DoctorCheck, code: DoctorFault, message: string, mend: string): Finding {
  return { check, status: DOCTOR_FAULTS[code] === 'warning' ? 'warning' : 'fault', code, message, mend };
}

/** 0 without a fault (warnings do not count); else the gravest exit code: 78 before 70 before 69. */
export function exitCodeOf(findings: readonly Finding[]): ExitCode {
  const codes = findings.flatMap(({ status, code }): ExitCode[] => {
    const exit = code === undefined || status !== 'fault' ? 'warning' : DOCTOR_FAULTS[code];
    return exit === 'warning' ? [] : [exit];
  });
  return codes.reduce<ExitCode>((gravest, code) => (code > gravest ? code : gravest), EXIT.OK);
}
