import { addDays, type Day, type Granularity, nextStart, startOf } from './calendar.js';

/** Half-open range of days that one point stands for. */
export interface Bucket {
  start: Day;
  end: Day;
  /** Not over yet at `today`: its count may still grow. */
  provisional: boolean;
}

/**
 * Buckets that tile `[from, to)`. A first or last bucket that the range cuts is cut too, so that counts belong exactly to the
 * range asked for; its `start` and `end` say so. Buckets that have not begun at `today` are left out: nothing is known of them.
 * A bucket is provisional while its last day is not over.
 */
export function bucketsOf(from: Day, to: Day, granularity: Granularity, today: Day): Bucket[] {
  const buckets: Bucket[] = [];
  for (let start = from; start < to && start <= today; ) {
    const next = nextStart(start, granularity);
    const end = next < to ? next : to;
    buckets.push({ start, end, provisional: end > today });
    start = next;
  }
  return buckets;
}

/** How many buckets a range has, without building them. */
export function bucketCount(from: Day, to: Day, granularity: Granularity): number {
  let count = 0;
  for (let start = startOf(from, granularity); start < to && count <= 100_000; count++)
    start = nextStart(start, granularity);
  return count;
}

/** The last day of a bucket, for "week to 22 Nov 2026". */
export function lastDayOf(bucket: Bucket): Day {
  return addDays(bucket.end, -1);
}
