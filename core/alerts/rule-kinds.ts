import { Failure } from '../errors.js';
import { firstSeen } from './first-seen.js';
import { level } from './level.js';
import type { AlertRule, Decision, PastAlert, RuleKind } from './rule.js';
import type { Series, SeriesLevel } from './series.js';

/** Every kind of rule: a new one is a file of its own and a line here. */
export const RULE_KINDS: Record<string, RuleKind> = Object.fromEntries(
  [firstSeen, level].map((kind) => [kind.kind, kind as unknown as RuleKind]),
);

/** A rule whose parameters were read: all a caller needs to evaluate it. */
export interface PreparedRule {
  rule: AlertRule;
  series: SeriesLevel;
  horizonDays: number;
  decide(series: Series, past: readonly PastAlert[], now: Date): Decision;
}

/** Reads a rule's parameters. Throws `Failure` `invalid-config` that names the rule and the field. */
export function prepareRule(rule: AlertRule): PreparedRule {
  const kind = Object.hasOwn(RULE_KINDS, rule.kind) ? RULE_KINDS[rule.kind] : undefined;
  if (!kind) {
    const known = Object.keys(RULE_KINDS).join(', ');
    throw new Failure('invalid-config', `rule ${rule.id}: unknown kind "${rule.kind}" (known: ${known})`);
  }
  const read = kind.params.safeParse(rule.params);
  if (!read.success) {
    const problems = read.error.issues.map((issue) => `${issue.path.join('.') || 'rule'}: ${issue.message}`);
    throw new Failure('invalid-config', `rule ${rule.id}: ${problems.join('; ')}`);
  }
  const params = read.data;
  return {
    rule,
    // Every kind spreads `commonParams`, which has it.
    series: (params as { series: SeriesLevel }).series,
    horizonDays: kind.horizonDays(params),
    decide: (series, past, now) => kind.decide(params, series, past, now),
  };
}
