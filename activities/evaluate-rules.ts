import { describeAlert } from '../core/alerts/facts.js';
import { matchRoutes, routableOf } from '../core/alerts/routing.js';
import type { PreparedRule } from '../core/alerts/rule-kinds.js';
import type { CoverageDay, SeriesKey } from '../core/alerts/series.js';
import { watchedSeries } from '../core/alerts/watched-series.js';
import { addDays, dayOf } from '../core/trends/calendar.js';
import type { EvaluationBatch, NewAlert } from '../db/alerts.js';
import type { AlertDeps } from './deps.js';

export interface EvaluationResult {
  /** Cells that were evaluated. */
  cells: number;
  raised: number;
  /** Deliveries that wait in the outbox now, also older ones. */
  deliveries: number;
}

/** Cells per transaction: a poll that marks one of them waits for it. */
const BATCH_CELLS = 40;
/** An evaluation ends some day even if feeds mark cells faster than rules are evaluated. */
const MAX_BATCHES = 1000;
/** Windows are at most 31 days wide. */
const FAMILY_DAYS = 35;

type Deps = Omit<AlertDeps, 'channels' | 'deliveryStore' | 'pause'>;

/** Evaluates the rules of every series that moved since the last time, and puts what they raise into the outbox. */
export async function evaluateRules(deps: Deps): Promise<EvaluationResult> {
  const result = { cells: 0, raised: 0 };
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    if (!(await deps.alertStore.hasDirtyCells())) break;
    // One moment for a whole batch: in the demo an hour of the world goes by between two statements.
    const moment = await readMoment(deps);
    const done = await deps.alertStore.evaluate(BATCH_CELLS, (cells) => evaluateBatch(deps, cells, moment));
    if (done === null) break;
    result.cells += done.cells;
    result.raised += done.raised.length;
    // Logged after the commit: an alert that is in the log is in the table.
    for (const { id, facts } of done.raised)
      deps.log.info({ alertId: id, ruleId: facts.rule.id, reason: facts.rule.reason }, `alert: ${facts.series.title}`);
  }
  return { ...result, deliveries: await deps.alertStore.countPending() };
}

interface Moment {
  now: Date;
  /** For the longest horizon of all rules; each lays its own part of it under its series. */
  coverage: readonly CoverageDay[];
}

async function readMoment({ rules, clock, wallClock, alertStore }: Deps): Promise<Moment> {
  const now = clock.now();
  if (rules.length === 0) return { now, coverage: [] };
  const today = dayOf(now);
  const horizonDays = Math.max(...rules.map((rule) => rule.horizonDays));
  return { now, coverage: await alertStore.loadCoverage(addDays(today, 1 - horizonDays), today, wallClock.now()) };
}

async function evaluateBatch(
  deps: Deps,
  batch: EvaluationBatch,
  moment: Moment,
): Promise<{ cells: number; raised: NewAlert[] }> {
  const found: NewAlert[] = [];
  for (const rule of deps.rules)
    for (const key of seriesToCheck(deps, rule, batch)) {
      const alert = await checkSeries(deps, rule, key, batch, moment);
      if (alert) found.push(alert);
    }
  const saved = new Set(await batch.saveAlerts(found, deps.wallClock.now()));
  return { cells: batch.cells.length, raised: found.filter(({ id }) => saved.has(id)) };
}

function seriesToCheck({ codebook }: Deps, { rule, series }: PreparedRule, { cells }: EvaluationBatch): SeriesKey[] {
  const keys = new Map<string, SeriesKey>();
  for (const cell of cells) {
    const key = watchedSeries(rule.scope, series, cell, codebook);
    if (key) keys.set(`${key.code} ${key.dyad} ${key.polarity}`, key);
  }
  return [...keys.values()];
}

async function checkSeries(
  deps: Deps,
  prepared: PreparedRule,
  key: SeriesKey,
  batch: EvaluationBatch,
  { now, coverage }: Moment,
): Promise<NewAlert | null> {
  const { rule } = prepared;
  const to = dayOf(now);
  const range = { from: addDays(to, 1 - prepared.horizonDays), to, familiesFrom: addDays(to, -FAMILY_DAYS) };
  const series = await batch.loadSeries(key, rule.scope, range, coverage);
  const decision = prepared.decide(series, await batch.listPast(rule.id, key), now);
  if (decision.kind === 'quiet') {
    deps.log.debug({ ruleId: rule.id, ...key, reason: decision.reason }, 'rule is quiet');
    return null;
  }
  const { raise, reason } = decision;
  const evidence = await batch.findEvidence(key, rule.scope, raise.window);
  const facts = describeAlert(rule, reason, raise, series, evidence, deps.codebook, now);
  const { channels } = matchRoutes(deps.routes, routableOf(facts));
  return {
    id: deps.newId(deps.wallClock.now()),
    ruleId: rule.id,
    kind: rule.kind,
    key,
    episode: raise.episode,
    severity: rule.severity,
    day: raise.window.end,
    raisedAt: now,
    facts,
    deliveries: channels.map((channelId) => ({ id: deps.newId(deps.wallClock.now()), channelId })),
  };
}
