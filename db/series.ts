import type { Sql } from './client.js';

export interface SeriesMismatch {
  day: string;
  level: string;
  code: string;
  dyad: string;
  polarity: number;
  /** What the roll-up says, and what counting the live observations anew gives; 0 for a row that is not there. */
  items: number;
  stories: number;
  countedItems: number;
  countedStories: number;
}

/** Cells whose roll-up differs from a full recount. Always empty, after any crash; `doctor` and the tests look. */
export async function seriesMismatches(sql: Sql): Promise<SeriesMismatch[]> {
  return sql<SeriesMismatch[]>`
    select day, level, code, dyad, polarity, coalesce(d.items, 0) as items, coalesce(d.stories, 0) as stories,
      coalesce(r.items, 0) as "countedItems", coalesce(r.stories, 0) as "countedStories"
    from series_days d full join series_recount r using (day, level, code, dyad, polarity)
    where (coalesce(d.items, 0), coalesce(d.stories, 0)) <> (coalesce(r.items, 0), coalesce(r.stories, 0))
    order by day, level, code, dyad, polarity`;
}

/** Replaces the roll-up by a full recount, in one transaction, while nobody writes observations. Returns its number of rows. */
export async function recountSeries(sql: Sql): Promise<number> {
  return sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended('axiswatch roll-up', 0))`;
    await tx`delete from series_days`;
    const { count } = await tx`
      insert into series_days (day, level, code, dyad, polarity, items, stories)
      select day, level, code, dyad, polarity, items, stories from series_recount`;
    return count;
  });
}
