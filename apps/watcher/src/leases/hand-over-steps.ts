/**
 * The protocol of a planned hand-over, as two tables: one for the replica that gives a lease, one for the one that takes
 * it. They speak through the lease's row alone (`offered_to`, `ready_room`, `owner`); a notification only makes the other
 * look sooner. What a crash or a silence on either side leads to stands here, too. See docs/adr on the hand-over.
 */

/**
 * `offered`: the row says so; the room goes on as ever. `cut`: the other is ready; nothing is admitted any more, the final
 * checkpoint is on its way. `given`: released with it. `kept`: it stays here, and goes on as if it had never been offered.
 */
export const GIVING_STEPS = ['offered', 'cut', 'given', 'kept'] as const;
export type GivingStep = (typeof GIVING_STEPS)[number];

export const GIVING_SIGNALS = [
  /**
   * The other has a socket open in the room that our session is in. One in another room, or none, is no answer yet: it
   * knows the room from the checkpoint in the row, which follows a moment later, and then prepares anew.
   */
  'ready',
  /** It does not want it, or is gone. */
  'declined',
  /** It did not become ready in time. */
  'late',
  /** What was admitted could not be made durable, or the release did not succeed. */
  'failed',
  /** The release succeeded. */
  'released',
  /** The lease is not ours any more. */
  'lost',
] as const;
export type GivingSignal = (typeof GIVING_SIGNALS)[number];

export const GIVING: Readonly<Record<GivingStep, Readonly<Partial<Record<GivingSignal, GivingStep>>>>> = {
  offered: { ready: 'cut', declined: 'kept', late: 'kept', lost: 'kept' },
  // Unknown whether a failed release took effect: if it did, the next renewal says that the lease is lost. Until then both
  // publish, with equal ids.
  cut: { released: 'given', failed: 'kept', lost: 'kept' },
  given: {},
  kept: {},
};

/**
 * `preparing`: a socket is being opened. `ready`: it is open, what it brings is kept, the row says so. `taken`: the lease
 * is ours, what was kept is admitted. `dropped`: the socket is closed, nothing of it was admitted.
 */
export const TAKING_STEPS = ['preparing', 'ready', 'taken', 'dropped'] as const;
export type TakingStep = (typeof TAKING_STEPS)[number];

export const TAKING_SIGNALS = [
  /** The socket is open. */
  'opened',
  /** It could not be opened, has closed, or brought more than is kept. */
  'failed',
  /** The offer is gone: withdrawn, or another took the lease. */
  'withdrawn',
  /** The owner's session is in another room now. */
  'moved',
  /** The lease is ours: released to us, or its owner died. */
  'acquired',
] as const;
export type TakingSignal = (typeof TAKING_SIGNALS)[number];

export const TAKING: Readonly<Record<TakingStep, Readonly<Partial<Record<TakingSignal, TakingStep>>>>> = {
  preparing: { opened: 'ready', failed: 'dropped', withdrawn: 'dropped', moved: 'dropped', acquired: 'taken' },
  ready: { failed: 'dropped', withdrawn: 'dropped', moved: 'dropped', acquired: 'taken' },
  taken: {},
  dropped: {},
};

/** The step after a signal; the same one when the signal means nothing in it. */
export function nextGiving(step: GivingStep, signal: GivingSignal): GivingStep {
  return GIVING[step][signal] ?? step;
}

/** The step after a signal; the same one when the signal means nothing in it. */
export function nextTaking(step: TakingStep, signal: TakingSignal): TakingStep {
  return TAKING[step][signal] ?? step;
}
