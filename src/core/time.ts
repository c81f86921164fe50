/**
 * Two kinds of time that must never be mixed.
 *
 * An `Instant` is somebody's wall clock (a record's times, the API server's `Date`): milliseconds since the
 * Unix epoch. A `Mono` is this process's own monotonic clock: milliseconds since an arbitrary start. Proof
 * of silence rests on `Mono` only; an `Instant` can be wrong by hours.
 */
export type Instant = number & { readonly instant?: never };
export type Mono = number & { readonly mono?: never };

/** RFC 3339 as Kubernetes writes it: a `T`, any number of fractional digits, `Z` or an offset. */
const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** The instant of an RFC 3339 text, in milliseconds since the epoch; null for anything else. */
export function parseRfc3339(text: unknown): Instant | null {
  if (typeof text !== 'string' || !RFC3339.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

/** Whether a date can tell this instant: a record may claim any. */
export function isDate(at: Instant): boolean {
  return Math.abs(at) <= 8.64e15;
}

/** A Kubernetes MicroTime: RFC 3339 in UTC with exactly six fractional digits, which the API server insists on. */
export function formatMicroTime(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, -1)}000Z`;
}

/** A Kubernetes Time: RFC 3339 in UTC in whole seconds, as the annotation formats carry it. */
export function formatSecondTime(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

const SECOND = 1000;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

function twoUnits(seconds: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % big) / small);
  return `${Math.floor(seconds / big)}${bigName}${rest === 0 ? '' : `${rest}${smallName}`}`;
}

/** A length of time (ms) as kubectl's AGE column writes it: two units while they matter, always truncated. */
export function humanDuration(ms: number): string {
  const s = Math.trunc(ms / SECOND);
  if (s < -1) return '<invalid>';
  if (s < 0) return '0s';
  if (s < 2 * MINUTE) return `${s}s`;
  if (s < 10 * MINUTE) return twoUnits(s, MINUTE, 'm', 1, 's');
  if (s < 3 * HOUR) return `${Math.floor(s / MINUTE)}m`;
  if (s < 8 * HOUR) return twoUnits(s, HOUR, 'h', MINUTE, 'm');
  if (s < 2 * DAY) return `${Math.floor(s / HOUR)}h`;
  if (s < 8 * DAY) return twoUnits(s, DAY, 'd', HOUR, 'h');
  if (s < 2 * YEAR) return `${Math.floor(s / DAY)}d`;
  if (s < 8 * YEAR) return twoUnits(s, YEAR, 'y', DAY, 'd');
  return `${Math.floor(s / YEAR)}y`;
}

/** A short length of time (ms) in prose: `0.8 s`, `15 s`, then as `humanDuration`. */
export function proseDuration(ms: number): string {
  if (ms < 0) return `-${proseDuration(-ms)}`;
  if (ms < 9_950) return `${Number((ms / SECOND).toFixed(1))} s`;
  if (ms < 2 * MINUTE * SECOND) return `${Math.round(ms / SECOND)} s`;
  return humanDuration(ms);
}

/** A length of time (whole seconds) as a flag takes it, in as few units as it needs: `20s`, `2m25s`, `1h`. */
export function durationFlag(seconds: number): string {
  const amounts: readonly [number, string][] = [
    [Math.floor(seconds / HOUR), 'h'],
    [Math.floor((seconds % HOUR) / MINUTE), 'm'],
    [seconds % MINUTE, 's'],
  ];
  const needed = amounts.filter(([amount]) => amount > 0);
  return needed.length === 0 ? '0s' : needed.map(([amount, unit]) => `${amount}${unit}`).join('');
}

const GO_UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: SECOND,
  m: MINUTE * SECOND,
  h: HOUR * SECOND,
};

/** A Go duration (`15s`, `1m30s`, `1.5h`) in milliseconds; null if the text is none. */
function parseGoDuration(text: string): number | null {
  if (text === '0') return 0;
  let total = 0;
  let matched = '';
  for (const [part, amount, unit] of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|[\u00b5\u03bc]s|ms|s|m|h)/gy)) {
    total += Number(amount) * (GO_UNITS[unit as string] as number);
    matched += part;
  }
  return matched !== '' && matched === text ? total : null;
}

/** A duration flag in kubectl's manner: a bare non-negative number is seconds, else a Go duration. Milliseconds, or null. */
export function parseDurationFlag(text: string): number | null {
  return /^\d+$/.test(text) ? Number(text) * SECOND : parseGoDuration(text);
}
