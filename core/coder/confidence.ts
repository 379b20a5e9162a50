import type { CoderSettings } from '../codebook/data.js';

/** Joins scores of several patterns that found the same label: the best one, raised a little by each further pattern. */
export function joinScores(scores: readonly number[]): number {
  const sorted = [...scores].sort((a, b) => b - a);
  let miss = 1 - (sorted[0] ?? 0);
  // Patterns of one label rest on the same words, so a second one is worth far less than independent evidence.
  for (const score of sorted.slice(1, 4)) miss *= 1 - 0.35 * score;
  return 1 - miss;
}

/** Logistic calibration fitted on the development items: the probability that a careful human would give the label. */
export function calibrate(score: number, { intercept, slope }: CoderSettings['calibration']): number {
  const clipped = Math.min(0.995, Math.max(0.005, score));
  const value = intercept + slope * Math.log(clipped / (1 - clipped));
  return Math.round(1000 / (1 + Math.exp(-value))) / 1000;
}
