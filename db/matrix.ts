import type { Day, Granularity } from '../core/trends/calendar.js';
import type { Sql } from './client.js';
import { coverageCtes } from './coverage.js';
import type { Panel } from './trends.js';

export interface MatrixCount {
  dyad: string;
  domain: string;
  polarity: 1 | -1;
  bucket: Day;
  items: number;
  stories: number;
}

export interface MatrixFacts {
  counts: MatrixCount[];
  covered: Array<{ day: Day; feeds: number }>;
  panel: Panel;
}

/** Stories of every dyad and domain by bucket, from the daily roll-up, with coverage: one round trip. */
export async function loadMatrix(
  sql: Sql,
  range: { from: Day; to: Day; granularity: Granularity; today: Day },
): Promise<MatrixFacts> {
  const { from, to, granularity, today } = range;
  const rows = await sql<[{ facts: MatrixFacts }]>`
    with ${coverageCtes(sql, today, from)},
    counts as (
      select s.dyad, s.code as domain, s.polarity, date_trunc(${granularity}, s.day::timestamp)::date as bucket,
        sum(s.items)::int as items, sum(s.stories)::int as stories
      from series_days s join covered c on c.day = s.day
      where s.level = 'domain' and s.dyad <> '' and s.day >= ${from}::date and s.day < ${to}::date
      group by 1, 2, 3, 4
    )
    select json_build_object(
      'counts', (select coalesce(json_agg(counts), '[]') from counts),
      'covered', (select coalesce(json_agg(covered), '[]') from covered),
      'panel', (select json_build_object('feeds', count(*), 'digest', left(md5(coalesce(string_agg(id, ',' order by id), '')), 8))
        from configured)
    ) as facts`;
  return rows[0].facts;
}
