import type { Day } from '../core/trends/calendar.js';
import type { ObservationFilter, TrendQuery } from '../core/trends/query.js';
import type { Sql } from './client.js';
import { coverageCtes } from './coverage.js';
import { lastWordCondition } from './versions.js';

/** Names only what the grouping tells apart: of an indicator the codebook knows the domain. */
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
    ${validity(sql, filter)}
    ${filter.statuses.length > 0 ? sql`and o.status = any(${filter.statuses}::text[])` : sql``}
    ${filter.blocs.length > 0 ? sql`and o.bloc = any(${filter.blocs}::text[])` : sql``}
    ${filter.languages.length > 0 ? sql`and o.language = any(${filter.languages}::text[])` : sql``}
    ${filter.codebook ? sql`and o.codebook_version = ${filter.codebook}` : sql``}
    ${filter.coder ? sql`and (o.coder = ${filter.coder} or o.coder_version = ${filter.coder})` : sql``}`;
}

/** What was known at a time; or what the versions asked for say, whether it still holds or not; or what holds. */
function validity(sql: Sql, filter: ObservationFilter) {
  if (filter.asOf)
    return sql`o.recorded_at <= ${filter.asOf} and (o.superseded_at is null or o.superseded_at > ${filter.asOf})`;
  return filter.codebook || filter.coder ? lastWordCondition(sql, filter) : sql`o.superseded_at is null`;
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
 * True when the daily roll-up holds the series asked for: live labels of any attribute, by dyad, and each of one polarity. Its
 * sums over days are then exact, because an item has one day and a story has one day.
 */
function isRolledUp(query: TrendQuery): boolean {
  const { groupBy, indicators, polarity } = query;
  if (!isPlain(query) || !groupBy.includes('dyad')) return false;
  return groupBy.includes('indicator') || (groupBy.includes('domain') && polarity !== null && indicators.length === 0);
}

/**
 * Everything a trend answer needs, in one round trip. An item counts on its own day, a story on the day of its first report, and
 * a denied report makes no story unless denials are asked for. Counts come from the daily roll-up where it has them, else from
 * the observations; families and blocs always from these. What falls on a day that nothing covered is left out: the day is
 * missing, not zero. With `withPast` also what baselines need.
 */
export async function loadTrends(sql: Sql, query: TrendQuery, withPast: boolean): Promise<TrendFacts> {
  const { from, to, today } = query;
  const rolledUp = isRolledUp(query);
  const rows = await sql<[{ facts: TrendFacts }]>`
    with ${coverageCtes(sql, today, withPast ? null : from)},
    labelled as (
      select ${keyColumns(sql, query)}, ${bucketOf(sql, query, sql`o.day`)} as bucket, o.item_id, o.family, o.bloc
      from observations o join covered c on c.day = o.day
      where o.day >= ${from}::date and o.day < ${to}::date and ${attributeCondition(sql, query)} and ${cellCondition(sql, query)}
    ),
    counted as (
      ${rolledUp ? rolledUpCounts(sql, query) : observedCounts(sql, query)}
      union all
      select dyad, domain, indicator, bucket, 0, 0, count(*), 0
      from (select distinct dyad, domain, indicator, bucket, family from labelled) f group by 1, 2, 3, 4
      union all
      select dyad, domain, indicator, bucket, 0, 0, 0, count(*)
      from (select distinct dyad, domain, indicator, bucket, bloc from labelled) b group by 1, 2, 3, 4
    ),
    counts as (
      select dyad, domain, indicator, bucket, sum(items)::int as items, sum(stories)::int as stories,
        sum(families)::int as families, sum(blocs)::int as blocs
      from counted group by 1, 2, 3, 4
    ),
    totals as (${isPlain(query) ? rolledUpTotals(sql, query) : observedTotals(sql, query)})
    ${withPast ? pastCtes(sql, query, rolledUp) : sql``}
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

/** No filter but what the question is about: the totals of the roll-up hold. */
function isPlain(query: TrendQuery): boolean {
  const narrowed = query.statuses.length + query.blocs.length + query.languages.length > 0;
  return !narrowed && !query.asOf && !query.codebook && !query.coder;
}

function bucketOf(sql: Sql, { granularity }: TrendQuery, day: ReturnType<typeof sql>) {
  if (granularity === 'day') return day;
  // Weeks by arithmetic from a Monday: over many rows date_trunc costs as much as all the rest.
  if (granularity === 'week') return sql`(${day} - mod(${day} - date '0001-01-01', 7))`;
  return sql`date_trunc('month', ${day}::timestamp)::date`;
}

function keyColumns(sql: Sql, { groupBy }: TrendQuery) {
  const byIndicator = groupBy.includes('indicator');
  return sql`
    ${groupBy.includes('dyad') ? sql`o.dyad` : sql`null::text`} as dyad,
    ${groupBy.includes('domain') && !byIndicator ? sql`o.domain` : sql`null::text`} as domain,
    ${byIndicator ? sql`o.indicator` : sql`null::text`} as indicator`;
}

/** Condition on observations `o` with stories `s` that tell of an act: denials do not, unless they are asked for. */
function tellsStory(sql: Sql, query: TrendQuery) {
  return sql`${attributeCondition(sql, query)} ${query.statuses.length > 0 ? sql`` : sql`and o.status <> 'denied'`}`;
}

/** A story is never younger than its observations, so the day of these bounds the scan from below. */
function inRange(sql: Sql, { from, to }: TrendQuery) {
  return sql`o.day >= ${from}::date and s.day >= ${from}::date and s.day < ${to}::date`;
}

function observedCounts(sql: Sql, query: TrendQuery) {
  return sql`
    select dyad, domain, indicator, bucket, count(*) as items, 0 as stories, 0 as families, 0 as blocs
    from (select distinct dyad, domain, indicator, bucket, item_id from labelled) i group by 1, 2, 3, 4
    union all
    select dyad, domain, indicator, bucket, 0, count(*), 0, 0
    from (
      select distinct ${keyColumns(sql, query)}, ${bucketOf(sql, query, sql`s.day`)} as bucket, o.story_id
      from observations o join stories s on s.id = o.story_id join covered c on c.day = s.day
      where ${inRange(sql, query)} and ${tellsStory(sql, query)} and ${cellCondition(sql, query)}
    ) t group by 1, 2, 3, 4`;
}

/** Condition on rows `d` of the roll-up for the series asked for. */
function rolledUpSeries(sql: Sql, { groupBy, dyads, domains, indicators, polarity }: TrendQuery) {
  const byIndicator = groupBy.includes('indicator');
  const codes = byIndicator ? indicators : domains;
  return sql`
    d.level = ${byIndicator ? 'indicator' : 'domain'} and d.dyad <> ''
    ${codes.length > 0 ? sql`and d.code = any(${codes}::text[])` : sql``}
    ${dyads.length > 0 ? sql`and d.dyad = any(${dyads}::text[])` : sql``}
    ${polarity ? sql`and d.polarity = ${polarity}` : sql``}`;
}

function rolledUpColumns(sql: Sql, { groupBy }: TrendQuery) {
  return groupBy.includes('indicator')
    ? sql`d.dyad, null::text as domain, d.code as indicator`
    : sql`d.dyad, d.code as domain, null::text as indicator`;
}

function rolledUpCounts(sql: Sql, query: TrendQuery) {
  return sql`
    select ${rolledUpColumns(sql, query)}, ${bucketOf(sql, query, sql`d.day`)} as bucket, sum(d.items) as items,
      sum(d.stories) as stories, 0 as families, 0 as blocs
    from series_days d join covered c on c.day = d.day
    where d.day >= ${query.from}::date and d.day < ${query.to}::date and ${rolledUpSeries(sql, query)}
    group by 1, 2, 3, 4`;
}

function observedTotals(sql: Sql, query: TrendQuery) {
  return sql`
    select bucket, count(*)::int as stories
    from (
      select distinct ${bucketOf(sql, query, sql`s.day`)} as bucket, o.story_id
      from observations o join stories s on s.id = o.story_id join covered c on c.day = s.day
      where ${inRange(sql, query)} and ${tellsStory(sql, query)}
    ) t group by 1`;
}

/** Cooperation and friction of the roll-up together, less the stories that tell of both and would count twice. */
function rolledUpTotals(sql: Sql, query: TrendQuery) {
  return sql`
    select bucket, sum(stories)::int as stories
    from (
      select ${bucketOf(sql, query, sql`d.day`)} as bucket, d.stories
      from series_days d join covered c on c.day = d.day
      where d.level = 'all' and d.day >= ${query.from}::date and d.day < ${query.to}::date
      union all
      select ${bucketOf(sql, query, sql`two_sided.day`)}, -1
      from (
        select distinct s.day, o.story_id
        from observations o join stories s on s.id = o.story_id join covered c on c.day = s.day
        where ${inRange(sql, query)} and o.polarity = -1 and o.superseded_at is null and o.status <> 'denied'
          and exists (select from observations p where p.story_id = o.story_id and p.polarity = 1
            and p.superseded_at is null and p.status <> 'denied')
      ) two_sided
    ) t group by 1`;
}

/** The whole past of the series and of all cells. Today's panel of feeds decides what was covered. */
function pastCtes(sql: Sql, query: TrendQuery, rolledUp: boolean) {
  const daily = rolledUp
    ? sql`
      select ${rolledUpColumns(sql, query)}, d.day, sum(d.stories)::int as stories
      from series_days d join covered c on c.day = d.day
      where d.stories > 0 and ${rolledUpSeries(sql, query)} group by 1, 2, 3, 4`
    : sql`
      select dyad, domain, indicator, day, count(*)::int as stories
      from (
        select distinct ${keyColumns(sql, query)}, s.day, o.story_id
        from observations o join stories s on s.id = o.story_id join covered c on c.day = s.day
        where ${tellsStory(sql, query)} and ${cellCondition(sql, query)}
      ) t group by 1, 2, 3, 4`;
  return sql`,
    daily as (${daily}),
    cells as (
      select sum(d.stories)::int as stories from series_days d join covered c on c.day = d.day
      where d.level = 'indicator' and d.day > ${query.today}::date - 365 group by d.code, d.dyad
    ),
    weekdays as (
      select extract(isodow from d.day)::int as weekday, sum(d.stories)::int as stories
      from series_days d join covered c on c.day = d.day
      where d.level = 'indicator' and d.day > ${query.today}::date - 182 group by 1
    )`;
}

function pastJson(sql: Sql) {
  return sql`json_build_object(
    'daily', (select coalesce(json_agg(daily), '[]') from daily),
    'cells', (select coalesce(json_agg(stories), '[]') from cells),
    'weekdays', (select coalesce(json_agg(weekdays), '[]') from weekdays))`;
}
