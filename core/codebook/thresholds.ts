import type { CodebookData } from './data.js';

/** From which confidence on a label is good enough, by use. All are probabilities. */
export interface Thresholds {
  /** To be stored and counted at all. */
  series: number;
  /** The likeliest label of its members must be as sure as this, or none of them counts. */
  first: number;
  /** To raise an alert, for rules that ask for it (`scope: {confidence: alert}`). */
  alert: number;
  /** To need no person's look: labels below it wait in the review queue. */
  review: number;
}

/** Where nothing else is said, a label of which every third is wrong is worth a look. */
const REVIEW_BELOW = 0.7;

/** The thresholds of a codebook: as its settings say, else that of the fitted model for series and alerts. */
export function thresholdsOf({ settings, model }: Pick<CodebookData, 'settings' | 'model'>): Thresholds {
  const given = settings.thresholds ?? {};
  const series = given.series ?? model?.threshold ?? settings.threshold;
  return {
    series,
    first: Math.max(series, given.first ?? series),
    alert: given.alert ?? series,
    review: given.review ?? Math.max(series, REVIEW_BELOW),
  };
}
