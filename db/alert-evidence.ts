import { type AlertItem, type Evidence, MAX_ALERT_ITEMS } from '../core/alerts/facts.js';
import type { RuleScope } from '../core/alerts/rule.js';
import type { SeriesKey } from '../core/alerts/series.js';
import type { Day } from '../core/trends/calendar.js';
import { seriesCondition } from './alert-series.js';
import type { Sql } from './client.js';

/** Words that are shown with an alert, most frequent first. */
const MAX_WORDS = 6;

type Totals = Omit<Evidence, 'items' | 'statuses' | 'words'>;

/** What stands behind a window of a series: totals, the weightiest stories, and the words that were matched. */
export async function findEvidence(
  sql: Sql,
  key: SeriesKey,
  scope: RuleScope,
  { start, end }: { start: Day; end: Day },
): Promise<Evidence> {
  const live = sql`
    select o.item_id, o.story_id, o.source_id, o.bloc, o.language, o.day, o.status, o.severity, o.confidence, o.evidence,
      o.coder || ' ' || o.coder_version as coder, o.codebook_version
    from observations o where ${seriesCondition(sql, key, scope)} and o.day between ${start} and ${end}`;
  const [[totals], statuses, words, items] = await Promise.all([
    sql<Totals[]>`
      with live as (${live})
      select count(distinct item_id)::int as "totalItems", count(distinct story_id)::int as "totalStories",
        count(distinct source_id)::int as outlets,
        coalesce(array_agg(distinct bloc order by bloc), '{}') as blocs,
        coalesce(array_agg(distinct language order by language) filter (where language is not null), '{}') as languages,
        coalesce(array_agg(distinct coder order by coder), '{}') as "coderVersions",
        coalesce(array_agg(distinct codebook_version order by codebook_version), '{}') as "codebookVersions",
        (select coalesce(sum(stories), 0)::int from series_days where level = 'all' and day between ${start} and ${end})
          as "trackedStories"
      from live`,
    sql<Array<{ status: keyof Evidence['statuses']; count: number }>>`
      with live as (${live}) select status, count(distinct item_id)::int as count from live group by status`,
    sql<Array<{ word: string }>>`
      with live as (${live})
      select mode() within group (order by left(span->>'text', 80)) as word from live, jsonb_array_elements(evidence) as span
      where span->>'for' = 'act' group by lower(left(span->>'text', 80))
      order by count(distinct item_id) desc, 1 limit ${MAX_WORDS}`,
    sql<AlertItem[]>`
      with live as (${live}), best as (
        -- One item for each story; a story that is not denied first, then the gravest and surest.
        select distinct on (story_id) * from live
        order by story_id, (status = 'denied'), severity desc, confidence desc, day desc, item_id
      )
      select i.id, coalesce((select r.title from revisions r where r.item_id = i.id order by r.revision desc limit 1), i.title)
          as title,
        i.url, s.name as outlet, b.bloc, i.language, b.day, b.status,
        (select count(distinct l.item_id)::int - 1 from live l where l.story_id = b.story_id) as similar
      from best b join items i on i.id = b.item_id join sources s on s.id = i.source_id
      order by (b.status = 'denied'), b.severity desc, b.confidence desc, b.day desc, i.id limit ${MAX_ALERT_ITEMS}`,
  ]);
  return {
    ...totals!,
    items: [...items],
    words: words.map(({ word }) => word),
    statuses: Object.fromEntries(statuses.map(({ status, count }) => [status, count])),
  };
}
