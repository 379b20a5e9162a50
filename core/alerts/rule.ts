import { z } from 'zod';
import type { Day } from '../trends/calendar.js';
import { familiesSince, type Measure, SERIES_LEVELS, type Series } from './series.js';

export const SEVERITIES = ['low', 'medium', 'high'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Which series a rule looks at; an absent field means any. */
export interface RuleScope {
  dyad?: string[];
  domain?: string[];
  indicator?: string[];
  polarity?: 1 | -1;
  /** Only observations with one of these statuses count. */
  status?: string[];
  /** Only observations from outlets of one of these blocs count. */
  bloc?: string[];
  /** Only observations at least this sure count. `alert`, the codebook's threshold, is a number by the time a rule runs. */
  confidence?: number | 'alert';
}

/** A rule as configured: `params` are still to be read by its kind. */
export interface AlertRule {
  id: string;
  kind: string;
  scope: RuleScope;
  severity: Severity;
  params: Record<string, unknown>;
}

/** What every kind understands besides its own parameters. */
export const commonParams = {
  /** One alert per indicator of a dyad, per domain of a dyad, per dyad, or for everything. */
  series: z.enum(SERIES_LEVELS).default('indicator'),
  measure: z.enum(['stories', 'items']).default('stories'),
  /** Raise on the word of one publisher family; the message then says so. Otherwise two must report it. */
  single_source: z.boolean().default(false),
};

/** An alert that this rule has raised before for the same series, newest last. */
export interface PastAlert {
  episode: string;
  day: Day;
}

/** What a rule found, in numbers and in words ready to show. */
export interface Raise {
  /** Equal for every firing of the same episode, so that a replay finds its alert already there. */
  episode: string;
  /** Sign before the title, e.g. `▲` for more than usual, `★` for something new. */
  symbol: string;
  /** Short name of what happened, e.g. `first in 97 days`. */
  headline: string;
  measure: Measure;
  value: number;
  /** Days counted, both included. */
  window: { start: Day; end: Day };
  /** The condition that was met, e.g. `>= 5 stories in 7 days`. */
  condition: string;
  /** Publisher families behind it. */
  families: string[];
}

/** Every decision says why, also the quiet ones: they are what an operator asks about. */
export type Decision = { kind: 'raise'; raise: Raise; reason: string } | { kind: 'quiet'; reason: string };

/**
 * One kind of rule. A new kind is one file that exports one of these and one line in `rule-kinds.ts`; everything downstream
 * (series, facts, messages, channels) works from `Raise`.
 */
export interface RuleKind<P = unknown> {
  kind: string;
  /** One sentence for the documentation and `config schema`. */
  summary: string;
  params: z.ZodType<P>;
  /** Days of history that a decision needs, today included. */
  horizonDays(params: P): number;
  /** Pure: the same series, past and clock always decide the same. */
  decide(params: P, series: Series, past: readonly PastAlert[], now: Date): Decision;
}

/** Older than this is history that arrived late: it is logged, not sent (statistics.md section 3). */
export const LATE_DAYS = 7;

/** The two-families floor: what is missing in words, or null when the evidence suffices. */
export function evidenceGap(series: Series, since: Day, singleSource: boolean): string | null {
  const families = familiesSince(series, since);
  if (families.length === 0) return 'every report of it is a denial';
  if (families.length === 1 && !singleSource)
    return `only ${families[0]} reports it; the rule wants two publisher families`;
  return null;
}

export const quiet = (reason: string): Decision => ({ kind: 'quiet', reason });
