/** How figures and times are written, everywhere on the page. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Short form for tight places: 950, 12.3K, 4.5M. */
export function compact(value: number): string {
  if (Math.abs(value) < 10_000) return whole(value);
  return new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

export const rate = (perSecond: number): string => (perSecond < 10 ? perSecond.toFixed(1) : whole(perSecond));

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let left = value;
  let unit = 0;
  while (left >= 1024 && unit < units.length - 1) {
    left /= 1024;
    unit += 1;
  }
  return `${left < 10 && unit > 0 ? left.toFixed(1) : Math.round(left)} ${units[unit] ?? ''}`;
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`: two units at most. */
export function duration(ms: number): string {
  const left = Math.max(0, ms);
  if (left < SECOND_MS) return `${Math.round(left)} ms`;
  if (left < MINUTE_MS) return `${Math.floor(left / SECOND_MS)} s`;
  if (left < HOUR_MS) return two(left, MINUTE_MS, 'min', SECOND_MS, 's');
  if (left < DAY_MS) return two(left, HOUR_MS, 'h', MINUTE_MS, 'min');
  return two(left, DAY_MS, 'd', HOUR_MS, 'h');
}

function two(ms: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % big) / small);
  return `${Math.floor(ms / big)} ${bigName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** `just now`, `5 min ago`, `in 20 s`; `now` in ms since the epoch. */
export function relative(iso: string, now: number): string {
  const ms = now - Date.parse(iso);
  const distance = Math.abs(ms);
  if (distance < 5 * SECOND_MS) return ms >= 0 ? 'just now' : 'in a moment';
  const text = coarse(distance);
  return ms >= 0 ? `${text} ago` : `in ${text}`;
}

function coarse(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} days`;
}

const pad = (value: number): string => String(value).padStart(2, '0');

/** Time of day, 24 hours, of the browser's own time zone. */
export function clock(time: string | number, seconds = true): string {
  const date = new Date(time);
  const minutes = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  return seconds ? `${minutes}:${pad(date.getSeconds())}` : minutes;
}

export function day(time: string | number): string {
  return new Date(time).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}

export const dayAndTime = (time: string | number): string => `${day(time)}, ${clock(time, false)}`;

/** `1 streamer`, `2 streamers`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${whole(count)} ${count === 1 ? one : many}`;

/** `livetap.chat.v1` → `chat`. */
export const shortType = (type: string): string => type.replace(/^livetap\./, '').replace(/\.v\d+$/, '');
