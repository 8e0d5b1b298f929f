/** Where the events of a replica go: to Kafka, or into its journal alone. */
export type EventsTo = 'journal' | 'kafka';

/** Another process of the fleet, as the database saw it last. */
export interface ReplicaInfo {
  readonly id: string;
  readonly version: string;
  readonly startedAt: Date;
  readonly lastSeenAt: Date;
  /** Absent: an earlier version, which did not say. */
  readonly eventsTo?: EventsTo;
}

/** Which replicas are running. Times are the database's own. */
export interface ReplicaRegistry {
  /** Announces a start of this replica: sets its start time, version and where its events go. */
  announce(replica: { readonly id: string; readonly version: string; readonly eventsTo: EventsTo }): Promise<void>;
  /** Says that this replica is alive; call it every few seconds. */
  heartbeat(id: string): Promise<void>;
  /** Replicas other than `id` seen within the last `withinMs` milliseconds. */
  othersAlive(id: string, withinMs: number): Promise<readonly ReplicaInfo[]>;
  /** Takes the replica off the list at an orderly stop. */
  leave(id: string): Promise<void>;
}

export const REPLICA_REGISTRY = Symbol('ReplicaRegistry');
