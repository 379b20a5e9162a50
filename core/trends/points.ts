import type { Bucket } from './buckets.js';
import { addDays, type Day, daysOf, startOf } from './calendar.js';
import type { SeriesKey, TrendQuery } from './query.js';

/** One point as the API gives it. Everything counted is null where nothing was covered: a gap is not a zero. */
export interface Point {
  start: Day;
  end: Day;
  items: number | null;
  stories: number | null;
  families: number | null;
  blocs: number | null;
  total_stories: number | null;
  share: number | null;
  coverage: number;
  baseline: number | null;
  low: number | null;
  high: number | null;
  z: number | null;
  provisional: boolean;
}

export interface Series extends SeriesKey {
  points: Point[];
  /** Points of the range compared with, in the same order; only when a comparison was asked for. */
  compare?: Point[];
}

/** Counts of one series in one bucket, keyed by the first day of the whole bucket. */
export interface Count extends SeriesKey {
  bucket: Day;
  items: number;
  stories: number;
  families: number;
  blocs: number;
}

export interface SeriesFacts {
  counts: Count[];
  totals: Array<{ bucket: Day; stories: number }>;
  covered: Array<{ day: Day; feeds: number }>;
  /** Feeds configured now: the whole of which coverage is a share. */
  feeds: number;
}

/** Expected stories of one bucket and how far the count is from it; null where the series is not ready to say. */
export interface Expectation {
  baseline: number;
  low: number;
  high: number;
  /** Null where too few stories are expected for one. */
  z: number | null;
}

/** What is expected of a series, bucket by bucket. */
export type Expect = (key: SeriesKey) => ReadonlyArray<Expectation | null>;

/** Joins what was counted with what was covered: one point per bucket for every key, in the order given. */
export function buildSeries(
  query: Pick<TrendQuery, 'groupBy' | 'granularity' | 'today'>,
  keys: SeriesKey[],
  buckets: Bucket[],
  facts: SeriesFacts,
  expect: Expect = () => [],
): Series[] {
  const coverage = bucketCoverage(buckets, query.today, facts);
  const totals = new Map(facts.totals.map((total) => [total.bucket, total.stories]));
  const counts = new Map(facts.counts.map((count) => [cellKey(query, count, count.bucket), count]));
  const pointsOf = (key: SeriesKey): Point[] => {
    const expected = expect(key);
    return buckets.map((bucket, i) => {
      const { start, end, provisional } = bucket;
      const covered = coverage[i] ?? 0;
      if (covered === 0) return { start, end, ...GAP, coverage: 0, provisional };
      const whole = startOf(start, query.granularity);
      const count = counts.get(cellKey(query, key, whole));
      const total = totals.get(whole) ?? 0;
      const stories = count?.stories ?? 0;
      return {
        start,
        end,
        items: count?.items ?? 0,
        stories,
        families: count?.families ?? 0,
        blocs: count?.blocs ?? 0,
        total_stories: total,
        share: total === 0 ? null : round(stories / total, 4),
        coverage: covered,
        ...(expected[i] ?? UNKNOWN),
        provisional,
      };
    });
  };
  return keys.map((key) => ({ ...key, points: pointsOf(key) }));
}

const UNKNOWN = { baseline: null, low: null, high: null, z: null };
const GAP = { items: null, stories: null, families: null, blocs: null, total_stories: null, share: null, ...UNKNOWN };

/**
 * Mean over the days of each bucket, up to today, of the share of configured feeds that covered the day: 0 to 1, four digits.
 * Two days at 1 and five at 0 are 0.2857.
 */
export function bucketCoverage(
  buckets: Bucket[],
  today: Day,
  { covered, feeds }: Pick<SeriesFacts, 'covered' | 'feeds'>,
): number[] {
  const byDay = new Map(covered.map(({ day, feeds: count }) => [day, count]));
  return buckets.map(({ start, end }) => {
    const days = daysOf(start, end <= today ? end : addDays(today, 1));
    if (feeds === 0 || days.length === 0) return 0;
    const sum = days.reduce((total, day) => total + Math.min(1, (byDay.get(day) ?? 0) / feeds), 0);
    // A little coverage must not round down to none, which would be a gap.
    return sum === 0 ? 0 : Math.max(0.0001, round(sum / days.length, 4));
  });
}

/** The key under which counts of a series and a day meet: only what the grouping tells apart. */
export function cellKey({ groupBy }: Pick<TrendQuery, 'groupBy'>, key: SeriesKey, bucket: Day | ''): string {
  const byIndicator = groupBy.includes('indicator');
  return [
    groupBy.includes('dyad') && key.dyad,
    !byIndicator && groupBy.includes('domain') && key.domain,
    byIndicator && key.indicator,
    bucket,
  ].join('|');
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
