import { z } from 'zod';
import { addDays, type Day } from '../trends/calendar.js';
import { commonParams, evidenceGap, quiet, type RuleKind } from './rule.js';
import { familiesSince, type Series, windowCount } from './series.js';

const params = z
  .strictObject({
    ...commonParams,
    window_days: z.number().int().min(1).max(31).default(7),
    threshold: z.number().int().min(1).max(100_000),
    /** The episode ends when a window holds fewer than this; default: half of the threshold. */
    clear_below: z.number().int().min(1).optional(),
  })
  .refine((p) => p.clear_below === undefined || p.clear_below <= p.threshold, {
    path: ['clear_below'],
    message: 'must not be above threshold: the alert would end before it began',
  });
type Params = z.infer<typeof params>;

/** How far back an episode may have begun; a longer one is still one episode. */
const EPISODE_DAYS = 370;

/**
 * A count in a sliding window at or above a threshold, with a lower one that ends the episode (hysteresis), so that a count
 * that dances around the threshold alerts once. Uncovered days hold the state: an outage neither raises nor ends anything.
 */
export const level: RuleKind<Params> = {
  kind: 'level',
  summary: 'At least `threshold` stories within `window_days`; over when fewer than `clear_below` are left.',
  params,
  horizonDays: ({ window_days }) => EPISODE_DAYS + 9 * window_days,
  decide(rule, series, past) {
    const last = series.days.length - 1;
    const clearBelow = rule.clear_below ?? Math.ceil(rule.threshold / 2);
    const value = windowCount(series, last, rule.window_days, rule.measure);
    const words = `${value} ${rule.measure} in ${rule.window_days} days`;
    if (series.days[last]!.exposure === 0) return quiet('nothing was read today: no decision without coverage');
    if (value < rule.threshold) return quiet(`${words}, the rule wants ${rule.threshold}`);
    const { cleared, begin } = findEpisode(series, rule, clearBelow, last);
    // Compared with the day it was last clear, not with its first day: late or superseded items may move that one.
    const open = past.findLast((alert) => cleared === null || alert.day > cleared);
    if (open) return quiet(`${words}: still above since the alert of ${open.day}, not yet below ${clearBelow}`);
    const start = addDays(series.days[last]!.day, 1 - rule.window_days);
    const missing = evidenceGap(series, start, rule.single_source);
    if (missing) return quiet(missing);
    const condition = `at least ${rule.threshold} ${rule.measure} in ${rule.window_days} days`;
    return {
      kind: 'raise',
      reason: `${words}: ${condition}`,
      raise: {
        episode: `from:${begin}`,
        symbol: '▲',
        headline: `${rule.threshold} or more in ${rule.window_days} days`,
        measure: rule.measure,
        value,
        window: { start, end: series.days[last]!.day },
        condition,
        families: familiesSince(series, start),
      },
    };
  },
};

/** The episode that holds `last`: the newest covered day whose window was below `clearBelow`, and the first at the threshold after it. */
function findEpisode(
  series: Series,
  rule: Params,
  clearBelow: number,
  last: number,
): { cleared: Day | null; begin: Day } {
  let begin = last;
  for (let end = last; end >= 0; end--) {
    const { day, exposure } = series.days[end]!;
    const count = windowCount(series, end, rule.window_days, rule.measure);
    if (exposure > 0 && count < clearBelow) return { cleared: day, begin: series.days[begin]!.day };
    if (count >= rule.threshold) begin = end;
  }
  return { cleared: null, begin: series.days[begin]!.day };
}
