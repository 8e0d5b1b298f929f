const EPOCH_DIGITS = 8;
const NUMBER_DIGITS = 12;
const FORM = /^(\d{8})-(\d{12})$/;

export interface Sequence {
  /** The lease epoch under which the event was made. */
  readonly epoch: number;
  /** Position of the event in its room and epoch: 1, 2, 3 … over all topics. */
  readonly n: number;
}

/**
 * `<epoch, 8 digits>-<n, 12 digits>`: compares lexically in the order of the events.
 * @throws RangeError when a part is negative, not whole or too large (not retryable).
 */
export function formatSequence(epoch: number, n: number): string {
  return `${formatPart(epoch, EPOCH_DIGITS)}-${formatPart(n, NUMBER_DIGITS)}`;
}

/** The first half of a sequence, dash included: constant for a room and an epoch. */
export function sequencePrefix(epoch: number): string {
  return `${formatPart(epoch, EPOCH_DIGITS)}-`;
}

/** The second half of a sequence. */
export function formatSequenceNumber(n: number): string {
  return formatPart(n, NUMBER_DIGITS);
}

/** undefined when the text is not a sequence. */
export function parseSequence(text: string): Sequence | undefined {
  const match = FORM.exec(text);
  return match === null ? undefined : { epoch: Number(match[1]), n: Number(match[2]) };
}

function formatPart(value: number, digits: number): string {
  const text = String(value);
  if (!Number.isSafeInteger(value) || value < 0 || text.length > digits) {
    throw new RangeError(`A part of a sequence must be a whole number of at most ${digits} digits`);
  }
  return text.padStart(digits, '0');
}
