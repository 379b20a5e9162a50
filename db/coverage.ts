import type { Day } from '../core/trends/calendar.js';
import type { Sql } from './client.js';

/** How far back one read of a feed may vouch for days on which it was not read: a pinned old entry must not vouch for years. */
const MOST_MEMORY_DAYS = 31;

/**
 * CTEs `configured`, `reads` and `covered(day, feeds)`: on how many configured feeds each day up to `today` was covered. First
 * definition: a feed covers a day when it was read with success on that day, or when the next success still showed entries from
 * before that day (the feed's own memory spans the outage), at most 31 days back. Days that nothing covered have no row.
 */
export function coverageCtes(sql: Sql, today: Day) {
  return sql`
    configured as (select id from feeds where removed_at is null),
    reads as (
      select c.feed_id, c.day,
        -- greatest() skips nulls: the first read has no read before it, and a read may not know how far back it reached
        greatest(
          least(coalesce((c.reaches_back_to at time zone 'UTC')::date + 1, c.day), c.day),
          c.day - ${MOST_MEMORY_DAYS}::int,
          lag(c.day) over (partition by c.feed_id order by c.day) + 1
        ) as first_day
      from coverage_days c join configured f on f.id = c.feed_id
      where c.successes > 0
    ),
    -- A day that a read after today covers was not known to be covered today.
    covered as (
      select d::date as day, count(*)::int as feeds
      from reads, generate_series(first_day::timestamp, day::timestamp, interval '1 day') d
      where reads.day <= ${today}::date
      group by 1
    )`;
}
