export interface Interval {
  low: number;
  high: number;
}

/**
 * Wilson score interval of a share at 95 %: `hits` of `total` (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927, 209-212). Unlike the
 * normal interval it stays within 0 and 1 and is of use for a handful of decisions. Null without any.
 * `wilsonInterval(9, 10)` is about 0.596 to 0.982.
 */
export function wilsonInterval(hits: number, total: number): Interval | null {
  if (total === 0) return null;
  const z = 1.959964;
  const share = hits / total;
  const middle = share + (z * z) / (2 * total);
  const spread = z * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total));
  const scale = 1 + (z * z) / total;
  return { low: Math.max(0, (middle - spread) / scale), high: Math.min(1, (middle + spread) / scale) };
}
