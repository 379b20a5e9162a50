import { negativeBinomialTail } from './distributions.js';

/** What a series is expected to show on one day, known ten days before it. */
export interface DayBaseline {
  /** Expected stories per unit of exposure. */
  lambda: number;
  /** Overdispersion: variance of a count of mean M is φM + M²/a. */
  phi: number;
  a: number;
  /** Exposure absorbed so far, decayed. Ready from 21 on: about 35 days of full coverage. */
  exposure: number;
  /** Expected stories of the day: lambda times its effective exposure. */
  mean: number;
}

const HALF_LIFE_DAYS = 56;
const GUARD_DAYS = 10;
const A0 = 0.5;
const PHI0 = 1.3;
const KAPPA = 10;
const Q_LIMIT = 0.01;
export const READY_EXPOSURE = 21;

/**
 * The baseline of one series in one pass: a discounted gamma-Poisson mean with overdispersion. `stories[t]` are counts of
 * day t, `exposure[t]` its effective exposure (coverage times weekday factor; 0 is a missing day, whose count is ignored),
 * `prior` the pooled prior rate. Day t is predicted from days up to t - 11 only, so that an outbreak does not raise its own
 * baseline, and unlikely counts are cut for the same reason.
 *
 * With decay d = 2^(-1/56): A = Σ d^k y*, B = Σ d^k x over the days absorbed, a = 1/2 + A, λ = a / (a0/λ0 + B),
 * φ = (10 · 1.3 + Σ d^k (y* - m)²) / (10 + Σ d^k m), m = λ x; a count of mean M is negative binomial with variance φM + M²/a.
 * Checked against reference vectors made in R, SciPy and JavaScript.
 */
export function baselineOf(stories: readonly number[], exposure: readonly number[], prior: number): DayBaseline[] {
  const decay = 2 ** (-1 / HALF_LIFE_DAYS);
  const days: DayBaseline[] = [];
  const absorbed: number[] = [];
  let [sumStories, sumExposure, sumSquares, sumMeans] = [0, 0, 0, 0];
  for (let t = 0; t < stories.length; t++) {
    const j = t - GUARD_DAYS - 1;
    if (j >= 0) {
      sumStories *= decay;
      sumExposure *= decay;
      sumSquares *= decay;
      sumMeans *= decay;
      if (exposure[j]! > 0) {
        sumStories += absorbed[j]!;
        sumExposure += exposure[j]!;
        sumSquares += (absorbed[j]! - days[j]!.mean) ** 2;
        sumMeans += days[j]!.mean;
      }
    }
    const a = A0 + sumStories;
    const lambda = a / (A0 / prior + sumExposure);
    const phi = Math.max(1.0001, (KAPPA * PHI0 + sumSquares) / (KAPPA + sumMeans));
    const day = { lambda, phi, a, exposure: sumExposure, mean: lambda * exposure[t]! };
    days.push(day);
    absorbed.push(exposure[t]! > 0 ? cutOutbreak(stories[t]!, day) : 0);
  }
  return days;
}

/** Size of the negative binomial for a mean: `tail(Y, M)` has variance φM + M²/a. */
export function sizeOf(mean: number, { phi, a }: Pick<DayBaseline, 'phi' | 'a'>): number {
  return mean / (phi - 1 + mean / a);
}

/** The count, or the largest one that is not yet unlikely: what a day may teach the baseline. */
function cutOutbreak(count: number, day: DayBaseline): number {
  const size = sizeOf(day.mean, day);
  const tail = (y: number) => negativeBinomialTail(y, day.mean, size);
  if (tail(count) >= Q_LIMIT) return count;
  let usual = 0;
  while (tail(usual + 1) > Q_LIMIT) usual += 1;
  return Math.min(count, Math.max(1, usual));
}
