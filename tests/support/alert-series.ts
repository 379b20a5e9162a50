import { layOut, type Series, type SeriesKey } from '../../core/alerts/series.js';
import { addDays, type Day } from '../../core/trends/calendar.js';

export const KEY: SeriesKey = { level: 'indicator', code: 'x.trade', dyad: 'AAA-BBB', polarity: 1 };

export interface SeriesSketch {
  /** Stories by day. */
  counts?: Record<Day, number>;
  days?: number;
  to?: Day;
  /** Days that nothing was read on; all others are fully read. */
  unread?: { from: Day; to: Day };
  /** Nothing was read before this day. */
  readSince?: Day;
  /** Share of the panel read on every read day, of 10 feeds. */
  feedsRead?: number;
  families?: Record<Day, string[]>;
  lastBefore?: Day;
}

/** A series in one line: fully read, two families on every day that counts, unless said otherwise. */
export function seriesOf(sketch: SeriesSketch): Series {
  const to = sketch.to ?? '2026-11-22';
  const from = addDays(to, 1 - (sketch.days ?? 400));
  const counts = Object.entries(sketch.counts ?? {});
  const coverage = [];
  for (let day = from; day <= to; day = addDays(day, 1)) {
    const unread = sketch.unread && day >= sketch.unread.from && day <= sketch.unread.to;
    if (unread || (sketch.readSince && day < sketch.readSince)) continue;
    coverage.push({ day, read: sketch.feedsRead ?? 10, of: 10 });
  }
  const families = Object.entries(
    sketch.families ?? Object.fromEntries(counts.map(([day]) => [day, ['north', 'south']])),
  ).flatMap(([day, names]) => names.map((family) => ({ day, family })));
  return layOut(
    KEY,
    { from, to },
    counts.map(([day, stories]) => ({ day, stories, items: stories * 2 })),
    coverage,
    { lastBefore: sketch.lastBefore ?? null, families },
  );
}
