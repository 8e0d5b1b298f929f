/** Nothing of it is on the wire, and nothing was written. */
export const ABSENT = 0;
export const WRITTEN = 1;
/** The bytes are unusual: the message has to be decoded instead. */
export const UNUSUAL = -1;

export type Outcome = typeof ABSENT | typeof WRITTEN | typeof UNUSUAL;
