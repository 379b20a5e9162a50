import type { RuleScope } from '../core/alerts/rule.js';
import type { SeriesKey, SeriesRow, SupportingFamily } from '../core/alerts/series.js';
import type { Day } from '../core/trends/calendar.js';
import type { Sql } from './client.js';

/**
 * The live observations of a series within a scope, as a condition on `o`. Also used for what stands behind a window, so that
 * an alert shows exactly what it counted.
 */
export function seriesCondition(sql: Sql, key: SeriesKey, scope: RuleScope) {
  return sql`
    o.superseded_at is null and o.polarity = ${key.polarity}
    ${key.dyad === '' ? sql`` : sql`and o.dyad = ${key.dyad}`}
    ${key.level === 'indicator' ? sql`and o.indicator = ${key.code}` : sql``}
    ${key.level === 'domain' ? sql`and o.domain = ${key.code}` : sql``}
    ${among(sql, sql`o.dyad`, scope.dyad)} ${among(sql, sql`o.domain`, scope.domain)}
    ${among(sql, sql`o.indicator`, scope.indicator)} ${among(sql, sql`o.status`, scope.status)}
    ${among(sql, sql`o.bloc`, scope.bloc)}
    ${typeof scope.confidence === 'number' ? sql`and o.confidence >= ${scope.confidence}::real` : sql``}`;
}

function among(sql: Sql, column: ReturnType<Sql>, values: readonly string[] | undefined) {
  return values && values.length > 0 ? sql`and ${column} = any(${values as string[]}::text[])` : sql``;
}

/** The roll-up knows neither status nor bloc nor confidence, and above its own level no finer part: such scopes are counted from observations. */
function isRolledUp(key: SeriesKey, scope: RuleScope): boolean {
  const given = (values: readonly string[] | undefined) => values !== undefined && values.length > 0;
  if (given(scope.status) || given(scope.bloc) || scope.confidence !== undefined) return false;
  if (key.level === 'indicator') return true;
  if (given(scope.indicator)) return false;
  if (key.level !== 'domain' && given(scope.domain)) return false;
  return key.level !== 'all' || !given(scope.dyad);
}

/**
 * Counts by day of `[from, to]`, days without a count left out. The same definition from observations as in the roll-up: items
 * on their own day, stories on the day of their first report unless every report of them is a denial.
 */
export async function countsByDay(
  sql: Sql,
  key: SeriesKey,
  scope: RuleScope,
  from: Day,
  to: Day,
): Promise<SeriesRow[]> {
  if (isRolledUp(key, scope)) {
    return sql<SeriesRow[]>`
      select day, items, stories from series_days
      where level = ${key.level} and code = ${key.code} and dyad = ${key.dyad} and polarity = ${key.polarity}
        and day between ${from} and ${to} and items + stories > 0
      order by day`;
  }
  return sql<SeriesRow[]>`
    with live as (
      select o.item_id, o.story_id, o.day, s.day as story_day, o.status
      from observations o join stories s on s.id = o.story_id
      -- No report of a story is older than its first one.
      where ${seriesCondition(sql, key, scope)} and o.day >= ${from}
    ), counted as (
      select day, count(distinct item_id) as items, 0 as stories from live where day between ${from} and ${to} group by day
      union all
      select story_day, 0, count(distinct story_id) from live
      where status <> 'denied' and story_day between ${from} and ${to} group by story_day
    )
    select day, sum(items)::int as items, sum(stories)::int as stories from counted group by day order by day`;
}

/** Last day before `from` that counted something; null when none did. */
export async function lastDayBefore(sql: Sql, key: SeriesKey, scope: RuleScope, from: Day): Promise<Day | null> {
  const [row] = isRolledUp(key, scope)
    ? await sql<Array<{ day: Day | null }>>`
        select max(day) as day from series_days
        where level = ${key.level} and code = ${key.code} and dyad = ${key.dyad} and polarity = ${key.polarity}
          and day < ${from} and items + stories > 0`
    : await sql<Array<{ day: Day | null }>>`
        select max(o.day) as day from observations o where ${seriesCondition(sql, key, scope)} and o.day < ${from}`;
  return row?.day ?? null;
}

/** Publisher families by day whose reports are no mere denials. */
export async function familiesByDay(
  sql: Sql,
  key: SeriesKey,
  scope: RuleScope,
  from: Day,
  to: Day,
): Promise<SupportingFamily[]> {
  return sql<SupportingFamily[]>`
    select distinct o.day, o.family from observations o
    where ${seriesCondition(sql, key, scope)} and o.status <> 'denied' and o.day between ${from} and ${to}
    order by 1, 2`;
}
