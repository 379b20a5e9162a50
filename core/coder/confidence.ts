import type { CoderSettings } from '../codebook/data.js';

/**
 * Joins scores of several patterns that found the same label, given from the highest to the lowest: the best one, raised a
 * little by each further pattern.
 */
export function joinScores(found: ReadonlyArray<{ score: number }>): number {
  let miss = 1 - (found[0]?.score ?? 0);
  // Patterns of one label rest on the same words, so a second one is worth far less than independent evidence.
  for (let i = 1; i < Math.min(found.length, 4); i++) miss *= 1 - 0.35 * found[i]!.score;
  return 1 - miss;
}

/** Logistic calibration fitted on the development items: the probability that a careful human would give the label. */
export function calibrate(score: number, { intercept, slope }: CoderSettings['calibration']): number {
  const clipped = Math.min(0.995, Math.max(0.005, score));
  const value = intercept + slope * Math.log(clipped / (1 - clipped));
  return Math.round(1000 / (1 + Math.exp(-value))) / 1000;
}
