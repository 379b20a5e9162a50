import type { AlertFacts, Evidence } from '../core/alerts/facts.js';
import type { PastAlert, RuleScope } from '../core/alerts/rule.js';
import { type CoverageDay, layOut, type Series, type SeriesKey } from '../core/alerts/series.js';
import type { DirtyCell } from '../core/alerts/watched-series.js';
import type { Day } from '../core/trends/calendar.js';
import { findEvidence } from './alert-evidence.js';
import { countsByDay, familiesByDay, lastDayBefore } from './alert-series.js';
import type { Sql } from './client.js';
import { coverageCtes } from './coverage.js';

/** An alert to be stored with the channels it goes to. */
export interface NewAlert {
  id: string;
  ruleId: string;
  kind: string;
  key: SeriesKey;
  episode: string;
  severity: string;
  day: Day;
  raisedAt: Date;
  facts: AlertFacts;
  deliveries: Array<{ id: string; channelId: string }>;
}

/** One evaluation: everything it reads and writes is one transaction. */
export interface EvaluationBatch {
  /** Distinct cells that moved. */
  cells: DirtyCell[];
  /** The series of a rule over `[from, to]`, with publisher families from `familiesFrom` on. */
  loadSeries(
    key: SeriesKey,
    scope: RuleScope,
    range: { from: Day; to: Day; familiesFrom: Day },
    coverage: readonly CoverageDay[],
  ): Promise<Series>;
  /** What this rule raised for this series before, oldest first, the newest 50. */
  listPast(ruleId: string, key: SeriesKey): Promise<PastAlert[]>;
  findEvidence(key: SeriesKey, scope: RuleScope, window: { start: Day; end: Day }): Promise<Evidence>;
  /** Stores alerts with their deliveries; one that is there already stays as it is. Returns the ids of the new ones. */
  saveAlerts(alerts: readonly NewAlert[], deliverAt: Date): Promise<string[]>;
}

export interface AlertStore {
  /**
   * Takes up to `limit` dirty cells, lets `work` evaluate them and deletes them, in one transaction: after a crash they are
   * still dirty. Two at once are harmless, the second one waits and finds other cells. Returns null when nothing is dirty.
   */
  evaluate<T>(limit: number, work: (batch: EvaluationBatch) => Promise<T>): Promise<T | null>;
  hasDirtyCells(): Promise<boolean>;
  /**
   * How much of the panel was read on each day of `[from, to]`. Takes seconds at thousands of feeds and hardly changes, so it
   * is kept for some minutes (by `now`), and not asked for while cells are locked.
   */
  loadCoverage(from: Day, to: Day, now: Date): Promise<readonly CoverageDay[]>;
  /** Deliveries that wait in the outbox. */
  countPending(): Promise<number>;
}

const KEEP_COVERAGE_MS = 10 * 60_000;

export function openAlertStore(sql: Sql): AlertStore {
  let kept: { from: Day; to: Day; until: number; days: CoverageDay[] } | null = null;
  return {
    async hasDirtyCells() {
      const [row] = await sql<Array<{ some: boolean }>>`select exists (select from dirty_cells) as some`;
      return row?.some ?? false;
    },
    async loadCoverage(from, to, now) {
      if (kept?.from === from && kept.to === to && now.getTime() < kept.until) return kept.days;
      const days = await loadCoverage(sql, from, to);
      // Before the first read of a day its coverage is 0, and that is over in a moment.
      const isSettled = (days.at(-1)?.day ?? '') >= to;
      kept = isSettled ? { from, to, days, until: now.getTime() + KEEP_COVERAGE_MS } : null;
      return days;
    },
    evaluate: (limit, work) => evaluateDirtyCells(sql, limit, work),
    async countPending() {
      const [row] = await sql<Array<{ count: number }>>`
        select count(*)::int as count from deliveries where state = 'pending'`;
      return row?.count ?? 0;
    },
  };
}

async function evaluateDirtyCells<T>(
  sql: Sql,
  limit: number,
  work: (batch: EvaluationBatch) => Promise<T>,
): Promise<T | null> {
  const done = await sql.begin(async (transaction) => {
    const tx = transaction as unknown as Sql;
    // Two evaluators may hold different cells of one series and would each find its episode new.
    await tx`select pg_advisory_xact_lock(hashtextextended('axiswatch alert rules', 0))`;
    // A cell that is being marked right now is locked by its writer, whose counts we cannot see yet: it is left for the next time.
    const taken = await tx<Array<DirtyCell & { day: Day }>>`
      select indicator, dyad, day from dirty_cells order by marked_at limit ${limit} for update skip locked`;
    if (taken.length === 0) return null;
    const cells = new Map(taken.map(({ indicator, dyad }) => [`${indicator} ${dyad}`, { indicator, dyad }]));
    const result = await work(openBatch(tx, [...cells.values()]));
    await tx`
      delete from dirty_cells d
      using unnest(${taken.map((c) => c.indicator)}::text[], ${taken.map((c) => c.dyad)}::text[],
        ${taken.map((c) => c.day)}::date[]) as t(indicator, dyad, day)
      where (d.indicator, d.dyad, d.day) = (t.indicator, t.dyad, t.day)`;
    return { result };
  });
  return done === null ? null : (done.result as T);
}

function openBatch(sql: Sql, cells: DirtyCell[]): EvaluationBatch {
  return {
    cells,
    async loadSeries(key, scope, { from, to, familiesFrom }, coverage) {
      const [rows, lastBefore, families] = await Promise.all([
        countsByDay(sql, key, scope, from, to),
        lastDayBefore(sql, key, scope, from),
        familiesByDay(sql, key, scope, familiesFrom, to),
      ]);
      return layOut(key, { from, to }, rows, coverage, { lastBefore, families });
    },
    async listPast(ruleId, key) {
      const rows = await sql<PastAlert[]>`
        select substr(episode, 2) as episode, day from alerts
        where rule_id = ${ruleId} and level = ${key.level} and code = ${key.code} and dyad = ${key.dyad}
          and episode like ${`${sign(key)}%`}
        order by raised_at desc, id desc limit 50`;
      return rows.reverse();
    },
    findEvidence: (key, scope, window) => findEvidence(sql, key, scope, window),
    saveAlerts: (alerts, deliverAt) => saveAlerts(sql, alerts, deliverAt),
  };
}

async function loadCoverage(sql: Sql, from: Day, to: Day): Promise<CoverageDay[]> {
  return sql<CoverageDay[]>`
    with ${coverageCtes(sql, to)}
    select day, feeds as read, (select count(*)::int from configured) as of
    from covered where day between ${from} and ${to} order by day`;
}

/** Cooperation and friction of a domain or dyad share a code: the sign keeps their episodes apart. */
function sign(key: SeriesKey): string {
  return key.polarity === 1 ? '+' : '-';
}

async function saveAlerts(sql: Sql, alerts: readonly NewAlert[], deliverAt: Date): Promise<string[]> {
  const saved: string[] = [];
  for (const alert of alerts) {
    const { key } = alert;
    const [row] = await sql<Array<{ id: string }>>`
      insert into alerts (id, rule_id, kind, level, code, dyad, episode, severity, day, raised_at, facts)
      values (${alert.id}, ${alert.ruleId}, ${alert.kind}, ${key.level}, ${key.code}, ${key.dyad},
        ${`${sign(key)}${alert.episode}`}, ${alert.severity}, ${alert.day}, ${alert.raisedAt},
        ${sql.json(alert.facts as unknown as Parameters<Sql['json']>[0])})
      on conflict do nothing returning id`;
    if (!row) continue;
    saved.push(row.id);
    // A channel that asked us to wait means also what is raised meanwhile.
    await sql`
      insert into deliveries (id, alert_id, channel_id, transition, next_attempt_at, created_at)
      select d.id, ${row.id}, d.channel_id, 'raised', greatest(${deliverAt}, (select max(p.next_attempt_at) from deliveries p
        where p.state = 'pending' and p.channel_id = d.channel_id and p.reason = 'rate-limited')), ${deliverAt}
      from unnest(${alert.deliveries.map((d) => d.id)}::uuid[], ${alert.deliveries.map((d) => d.channelId)}::text[])
        as d(id, channel_id)
      on conflict do nothing`;
  }
  return saved;
}

/** An alert as `alerts list` shows it. */
export interface AlertRecord {
  id: string;
  ruleId: string;
  kind: string;
  severity: string;
  day: Day;
  raisedAt: Date;
  acknowledgedAt: Date | null;
  facts: AlertFacts;
  deliveries: Array<{ channel: string; state: string }>;
}

/** Newest first. */
export async function listAlerts(sql: Sql, limit: number): Promise<AlertRecord[]> {
  return sql<AlertRecord[]>`
    select a.id, a.rule_id as "ruleId", a.kind, a.severity, a.day, a.raised_at as "raisedAt",
      a.acknowledged_at as "acknowledgedAt", a.facts,
      coalesce((select json_agg(json_build_object('channel', d.channel_id, 'state', d.state) order by d.channel_id, d.id)
        from deliveries d where d.alert_id = a.id), '[]'::json) as deliveries
    from alerts a order by a.raised_at desc, a.id desc limit ${limit}`;
}
