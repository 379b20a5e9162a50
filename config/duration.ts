const UNITS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** Seconds of a duration as written in the configuration (`15m`, `2h`, `1d`, `2w`), or null when it is none. */
export function parseDuration(text: string): number | null {
  const parts = /^(\d{1,6})([smhdw])$/.exec(text);
  return parts ? Number(parts[1]) * UNITS[parts[2] as keyof typeof UNITS] : null;
}

/** The shortest spelling of a number of seconds: `formatDuration(7200)` is `2h`. */
export function formatDuration(seconds: number): string {
  for (const unit of ['d', 'h', 'm'] as const)
    if (seconds > 0 && seconds % UNITS[unit] === 0) return `${seconds / UNITS[unit]}${unit}`;
  return `${seconds}s`;
}
