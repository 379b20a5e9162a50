import { z } from 'zod';
import { dayOf, daysBetween } from '../trends/calendar.js';
import { commonParams, evidenceGap, LATE_DAYS, type PastAlert, quiet, type RuleKind } from './rule.js';
import { exposureDays, familiesSince, type Series, windowCount } from './series.js';

const params = z.strictObject({
  ...commonParams,
  /** Covered days without a story that must lie before it. */
  quiet_days: z.number().int().min(1).max(365).default(90),
});
type Params = z.infer<typeof params>;

/**
 * First ever, or first in N days. The days before count by their exposure (statistics.md section 3): half a panel for ten
 * days is five covered days, so an outage or a young installation never makes old news look new. The gap is measured from
 * the last story before; an episode is named by it and stays the same when late items move the first day of the new burst.
 */
export const firstSeen: RuleKind<Params> = {
  kind: 'first-seen',
  summary: 'The first report of its kind ever, or the first after `quiet_days` covered days without one.',
  params,
  // Twice the quiet time, so that it can be covered in spite of outages.
  horizonDays: ({ quiet_days }) => Math.max(400, 2 * quiet_days),
  decide(rule, series, past, now) {
    const today = dayOf(now);
    const { days } = series;
    const last = days.length - 1;
    const begin = firstOfBurst(series, rule, last);
    if (begin === null) return quiet('nothing counted in this series');
    const { at, previous } = begin;
    const day = days[at]!.day;
    const gap = exposureDays(series, previous === null ? 0 : indexOf(series, previous) + 1, at);
    if (gap < rule.quiet_days) {
      const since = previous === null ? 'no earlier one, but' : `the last one was on ${previous}:`;
      return quiet(`${since} only ${floor(gap)} covered days lie before ${day}, the rule wants ${rule.quiet_days}`);
    }
    const episode = previous === null ? 'first-ever' : `after:${previous}`;
    if (wasRaised(past, episode, day)) return quiet(`already raised for ${day}`);
    const age = daysBetween(day, today);
    if (age > LATE_DAYS) return quiet(`it happened on ${day}, ${age} days ago: too late to tell`);
    const missing = evidenceGap(series, day, rule.single_source);
    if (missing) return quiet(missing);
    const silent = previous === null ? null : daysBetween(previous, day);
    const first = silent === null ? 'first ever' : `first in ${silent} days`;
    const headline = age > 1 ? `${first}, reported late` : first;
    return {
      kind: 'raise',
      reason: `${headline}, on ${day}: ${floor(gap)} covered days without one before it`,
      raise: {
        episode,
        symbol: '★',
        headline,
        measure: rule.measure,
        value: windowCount(series, last, last - at + 1, rule.measure),
        window: { start: day, end: today },
        condition:
          silent === null
            ? `none in all ${floor(gap)} covered days before (rule: at least ${rule.quiet_days})`
            : `none in ${floor(gap)} covered days, the last on ${previous} (rule: at least ${rule.quiet_days})`,
        families: familiesSince(series, day),
      },
    };
  },
};

/** The latest day that counted something after a long enough silence: where the newest burst began; else the latest at all. */
function firstOfBurst(series: Series, rule: Params, last: number): { at: number; previous: string | null } | null {
  let newest: { at: number; previous: string | null } | null = null;
  for (let at = last; at >= 0; at--) {
    if (series.days[at]![rule.measure] === 0) continue;
    // Only the days that may still be told are searched; what lies further back is history.
    if (newest !== null && last - at > LATE_DAYS) break;
    const previous = previousCounted(series, rule, at);
    newest ??= { at, previous };
    const from = previous === null ? 0 : indexOf(series, previous) + 1;
    if (exposureDays(series, from, at) >= rule.quiet_days) return { at, previous };
  }
  return newest;
}

function previousCounted(series: Series, rule: Params, at: number): string | null {
  for (let i = at - 1; i >= 0; i--) if (series.days[i]![rule.measure] > 0) return series.days[i]!.day;
  return series.lastBefore;
}

/** -1 for a day before the horizon, so that the horizon's first day is the first of the gap. */
function indexOf(series: Series, day: string): number {
  const first = series.days[0]!.day;
  return Math.max(-1, daysBetween(first, day));
}

/** The same episode, or one that this day would only prolong: a late item may open the burst a little earlier. */
function wasRaised(past: readonly PastAlert[], episode: string, day: string): boolean {
  return past.some((alert) => alert.episode === episode || alert.day >= day);
}

/** `89.96` covered days are not yet 90. */
const floor = (days: number) => Math.floor(days + 1e-9);
