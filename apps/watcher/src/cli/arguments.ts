import { InvalidArgumentError } from 'commander';

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE = /^(\d+(?:\.\d+)?)(?:([kmg])(i?)b?)?$/i;
const POWER: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3 };
const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** `90s`, `10m`, `2h`, in ms. @throws InvalidArgumentError */
export function parseDuration(text: string): number {
  const match = DURATION.exec(text);
  const ms = Math.round(Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? NaN));
  if (!(ms > 0)) throw new InvalidArgumentError('It must be a time such as 90s, 10m or 2h.');
  return ms;
}

/** `500000`, `100MB`, `1GiB`, in bytes. @throws InvalidArgumentError */
export function parseSize(text: string): number {
  const match = SIZE.exec(text);
  const base = (match?.[3] ?? '') === '' ? 1_000 : 1_024;
  const bytes = Math.round(Number(match?.[1]) * base ** (POWER[match?.[2]?.toLowerCase() ?? ''] ?? 0));
  if (!(bytes > 0)) throw new InvalidArgumentError('It must be a size such as 500000, 100MB or 1GiB.');
  return bytes;
}

/** A moment (RFC 3339), or so long ago (`2h`), in ms since the epoch. @throws InvalidArgumentError */
export function parseMoment(text: string, now: number): number {
  if (MOMENT.test(text) && !Number.isNaN(Date.parse(text))) return Date.parse(text);
  if (DURATION.test(text)) return now - parseDuration(text);
  throw new InvalidArgumentError('It must be a moment such as 2026-01-31T12:00:00Z, or a time ago such as 2h.');
}
