/** A calendar day in UTC, `YYYY-MM-DD`. Compares as text. */
export type Day = string;

export const GRANULARITIES = ['day', 'week', 'month'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

const DAY_MS = 86_400_000;

/** Days that a question may name; beyond them calendars and databases disagree. */
export const FIRST_DAY: Day = '1900-01-01';
export const LAST_DAY: Day = '2199-12-31';

/** The UTC day of an instant. */
export function dayOf(at: Date): Day {
  return at.toISOString().slice(0, 10);
}

/** True for a real calendar day written `YYYY-MM-DD`: `2026-02-30` is none. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && dayOf(at) === text;
}

function millisOf(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** `addDays('2026-02-28', 1)` is `2026-03-01`. */
export function addDays(day: Day, count: number): Day {
  return dayOf(new Date(millisOf(day) + count * DAY_MS));
}

/** Calendar months later; the day is cut to the length of the month: `addMonths('2026-03-31', -1)` is `2026-02-28`. */
export function addMonths(day: Day, count: number): Day {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 + count, 1));
  const length = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  return addDays(dayOf(first), Math.min(date, length) - 1);
}

/** Whole days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((millisOf(to) - millisOf(from)) / DAY_MS);
}

/** Monday is 0, Sunday is 6 (ISO 8601 weeks). */
export function weekdayOf(day: Day): number {
  return (new Date(millisOf(day)).getUTCDay() + 6) % 7;
}

/** First day of the day, ISO week or calendar month that holds `day`. */
export function startOf(day: Day, granularity: Granularity): Day {
  if (granularity === 'week') return addDays(day, -weekdayOf(day));
  return granularity === 'month' ? `${day.slice(0, 7)}-01` : day;
}

/** First day of the bucket after the one that holds `day`. */
export function nextStart(day: Day, granularity: Granularity, count = 1): Day {
  const start = startOf(day, granularity);
  if (granularity === 'month') return addMonths(start, count);
  return addDays(start, granularity === 'week' ? 7 * count : count);
}

/** Every day of the half-open range. */
export function daysOf(from: Day, to: Day): Day[] {
  return Array.from({ length: Math.max(0, daysBetween(from, to)) }, (_, i) => addDays(from, i));
}
