import type { Day } from '../core/trends/calendar.js';
import type { ObservationFilter, TrendQuery } from '../core/trends/query.js';
import type { Sql } from './client.js';
import { coverageCtes } from './coverage.js';

export interface BucketCount {
  dyad: string | null;
  domain: string | null;
  indicator: string | null;
  /** First day of the whole bucket, also when the range cuts it. */
  bucket: Day;
  items: number;
  stories: number;
  families: number;
  blocs: number;
}

export interface TrendFacts {
  counts: BucketCount[];
  /** Distinct stories of any dyad and indicator, by bucket of their first report. */
  totals: Array<{ bucket: Day; stories: number }>;
  /** Configured feeds that covered each day up to today; a day that none covered is missing. */
  covered: Array<{ day: Day; feeds: number }>;
  panel: Panel;
  /** What baselines need: the whole past of the series asked for, and of all cells at large. Null when not asked for. */
  past: TrendPast | null;
}

export interface TrendPast {
  daily: Array<{ dyad: string | null; domain: string | null; indicator: string | null; day: Day; stories: number }>;
  /** Stories of each cell that has any, over the last 365 days. */
  cells: number[];
  /** Stories of all cells by ISO weekday (1 is Monday), over the last 182 days. */
  weekdays: Array<{ weekday: number; stories: number }>;
}

/** The feeds that a series is built on: their number and a digest of their ids. */
export interface Panel {
  feeds: number;
  digest: string;
}

/** SQL condition on `observations o` for a filter without its dyads, domains, indicators and polarity. */
export function attributeCondition(sql: Sql, filter: ObservationFilter) {
  return sql`
    ${filter.asOf ? sql`o.recorded_at <= ${filter.asOf} and (o.superseded_at is null or o.superseded_at > ${filter.asOf})` : sql`o.superseded_at is null`}
    ${filter.statuses.length > 0 ? sql`and o.status = any(${filter.statuses}::text[])` : sql``}
    ${filter.blocs.length > 0 ? sql`and o.bloc = any(${filter.blocs}::text[])` : sql``}
    ${filter.languages.length > 0 ? sql`and o.language = any(${filter.languages}::text[])` : sql``}
    ${filter.codebook ? sql`and o.codebook_version = ${filter.codebook}` : sql``}
    ${filter.coder ? sql`and (o.coder = ${filter.coder} or o.coder_version = ${filter.coder})` : sql``}`;
}

/** SQL condition on `observations o` for what the question is about. */
export function cellCondition(sql: Sql, filter: ObservationFilter) {
  return sql`true
    ${filter.dyads.length > 0 ? sql`and o.dyad = any(${filter.dyads}::text[])` : sql``}
    ${filter.domains.length > 0 ? sql`and o.domain = any(${filter.domains}::text[])` : sql``}
    ${filter.indicators.length > 0 ? sql`and o.indicator = any(${filter.indicators}::text[])` : sql``}
    ${filter.polarity ? sql`and o.polarity = ${filter.polarity}` : sql``}`;
}

/**
 * Everything a trend answer needs, in one round trip. An item counts on its own day, a story on the day of its first report, and
 * a denied report makes no story unless denials are asked for: the rules of the daily roll-up. Counts are of distinct items,
 * stories, families and blocs, so they come from the observations themselves. What falls on a day that nothing covered is left
 * out: the day is missing, not zero.
 */
export async function loadTrends(sql: Sql, query: TrendQuery, withPast: boolean): Promise<TrendFacts> {
  const { from, to, granularity, groupBy, today } = query;
  const bucketOf = (day: ReturnType<typeof sql>) => sql`date_trunc(${granularity}, ${day}::timestamp)::date`;
  const dyad = groupBy.includes('dyad') ? sql`o.dyad` : sql`null::text`;
  const domain = groupBy.includes('domain') || groupBy.includes('indicator') ? sql`o.domain` : sql`null::text`;
  const indicator = groupBy.includes('indicator') ? sql`o.indicator` : sql`null::text`;
  const counted = query.statuses.length > 0 ? sql`` : sql`and o.status <> 'denied'`;
  const past = sql`
    daily as (
      select ${dyad} as dyad, ${domain} as domain, ${indicator} as indicator, s.day, count(distinct o.story_id)::int as stories
      from observations o join stories s on s.id = o.story_id join covered c on c.day = s.day
      where ${attributeCondition(sql, query)} ${counted} and ${cellCondition(sql, query)}
      group by 1, 2, 3, 4
    ),
    cells as (
      select sum(d.stories)::int as stories from series_days d join covered c on c.day = d.day
      where d.level = 'indicator' and d.day > ${today}::date - 365 group by d.code, d.dyad
    ),
    weekdays as (
      select extract(isodow from d.day)::int as weekday, sum(d.stories)::int as stories
      from series_days d join covered c on c.day = d.day
      where d.level = 'indicator' and d.day > ${today}::date - 182 group by 1
    ),`;
  // A story is never younger than its observations, so the day of these bounds the scan from below.
  const tellsStory = sql`
    o.day >= ${from}::date and s.day >= ${from}::date and s.day < ${to}::date and ${attributeCondition(sql, query)} ${counted}`;
  const rows = await sql<[{ facts: TrendFacts }]>`
    with ${coverageCtes(sql, today)},
    ${withPast ? past : sql``}
    picked as (
      select ${dyad} as dyad, ${domain} as domain, ${indicator} as indicator, ${bucketOf(sql`o.day`)} as bucket,
        o.item_id, null::uuid as story_id, o.family, o.bloc
      from observations o join covered c on c.day = o.day
      where o.day >= ${from}::date and o.day < ${to}::date
        and ${attributeCondition(sql, query)} and ${cellCondition(sql, query)}
      union all
      select ${dyad}, ${domain}, ${indicator}, ${bucketOf(sql`s.day`)}, null, o.story_id, null, null
      from observations o join stories s on s.id = o.story_id join covered c on c.day = s.day
      where ${tellsStory} and ${cellCondition(sql, query)}
    ),
    counts as (
      select dyad, domain, indicator, bucket, count(distinct item_id)::int as items, count(distinct story_id)::int as stories,
        count(distinct family)::int as families, count(distinct bloc)::int as blocs
      from picked group by 1, 2, 3, 4
    ),
    totals as (
      select ${bucketOf(sql`s.day`)} as bucket, count(distinct o.story_id)::int as stories
      from observations o join stories s on s.id = o.story_id join covered c on c.day = s.day
      where ${tellsStory}
      group by 1
    )
    select json_build_object(
      'counts', (select coalesce(json_agg(counts), '[]') from counts),
      'totals', (select coalesce(json_agg(totals), '[]') from totals),
      'covered', (select coalesce(json_agg(covered), '[]') from covered),
      'panel', (select json_build_object('feeds', count(*), 'digest', left(md5(coalesce(string_agg(id, ',' order by id), '')), 8))
        from configured),
      'past', ${withPast ? pastJson(sql) : sql`null::json`}
    ) as facts`;
  return rows[0].facts;
}

function pastJson(sql: Sql) {
  return sql`json_build_object(
    'daily', (select coalesce(json_agg(daily), '[]') from daily),
    'cells', (select coalesce(json_agg(stories), '[]') from cells),
    'weekdays', (select coalesce(json_agg(weekdays), '[]') from weekdays))`;
}
