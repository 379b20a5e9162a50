/** Right, wrong and missed of one item or of all. */
export type Counts = [hits: number, wrong: number, missed: number];

/** Ends of an interval that holds the true value in 95 of 100 samples; null where there is nothing to count. */
export interface Interval {
  low: number | null;
  high: number | null;
}

/** Precision, recall and F1 with how far each may be off; `low` and `high` belong to the F1. */
export interface Figure extends Interval {
  precision: number | null;
  recall: number | null;
  f1: number | null;
  precision_interval: Interval;
  recall_interval: Interval;
  gold: number;
  given: number;
}

/** A share of things that were counted one by one. */
export interface Share extends Interval {
  share: number | null;
}

const RESAMPLES = 400;
/** Any fixed number does: equal items give equal intervals. */
const SEED = 20260101;

export const ratio = (a: number, b: number) => (b > 0 ? a / b : null);
const f1Of = ([hits, wrong, missed]: Counts) => ratio(2 * hits, 2 * hits + wrong + missed);
const precisionOf = ([hits, wrong]: Counts) => ratio(hits, hits + wrong);
const recallOf = ([hits, , missed]: Counts) => ratio(hits, hits + missed);

/**
 * Figures of counts per item. The intervals are percentiles of a bootstrap over items (400 resamples, fixed seed), since labels of
 * one item stand and fall together.
 */
export function figureOf(counts: readonly Counts[]): Figure {
  const total: Counts = [0, 0, 0];
  for (const c of counts) for (let k = 0; k < 3; k++) total[k]! += c[k]!;
  const samples = resample(counts);
  const { low, high } = intervalOf(samples.map(f1Of));
  return {
    precision: precisionOf(total),
    recall: recallOf(total),
    f1: f1Of(total),
    low,
    high,
    precision_interval: intervalOf(samples.map(precisionOf)),
    recall_interval: intervalOf(samples.map(recallOf)),
    gold: total[0] + total[2],
    given: total[0] + total[1],
  };
}

/** Share of `part` in `whole` over groups of things that stand and fall together, with its bootstrap interval. */
export function shareOf(groups: ReadonlyArray<{ part: number; whole: number }>): Share {
  const counts = groups.map(({ part, whole }): Counts => [part, whole - part, 0]);
  const { precision, precision_interval } = figureOf(counts);
  return { share: precision, ...precision_interval };
}

function resample(counts: readonly Counts[]): Counts[] {
  const random = seeded(SEED);
  return Array.from({ length: RESAMPLES }, () => {
    const sample: Counts = [0, 0, 0];
    for (let i = 0; i < counts.length; i++) {
      const at = counts[Math.floor(random() * counts.length)]!;
      for (let k = 0; k < 3; k++) sample[k]! += at[k]!;
    }
    return sample;
  });
}

function intervalOf(values: ReadonlyArray<number | null>): Interval {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  const at = (q: number) => sorted[Math.round(q * (sorted.length - 1))] ?? null;
  return { low: at(0.025), high: at(0.975) };
}

/** mulberry32: a small generator that gives equal numbers for equal seeds. */
export function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
