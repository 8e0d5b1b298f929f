/** Where a change came in. */
export const AUDIT_CHANNELS = ['rest', 'command'] as const;
export type AuditChannel = (typeof AUDIT_CHANNELS)[number];

/** What is told of a change beside its target: names of fields, counts, roles. Never a secret, nor a viewer. */
export type AuditDetails = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** A change that somebody made. */
export interface Change {
  /** Name of the key, `local` on an open loopback address, for commands the topic. */
  readonly actor: string;
  readonly channel: AuditChannel;
  /** What happened, as in `streamer.added`. */
  readonly action: string;
  /** What it happened to: its address under /v1, as in `streamers/some.one`. Absent: something that is not to be remembered. */
  readonly target?: string;
  readonly details?: AuditDetails;
}

export interface AuditEntry extends Change {
  /** Rises with time. */
  readonly id: string;
  readonly at: Date;
}
