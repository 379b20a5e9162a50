import type { Day } from '../core/trends/calendar.js';
import type { Sql } from './client.js';

/** How far back one read of a feed may vouch for days on which it was not read: a pinned old entry must not vouch for years. */
const MOST_MEMORY_DAYS = 31;

/**
 * CTEs `configured(id)` and `covered(day, feeds)`: on how many configured feeds each day up to `today` was covered, from `from` on when
 * given. First definition: a feed covers a day when it was read with success on that day, or when the next success still showed
 * entries from before that day (the feed's own memory spans the outage), at most 31 days back. Days that nothing covered have no
 * row.
 */
export function coverageCtes(sql: Sql, today: Day, from: Day | null = null) {
  const read = sql`c.successes > 0 and c.day <= ${today}::date ${from ? sql`and c.day >= ${from}::date` : sql``}`;
  return sql`
    configured as (select id from feeds where removed_at is null),
    -- Reads after a day without one: the later vouches for the days between, as far as it reaches. Nearly all reads follow one of
    -- the day before and are not looked at twice.
    resumed as (
      select c.day, greatest((c.reaches_back_to at time zone 'UTC')::date + 1, c.day - ${MOST_MEMORY_DAYS}::int,
        (select max(b.day) + 1 from coverage_days b where b.feed_id = c.feed_id and b.day < c.day and b.successes > 0)
        ${from ? sql`, ${from}::date` : sql``}) as first_day
      from coverage_days c join feeds f on f.id = c.feed_id
      where f.removed_at is null and ${read} and c.reaches_back_to is not null and not exists (
        select from coverage_days y where y.feed_id = c.feed_id and y.day = c.day - 1 and y.successes > 0)
    ),
    covered as (
      select day, sum(feeds)::int as feeds
      from (
        select c.day, count(*) as feeds from coverage_days c join feeds f on f.id = c.feed_id
        where f.removed_at is null and ${read} group by c.day
        union all
        select d::date, count(*)
        from resumed, generate_series(first_day::timestamp, day::timestamp - interval '1 day', interval '1 day') d group by 1
      ) days
      group by day
    )`;
}
