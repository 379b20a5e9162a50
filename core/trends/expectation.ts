import { baselineOf, type DayBaseline, READY_EXPOSURE, sizeOf } from './baseline.js';
import type { Bucket } from './buckets.js';
import { addDays, type Day, daysBetween, weekdayOf } from './calendar.js';
import { negativeBinomialQuantile } from './distributions.js';
import type { Expectation } from './points.js';

/** What the baseline of any series rests on: how well each day was covered, and what cells show at large. */
export interface Panorama {
  /** First day that anything covered. */
  start: Day;
  /** Coverage of each day from `start` on, 0 to 1. */
  coverage: number[];
  /** Stories of each cell (indicator and dyad) over the last 365 days; cells without any need not be listed. */
  cells: number[];
  /** Number of all cells of the codebook. */
  cellCount: number;
  /** Stories of all cells by weekday (Monday first) over the last 182 days. */
  weekdays: number[];
}

const PRIOR_DAYS = 365;
const WEEKDAY_DAYS = 182;
/** Weekdays say nothing before four weeks. */
const WEEKDAY_LEAST_DAYS = 28;
/** Below this many expected stories a z-score is a play with single stories. */
const LEAST_FOR_Z = 1;

/**
 * The pooled prior rate: what an ordinary cell shows per covered day, as a geometric mean over all cells of the codebook, at
 * least 0.02.
 */
export function pooledPrior({ coverage, cells, cellCount }: Panorama): number {
  const exposure = sum(coverage.slice(-PRIOR_DAYS));
  const logOf = (stories: number) => Math.log((stories + 0.5) / (exposure + 1));
  const empty = Math.max(0, cellCount - cells.length);
  const mean = (sum(cells.map(logOf)) + empty * logOf(0)) / Math.max(1, cellCount);
  return Math.max(0.02, Math.exp(mean));
}

/** Factor of each weekday (Monday first), mean 1: shrunk towards 1 by fifty stories. */
export function weekdayFactors({ start, coverage, weekdays }: Panorama): number[] {
  if (coverage.length < WEEKDAY_LEAST_DAYS) return Array(7).fill(1);
  const exposure = Array<number>(7).fill(0);
  const from = Math.max(0, coverage.length - WEEKDAY_DAYS);
  for (let i = from; i < coverage.length; i++) {
    const weekday = weekdayOf(addDays(start, i));
    exposure[weekday] = (exposure[weekday] ?? 0) + (coverage[i] ?? 0);
  }
  const total = sum(exposure);
  const rate = total > 0 ? sum(weekdays) / total : 0;
  const raw = exposure.map((covered, i) => (50 + (weekdays[i] ?? 0)) / (50 + rate * covered));
  const mean = sum(raw) / 7;
  return raw.map((factor) => factor / mean);
}

/**
 * Expected stories of each bucket of one series, with the 95 % range of counts and the departure of what was counted in standard
 * deviations. Null until the series has been covered for about 35 days. The mean is summed over the days that were covered up to
 * the end of the panorama, so that a running week is compared with what is usual by now.
 */
export function expectBuckets(
  panorama: Panorama,
  daily: ReadonlyMap<Day, number>,
  buckets: readonly Bucket[],
): Array<Expectation | null> {
  const { start, coverage } = panorama;
  const factors = weekdayFactors(panorama);
  const first = weekdayOf(start);
  const exposure = coverage.map((covered, i) => covered * (factors[(first + i) % 7] ?? 1));
  const stories = coverage.map((_, i) => daily.get(addDays(start, i)) ?? 0);
  const days = baselineOf(stories, exposure, pooledPrior(panorama));
  return buckets.map((bucket) => {
    const from = Math.max(0, daysBetween(start, bucket.start));
    const to = Math.min(days.length, daysBetween(start, bucket.end));
    return from < to ? expectCount(days.slice(from, to), sum(stories.slice(from, to))) : null;
  });
}

function expectCount(days: DayBaseline[], counted: number): Expectation | null {
  const first = days[0]!;
  // What was known before the bucket began decides; the guard keeps its own days out of its baseline, or nearly so in a month.
  if (first.exposure < READY_EXPOSURE) return null;
  const mean = sum(days.map((day) => day.mean));
  if (mean <= 0) return null;
  const last = days.at(-1)!;
  const size = sizeOf(mean, last);
  const deviation = Math.sqrt(last.phi * mean + mean ** 2 / last.a);
  return {
    baseline: round(mean),
    low: negativeBinomialQuantile(0.025, mean, size),
    high: negativeBinomialQuantile(0.975, mean, size),
    z: mean >= LEAST_FOR_Z ? round((counted - mean) / deviation) : null,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
