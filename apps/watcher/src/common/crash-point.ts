/**
 * Every durable boundary on the way of an event and around it: a place where the process may end by force, and what the
 * next start may and may not do then. "Repeats" are records with the same (`source`, `id`), byte for byte the same.
 * The kill test ends the process at each of them; it fails when a value is never reached.
 */
export enum CrashPoint {
  // The data folder, at the first start.
  /** The replica id is written and flushed, its name is not there yet. A new id is made; nothing was done under the old one. */
  ReplicaIdBeforeRename = 'replicaId.beforeRename',
  /** The journal's identity is written and flushed, its name is not there yet. A new one is made; there is no segment yet. */
  JournalIdentityBeforeRename = 'journalIdentity.beforeRename',
  /** The journal's identity is there, no segment is. The journal starts empty under this identity. */
  JournalIdentityRenamed = 'journalIdentity.renamed',

  // Recovery of the journal, at every start.
  /** The good end of the newest segment is known, the torn rest is not cut yet. The same end must be found again. */
  RecoveryBeforeCut = 'recovery.beforeCut',
  /** The torn rest is cut. Nothing that a reader ever saw may be missing. */
  RecoveryCut = 'recovery.cut',

  // From the room to the journal.
  /** Events are made, the journal does not have them. Not admitted: they may be lost, and the gap event says so. */
  AdmissionBeforeAppend = 'admission.beforeAppend',
  /** A group is put together, nothing is written. As above. */
  JournalBeforeWrite = 'journal.beforeWrite',
  /** A group is written, and flushed only where writing flushes. It may be whole (then it is admitted), torn (cut) or absent; nobody saw it. */
  JournalWritten = 'journal.written',
  /** A group is flushed, readers and the room do not know. Admitted: must not be lost. */
  JournalFlushed = 'journal.flushed',
  /** Readers are woken and the room is told. Must not be lost; may not have been sent. */
  JournalConfirmed = 'journal.confirmed',
  /** The full segment is closed, its follower does not exist. The closed one is still the newest and is written on. */
  SegmentClosed = 'segment.closed',
  /** The new segment's file is there without its header. It must be taken as empty, not as damage. */
  SegmentWithoutHeader = 'segment.withoutHeader',
  /** The new segment is there with its header and holds nothing. */
  SegmentCreated = 'segment.created',
  /** A segment that every reader has passed is about to go. It is held on; nothing of it is sent again. */
  SegmentBeforeDelete = 'segment.beforeDelete',
  /** Its file is gone. The journal begins with the next one; cursors before it move up. */
  SegmentDeleted = 'segment.deleted',
  /** Cursors moved in memory, nothing of it is written. What was sent since the last write is repeated (at most a second). */
  CursorsBeforeWrite = 'cursors.beforeWrite',
  /** The new cursors are written and flushed under a temporary name. The old ones count: repeats, no loss. */
  CursorsBeforeRename = 'cursors.beforeRename',
  /** The new cursors are in place. Repeats only of what was sent since. */
  CursorsRenamed = 'cursors.renamed',

  // From the journal to Kafka.
  /** A batch is read, nothing is sent. It is sent after the start; must not be lost. */
  PublishBeforeSend = 'publish.beforeSend',
  /** The broker acknowledged the batch, the cursor did not move. The batch is repeated; must not be lost. */
  PublishAcknowledged = 'publish.acknowledged',
  /** The cursor moved in memory only. The batch is repeated. */
  PublishCommitted = 'publish.committed',

  // From the journal or the topics to Postgres.
  /** Rows of a batch are written, its position is not, the transaction is open. Both are undone and done again together. */
  HistoryRowsWritten = 'history.rowsWritten',
  /** Rows and position are written, the transaction is open. As above: totals must not count the batch twice. */
  HistoryPositionWritten = 'history.positionWritten',
  /** The transaction is committed, the reader's own cursor did not move. The batch must not be folded again. */
  HistoryCommitted = 'history.committed',

  // Ownership.
  /** Leases are taken and their epochs have risen, nothing was done under them. The next start takes them under higher epochs. */
  LeasesTaken = 'leases.taken',
  /** Leases and streamers are known, no session is taken up. Each room must still get exactly one gap for the whole time. */
  RoomsBeforeResume = 'rooms.beforeResume',
  /** Checkpoints are ready and their events durable, the statement is not sent. The stored ones count: they may be older. */
  LeasesBeforeRenewal = 'leases.beforeRenewal',
  /** Leases are renewed and checkpoints stored, nobody was told. */
  LeasesRenewed = 'leases.renewed',

  // The orderly stop, cut short.
  /** Sockets are closed, what they brought may not be durable. What is not is lost with a gap. */
  DrainSocketsClosed = 'drain.socketsClosed',
  /** Everything received is durable, the leases are still held under the last stored checkpoints. */
  DrainFlushed = 'drain.flushed',
  /** The leases are given up with their final checkpoints. The next start goes on from them. */
  DrainLeasesReleased = 'drain.leasesReleased',
  /** Probes say no. Nothing else has changed. */
  DrainAfterNotReady = 'drain.afterNotReady',
  /** No more commands are taken. */
  DrainAfterCommands = 'drain.afterCommands',
  /** No more streamers are taken. */
  DrainAfterAcquire = 'drain.afterAcquire',
  /** Rooms are closed and leases released. The journal may hold what is not sent. */
  DrainAfterRooms = 'drain.afterRooms',
  /** Everything is sent; the cursor may not be written: repeats, no loss. */
  DrainAfterPublish = 'drain.afterPublish',
  /** History has followed as far as it could. */
  DrainAfterHistory = 'drain.afterHistory',
  /** Live tails are closed. */
  DrainAfterTails = 'drain.afterTails',
  /** Cursors are written and the journal is closed. From here on nothing may be repeated. */
  DrainAfterJournal = 'drain.afterJournal',
  /** The database is let go. */
  DrainAfterDatabase = 'drain.afterDatabase',
  /** The data folder is given up. */
  DrainAfterData = 'drain.afterData',
}

export const CRASH_POINTS: readonly CrashPoint[] = Object.values(CrashPoint);

/** Told whenever the process passes a crash point. Called synchronously; only tests do anything here. */
export interface CrashPoints {
  reached(point: CrashPoint): void;
}

/** What the service runs with. The program itself holds no other: no setting can make it end at one of these places. */
export const NO_CRASH_POINTS: CrashPoints = { reached: () => undefined };
