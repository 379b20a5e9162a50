import type { Day } from '../core/trends/calendar.js';
import type { Sql } from './client.js';

/** How far back one read of a feed may vouch for days on which it was not read: a pinned old entry must not vouch for years. */
const MOST_MEMORY_DAYS = 31;

/**
 * CTEs `configured`, `reads` and `covered(day, feeds)`: on how many configured feeds each day of `[from, to)` was covered. First
 * definition: a feed covers a day when it was read with success on that day, or when the next success still showed entries from
 * before that day (the feed's own memory spans the outage), at most 31 days back. Days that nothing covered have no row.
 */
export function coverageCtes(sql: Sql, from: Day, to: Day) {
  return sql`
    configured as (select id from feeds where removed_at is null),
    reads as (
      select c.feed_id, c.day,
        -- greatest() skips nulls: the first read has no read before it
        greatest(
          least((c.reaches_back_to at time zone 'UTC')::date + 1, c.day),
          c.day - ${MOST_MEMORY_DAYS}::int,
          lag(c.day) over (partition by c.feed_id order by c.day) + 1,
          ${from}::date
        ) as first_day
      from coverage_days c join configured f on f.id = c.feed_id
      where c.successes > 0 and c.day >= ${from}::date and c.day < ${to}::date + ${MOST_MEMORY_DAYS}::int
    ),
    covered as (
      select d::date as day, count(*)::int as feeds
      from reads, generate_series(
        least(coalesce(first_day, day), day)::timestamp, least(day, ${to}::date - 1)::timestamp, interval '1 day') d
      group by 1
    )`;
}
