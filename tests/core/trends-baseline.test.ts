import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { baselineOf } from '../../core/trends/baseline.js';
import { lnGamma, negativeBinomialQuantile, negativeBinomialTail } from '../../core/trends/distributions.js';
import { type Panorama, pooledPrior, weekdayFactors } from '../../core/trends/expectation.js';

/** Vectors made elsewhere (R 4.2.2, SciPy): see the README beside them. */
const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../shared/reference/${name}`, import.meta.url), 'utf8'));

interface SurveillanceSeries {
  id: string;
  y: number[];
  e: number[];
  w: number[];
  lam0: number;
  recommended: { lam: number[]; phi: number[]; a: number[]; B: number[]; firstReady: number | null };
}

describe('the baseline equals the reference vectors', () => {
  const { series } = read('surveillance-vectors.json') as { series: SurveillanceSeries[] };
  test.each(series.map((one) => [one.id, one] as const))('%s', (_, { y, e, w, lam0, recommended }) => {
    const days = baselineOf(
      y,
      e.map((one, t) => one * w[t % 7]!),
      lam0,
    );
    for (const [column, name] of [
      ['lam', 'lambda'],
      ['phi', 'phi'],
      ['a', 'a'],
      ['B', 'exposure'],
    ] as const) {
      const worst = Math.max(
        ...days.map(
          (day, t) => Math.abs(day[name] - recommended[column][t]!) / Math.max(1e-9, Math.abs(recommended[column][t]!)),
        ),
      );
      expect([column, worst]).toEqual([column, expect.closeTo(0, 7)]);
    }
    const ready = days.findIndex((day) => day.exposure >= 21);
    expect(ready === -1 ? null : ready).toBe(recommended.firstReady);
  });

  it('are forty', () => expect(series).toHaveLength(40));
});

describe('distributions', () => {
  const vectors = read('distribution-vectors.json') as {
    negativeBinomial: Array<{ mu: number; k: number; y: number; upperTail: number }>;
    negativeBinomialQuantile: Array<{ mu: number; k: number; p: number; q: number }>;
  };

  it('the upper tail agrees with R to 1e-8, however small it is', () => {
    const wrong = vectors.negativeBinomial.filter(({ mu, k, y, upperTail }) => {
      const tail = negativeBinomialTail(y, mu, k);
      return !(Math.abs(tail - upperTail) <= 1e-8 * upperTail || (upperTail < 1e-290 && tail < 1e-280));
    });
    expect(wrong).toEqual([]);
    expect(vectors.negativeBinomial.length).toBeGreaterThan(100);
  });

  it('quantiles are those of R', () => {
    const wrong = vectors.negativeBinomialQuantile.filter(
      ({ mu, k, p, q }) => negativeBinomialQuantile(p, mu, k) !== q,
    );
    expect(wrong).toEqual([]);
  });

  it('the tail falls with the count, rises with the mean, and is 1 at none', () => {
    const positive = fc.double({ min: 0.01, max: 200, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), positive, positive, positive, (count, mean, more, size) => {
        expect(negativeBinomialTail(0, mean, size)).toBe(1);
        expect(negativeBinomialTail(count + 1, mean, size)).toBeLessThanOrEqual(
          negativeBinomialTail(count, mean, size),
        );
        expect(negativeBinomialTail(count, mean + more, size)).toBeGreaterThanOrEqual(
          negativeBinomialTail(count, mean, size) * (1 - 1e-9),
        );
      }),
    );
  });

  test.each([
    [1, 0],
    [5, Math.log(24)],
    [0.5, Math.log(Math.sqrt(Math.PI))],
  ])('ln gamma of %d is %d', (x, value) => {
    expect(lnGamma(x)).toBeCloseTo(value, 12);
  });
});

describe('properties of the baseline', () => {
  const series = fc.array(fc.record({ y: fc.integer({ min: 0, max: 9 }), e: fc.constantFrom(0, 0.5, 1) }), {
    minLength: 1,
    maxLength: 120,
  });

  it('what comes later changes nothing before', () => {
    fc.assert(
      fc.property(series, fc.nat(119), (days, cut) => {
        const take = (list: typeof days) =>
          baselineOf(
            list.map((day) => day.y),
            list.map((day) => day.e),
            0.1,
          );
        expect(take(days).slice(0, cut)).toEqual(take(days.slice(0, cut)));
      }),
    );
  });

  it('a missing day teaches nothing, whatever was counted on it', () => {
    fc.assert(
      fc.property(series, (days) => {
        const exposure = days.map((day) => day.e);
        const zeroed = days.map((day) => (day.e === 0 ? 0 : day.y));
        expect(
          baselineOf(
            days.map((day) => day.y),
            exposure,
            0.1,
          ),
        ).toEqual(baselineOf(zeroed, exposure, 0.1));
      }),
    );
  });
});

describe('what baselines rest on', () => {
  const panorama: Panorama = {
    start: '2026-01-05',
    coverage: Array<number>(70).fill(1),
    cells: [35],
    cellCount: 4,
    weekdays: [10, 10, 10, 10, 10, 0, 0],
  };

  it('the prior is a geometric mean over all cells, those without a story too, and at least 0.02', () => {
    // (35.5 / 71) and three times (0.5 / 71), the fourth root: (0.5 * 0.0070423^3)^(1/4) = 0.02044
    expect(pooledPrior(panorama)).toBeCloseTo(0.02044, 5);
    expect(pooledPrior({ ...panorama, cells: [] })).toBe(0.02);
    expect(pooledPrior({ ...panorama, coverage: [], cells: [] })).toBeCloseTo(0.5, 12);
  });

  it('weekday factors have mean 1, and are 1 before four weeks', () => {
    // r = 50 / 70; a Monday: (50 + 10) / (50 + 10 r) = 1.05; a Saturday: 50 / (50 + 10 r) = 0.875; mean 1.
    const factors = weekdayFactors(panorama);
    for (const [i, expected] of [1.05, 1.05, 1.05, 1.05, 1.05, 0.875, 0.875].entries())
      expect(factors[i]).toBeCloseTo(expected, 12);
    expect(weekdayFactors({ ...panorama, coverage: Array<number>(27).fill(1) })).toEqual([1, 1, 1, 1, 1, 1, 1]);
    // A weekday that was covered less must not look quieter for it.
    const halved = panorama.coverage.map((one, i) => (i % 7 === 0 ? one / 2 : one));
    expect(weekdayFactors({ ...panorama, coverage: halved })[0]).toBeGreaterThan(factors[0]!);
  });
});
