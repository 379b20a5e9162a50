import type { Polarity } from '../codebook/codebook.js';
import { addDays, type Day } from '../trends/calendar.js';

/** What a rule can watch: one indicator of a dyad, a domain of a dyad, a dyad, or everything. */
export const SERIES_LEVELS = ['indicator', 'domain', 'dyad', 'all'] as const;
export type SeriesLevel = (typeof SERIES_LEVELS)[number];

/** Names one series as the roll-up does: `code` is an indicator's id, a domain's name, or '' at the levels above. */
export interface SeriesKey {
  level: SeriesLevel;
  code: string;
  dyad: string;
  polarity: Polarity;
}

/** One day of the roll-up that counted something. */
export interface SeriesRow {
  day: Day;
  items: number;
  stories: number;
}

/** How much of the panel was read on one day. */
export interface CoverageDay {
  day: Day;
  read: number;
  of: number;
}

/** A day of a series: counts are only meaningful where `exposure` is above 0. */
export interface SeriesDay {
  day: Day;
  items: number;
  stories: number;
  /** Share of the panel that was read, 0 to 1; 0 means the day is missing, not empty. */
  exposure: number;
  read: number;
  of: number;
}

/** A report that stands behind the newest days of a series, for the evidence floor. */
export interface SupportingFamily {
  day: Day;
  family: string;
}

/** A series from the first day of its horizon to today, every day present. */
export interface Series {
  key: SeriesKey;
  days: SeriesDay[];
  /** Last day before the horizon that counted something; null when none did. */
  lastBefore: Day | null;
  /** Publisher families by day of the newest days, from reports that are no mere denials. */
  families: SupportingFamily[];
}

export type Measure = 'stories' | 'items';

/** Lays sparse rows over every day of `from` to `to` (both included). A day without coverage is missing whatever it counted. */
export function layOut(
  key: SeriesKey,
  range: { from: Day; to: Day },
  rows: readonly SeriesRow[],
  coverage: readonly CoverageDay[],
  more: { lastBefore?: Day | null; families?: SupportingFamily[] } = {},
): Series {
  const counts = new Map(rows.map((row) => [row.day, row]));
  const covered = new Map(coverage.map((row) => [row.day, row]));
  const days: SeriesDay[] = [];
  for (let day = range.from; day <= range.to; day = addDays(day, 1)) {
    const count = counts.get(day);
    const { read, of } = covered.get(day) ?? { read: 0, of: 0 };
    const exposure = of === 0 ? 0 : Math.min(1, read / of);
    days.push({ day, items: count?.items ?? 0, stories: count?.stories ?? 0, exposure, read, of });
  }
  return { key, days, lastBefore: more.lastBefore ?? null, families: more.families ?? [] };
}

/** Sum of a measure over the `width` days that end with index `end`; days before the horizon count nothing. */
export function windowCount(series: Series, end: number, width: number, measure: Measure): number {
  let sum = 0;
  for (let i = Math.max(0, end - width + 1); i <= end; i++) sum += series.days[i]?.[measure] ?? 0;
  return sum;
}

/** Covered days (sum of exposures, statistics.md section 1) of the index range `[from, to)`. */
export function exposureDays(series: Series, from: number, to: number): number {
  let sum = 0;
  for (let i = Math.max(0, from); i < to; i++) sum += series.days[i]?.exposure ?? 0;
  return sum;
}

/** Distinct publisher families with a report that is no denial, from `day` on, sorted. */
export function familiesSince(series: Series, day: Day): string[] {
  return [...new Set(series.families.filter((row) => row.day >= day).map((row) => row.family))].sort();
}

export interface UsualCount {
  median: number;
  /** Windows that it is the median of, 4 to 8. */
  windows: number;
}

const USUAL_WINDOWS = 8;

/**
 * What the window usually holds: the median of the 8 windows of the same width before it, left out where less than half of
 * the days were covered. Null when fewer than 4 are left: too little to call anything usual. `[1,2,2,5]` gives 2.
 */
export function usualCount(series: Series, end: number, width: number, measure: Measure): UsualCount | null {
  const counts: number[] = [];
  for (let k = 1; k <= USUAL_WINDOWS; k++) {
    const last = end - k * width;
    if (last - width + 1 < 0) break;
    if (exposureDays(series, last - width + 1, last + 1) < width / 2) continue;
    counts.push(windowCount(series, last, width, measure));
  }
  if (counts.length < USUAL_WINDOWS / 2) return null;
  counts.sort((a, b) => a - b);
  const middle = counts.length >> 1;
  const median = counts.length % 2 === 1 ? counts[middle]! : (counts[middle - 1]! + counts[middle]!) / 2;
  return { median, windows: counts.length };
}

/** Counts of the last `weeks` weeks that end today, oldest first; null where nothing was covered. */
export function weeklyCounts(series: Series, weeks: number, measure: Measure): Array<number | null> {
  const last = series.days.length - 1;
  return Array.from({ length: weeks }, (_, i) => {
    const end = last - (weeks - 1 - i) * 7;
    if (end < 0 || exposureDays(series, end - 6, end + 1) === 0) return null;
    return windowCount(series, end, 7, measure);
  });
}
