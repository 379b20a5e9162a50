/** Lanczos coefficients for g = 607/128 with 15 terms (Godfrey 2001): relative error below 1e-14 for x > 0. */
const LANCZOS = [
  57.15623566586292, -59.59796035547549, 14.136097974741746, -0.4919138160976202, 3.399464998481189e-5,
  4.652362892704858e-5, -9.837447530487956e-5, 0.0001580887032249125, -0.00021026444172410488, 0.00021743961811521265,
  -0.0001643181065367639, 8.441822398385275e-5, -2.6190838401581408e-5, 3.6899182659531625e-6,
];

/** ln Γ(x) for x > 0. `lnGamma(5)` is ln 24. */
export function lnGamma(x: number): number {
  const t = x + 607 / 128 + 0.5;
  const sum = LANCZOS.reduce((total, c, i) => total + c / (x + i + 1), 0.9999999999999971);
  return (x + 0.5) * Math.log(t) - t + Math.log((2.5066282746310007 * sum) / x);
}

/**
 * Regularised incomplete beta function I_x(a, b), by the continued fraction of Lentz on the side where it converges fast
 * (Numerical Recipes, section 6.4).
 */
export function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b;
}

/** More terms than the largest count of a day needs; it converges in O(sqrt(max(a, b))). */
const MOST_TERMS = 10_000;
const TINY = 1e-300;

function fraction(x: number, a: number, b: number): number {
  const guard = (value: number) => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= MOST_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    const step = d * c;
    result *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return result;
}

/**
 * P(N >= count) for a negative binomial N of the given mean and size (variance mean + mean²/size): I_{M/(M+k)}(Y, k), computed
 * as it stands, never as 1 - cdf, so that small tails keep their digits. 1 when `count` is 0.
 */
export function negativeBinomialTail(count: number, mean: number, size: number): number {
  if (count <= 0) return 1;
  if (mean <= 0) return 0;
  return regularisedBeta(mean / (mean + size), count, size);
}

/** Smallest count u with P(N <= u) >= probability. */
export function negativeBinomialQuantile(probability: number, mean: number, size: number): number {
  const reaches = (u: number) => 1 - negativeBinomialTail(u + 1, mean, size) >= probability;
  let high = Math.max(1, Math.ceil(mean));
  while (!reaches(high)) high *= 2;
  let low = -1;
  // Invariant: `low` does not reach, `high` does.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (reaches(middle)) high = middle;
    else low = middle;
  }
  return high;
}
