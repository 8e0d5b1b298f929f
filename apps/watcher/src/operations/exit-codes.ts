/** Exit codes of the process, after sysexits.h where there is one. They are listed in docs/config.md. */
export const EXIT = {
  /** An orderly stop. */
  OK: 0,
  /** The stop was cut short by a second signal; command line: interrupted before its end. */
  IMPATIENT: 1,
  /** Command line: arguments that cannot be understood or do not fit together. */
  USAGE: 64,
  /** Command line: the input is not what it should be. */
  DATA: 65,
  /** Another process has the port or the data folder; command line: what is needed is not there, such as a live room or Kafka. */
  UNAVAILABLE: 69,
  /** A failure that the service cannot go on with: the journal cannot be written, a mistake in the program. */
  SOFTWARE: 70,
  /** Command line: the server does not take the key, or its role does not reach. */
  DENIED: 77,
  /** Settings, database or topics do not fit; a new start without a change is useless. */
  CONFIG: 78,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
