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
