const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/**
 * A count per character, scaled to the largest: `[0, 1, 2]` is `▁▅█`. A gap (null) is `·`, never the zero bar; a line of
 * zeros stays at the bottom.
 */
export function sparkline(values: ReadonlyArray<number | null>): string {
  const most = Math.max(0, ...values.map((value) => value ?? 0));
  return values
    .map((value) => {
      if (value === null) return '·';
      if (most === 0 || value === 0) return BARS[0];
      // A count above zero is never drawn as zero.
      return BARS[Math.max(1, Math.round((value / most) * (BARS.length - 1)))];
    })
    .join('');
}

/**
 * Sums neighbours until at most `most` values are left; a sum is a gap only when all of it is. `[1, null, 2, 3, null, null]` to
 * three is `[1, 5, null]`.
 */
export function foldValues(values: ReadonlyArray<number | null>, most: number): Array<number | null> {
  const size = Math.max(1, Math.ceil(values.length / most));
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => {
    const known = values.slice(i * size, (i + 1) * size).filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
  });
}
