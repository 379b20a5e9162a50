import type { EvidenceSpan } from '../core/coder/label.js';
import type { Day } from '../core/trends/calendar.js';
import type { ObservationFilter } from '../core/trends/query.js';
import type { Sql } from './client.js';
import { attributeCondition, cellCondition } from './trends.js';

export interface ItemsQuery extends ObservationFilter {
  sources: string[];
  feeds: string[];
  /** Half-open range of the day that an item counts on. */
  from: Day | null;
  to: Day | null;
  /** Only items that carry a label; also when any filter on labels is set. */
  labelled: boolean;
  limit: number;
  /** First-seen time and id of the last item of the page before. */
  after: { firstSeenAt: Date; id: string } | null;
}

export interface ItemRow {
  id: string;
  feed: string;
  source: string;
  sourceName: string;
  key: string;
  title: string;
  summary: string;
  url: string | null;
  language: string | null;
  publishedAt: Date | null;
  firstSeenAt: Date;
  revision: number;
  story: string;
  observations: ObservationRow[];
}

/** An observation as one row: one dyad of one label. Times are ISO text because they come inside JSON. */
export interface ObservationRow {
  revision: number;
  indicator: string;
  participants: string[];
  dyad: string;
  direction: string | null;
  status: string;
  severity: number;
  polarity: number;
  confidence: number;
  flags: string[];
  rules: string[];
  evidence: EvidenceSpan[];
  coder: string;
  coder_version: string;
  codebook_version: string;
  recorded_at: string;
  superseded_at: string | null;
  /** The decision that put this label; null for what a coder said by itself. */
  decision: LabelDecision | null;
}

export interface LabelDecision {
  id: number;
  verdict: string;
  coder: string;
  author: string;
  reason: string;
  reviewed_at: string;
}

/** Column list of an item `i` with its newest text (an edit is a row in `revisions`) and its source's name `s`. */
function itemColumns(sql: Sql) {
  return sql`
    i.id, i.feed_id as feed, i.source_id as source, s.name as "sourceName", i.key,
    coalesce(r.title, i.title) as title, coalesce(r.summary, i.summary) as summary, i.url, i.language,
    i.published_at as "publishedAt", i.first_seen_at as "firstSeenAt", i.revision, i.story_id as story`;
}

function observationJson(sql: Sql) {
  return sql`json_build_object(
    'revision', o.revision, 'indicator', o.indicator, 'participants', o.participants, 'dyad', o.dyad, 'direction', o.direction,
    'status', o.status, 'severity', o.severity, 'polarity', o.polarity, 'confidence', o.confidence, 'flags', o.flags,
    'rules', o.rules, 'evidence', o.evidence, 'coder', o.coder, 'coder_version', o.coder_version,
    'codebook_version', o.codebook_version, 'recorded_at', o.recorded_at, 'superseded_at', o.superseded_at,
    'decision', case when o.review_id is not null then (
      select json_build_object('id', v.id, 'verdict', v.verdict, 'coder', v.coder, 'author', v.author, 'reason', v.reason,
        'reviewed_at', v.reviewed_at) from reviews v where v.id = o.review_id) end)`;
}

/** Items, latest first, each with its live labels; one round trip. Removed items are tombstones and not listed. */
export async function listItems(sql: Sql, query: ItemsQuery): Promise<ItemRow[]> {
  const onLabels =
    query.labelled ||
    query.dyads.length + query.domains.length + query.indicators.length + query.statuses.length > 0 ||
    query.polarity !== null ||
    query.asOf !== null ||
    query.codebook !== null ||
    query.coder !== null;
  return sql<ItemRow[]>`
    with page as (
      select ${itemColumns(sql)}
      from items i join sources s on s.id = i.source_id
        left join revisions r on r.item_id = i.id and r.revision = i.revision
      where i.removed_at is null
        ${query.after ? sql`and (i.first_seen_at, i.id) < (${query.after.firstSeenAt}, ${query.after.id}::uuid)` : sql``}
        ${query.sources.length > 0 ? sql`and i.source_id = any(${query.sources}::text[])` : sql``}
        ${query.feeds.length > 0 ? sql`and i.feed_id = any(${query.feeds}::text[])` : sql``}
        ${query.languages.length > 0 ? sql`and i.language = any(${query.languages}::text[])` : sql``}
        ${query.blocs.length > 0 ? sql`and s.bloc = any(${query.blocs}::text[])` : sql``}
        ${query.from ? sql`and i.day >= ${query.from}::date` : sql``}
        ${query.to ? sql`and i.day < ${query.to}::date` : sql``}
        ${
          onLabels
            ? sql`and exists (select 1 from observations o where o.item_id = i.id
                and ${attributeCondition(sql, { ...query, blocs: [], languages: [] })} and ${cellCondition(sql, query)})`
            : sql``
        }
      order by i.first_seen_at desc, i.id desc
      limit ${query.limit}
    )
    select page.*, coalesce(
      (select json_agg(${observationJson(sql)} order by o.indicator, o.participants, o.dyad)
        from observations o where o.item_id = page.id and ${attributeCondition(sql, { ...query, blocs: [], languages: [], statuses: [] })}),
      '[]') as observations
    from page order by page."firstSeenAt" desc, page.id desc`;
}

export interface RevisionRow {
  revision: number;
  title: string;
  summary: string;
  seenAt: string;
}

export interface ItemDetail extends ItemRow {
  removedAt: Date | null;
  removedReason: string | null;
  day: Day;
  /** Every text the feed showed, revision 0 first. */
  revisions: RevisionRow[];
}

/** One item with everything known of it, superseded observations too; found by its id, its URL or its key. Null when unknown. */
export async function findItem(sql: Sql, wanted: string): Promise<ItemDetail | null> {
  const isId = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(wanted);
  const rows = await sql<ItemDetail[]>`
    select ${itemColumns(sql)}, i.day, i.removed_at as "removedAt", i.removed_reason as "removedReason",
      (select json_agg(x order by x.revision) from (
        select 0 as revision, i.title, i.summary, i.first_seen_at as "seenAt"
        union all select revision, title, summary, seen_at from revisions where item_id = i.id) x) as revisions,
      coalesce((select json_agg(${observationJson(sql)} order by o.superseded_at nulls first, o.indicator, o.participants, o.dyad)
        from observations o where o.item_id = i.id), '[]') as observations
    from items i join sources s on s.id = i.source_id
      left join revisions r on r.item_id = i.id and r.revision = i.revision
    where ${isId ? sql`i.id = ${wanted}::uuid` : sql`i.url = ${wanted} or i.raw_url = ${wanted} or i.key = ${wanted}`}
    order by i.first_seen_at desc limit 1`;
  return rows[0] ?? null;
}
