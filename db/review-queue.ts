import type { EvidenceSpan } from '../core/coder/label.js';
import type { Day } from '../core/trends/calendar.js';
import type { Sql } from './client.js';

export const QUEUE_KINDS = ['edited', 'contested', 'uncertain'] as const;
export type QueueKind = (typeof QUEUE_KINDS)[number];

export interface QueueQuery {
  kinds: QueueKind[];
  indicators: string[];
  dyads: string[];
  /** Half-open range of the day that an item counts on. */
  from: Day | null;
  to: Day | null;
  /** Confidence from which labels count at all, and below which they are worth a look. */
  series: number;
  review: number;
  limit: number;
}

/** A label that waits for a person, or that a sample drew. */
export interface QueuedLabel {
  item: string;
  title: string;
  summary: string;
  url: string | null;
  language: string | null;
  source: string;
  sourceName: string;
  day: Day;
  indicator: string;
  participants: string[];
  dyads: string[];
  status: string;
  confidence: number;
  coder: string;
  coderVersion: string;
  evidence: EvidenceSpan[];
  kinds: QueueKind[];
  /** Newest decision about any label of the item, 0 when there is none. */
  seen: number;
  /** The decision that the text was edited after, or that already answers a drawn label. */
  review: { id: number; verdict: string; author: string } | null;
  /** All that wait, whatever the limit; of a sample the labels it was drawn from. */
  total: number;
}

function narrowed(sql: Sql, query: Pick<QueueQuery, 'indicators' | 'dyads' | 'from' | 'to'>) {
  return sql`
    ${query.indicators.length > 0 ? sql`and o.indicator = any(${query.indicators}::text[])` : sql``}
    ${query.dyads.length > 0 ? sql`and o.dyad = any(${query.dyads}::text[])` : sql``}
    ${query.from ? sql`and o.day >= ${query.from}::date` : sql``}
    ${query.to ? sql`and o.day < ${query.to}::date` : sql``}`;
}

function labelColumns(sql: Sql) {
  return sql`
    i.id as item, coalesce(t.title, i.title) as title, coalesce(t.summary, i.summary) as summary, i.url, i.language,
    i.source_id as source, s.name as "sourceName", i.day, l.indicator, l.participants, l.dyads, l.status, l.confidence, l.coder,
    l.coder_version as "coderVersion", l.evidence,
    (select coalesce(max(v.id), 0)::int from reviews v where v.item_id = i.id) as seen`;
}

function itemJoins(sql: Sql) {
  return sql`
    join items i on i.id = l.item_id and i.removed_at is null join sources s on s.id = i.source_id
    left join revisions t on t.item_id = i.id and t.revision = i.revision`;
}

/**
 * Labels that are worth a person's look, most of all first. `edited`: decided, but the text changed since. `contested`: another source
 * tells the contrary (one denies what the other reports) of the same pair and act within three days. `uncertain`: confidence below
 * the threshold of the queue; the nearer to the threshold of the series the sooner, since there a mistake weighs as much either way.
 */
export async function listQueue(sql: Sql, query: QueueQuery): Promise<QueuedLabel[]> {
  const wants = (kind: QueueKind) => query.kinds.length === 0 || query.kinds.includes(kind);
  return sql<QueuedLabel[]>`
    with machine as (
      select o.item_id, o.indicator, o.participants, array_agg(o.dyad order by o.dyad) as dyads, min(o.status) as status,
        min(o.confidence) as confidence, min(o.coder) as coder, min(o.coder_version) as coder_version,
        (array_agg(o.evidence order by o.dyad))[1] as evidence,
        bool_or(o.confidence < ${query.review}) as uncertain,
        bool_or(exists (
          select from observations p
          where p.indicator = o.indicator and p.dyad = o.dyad and p.day between o.day - 3 and o.day + 3 and p.superseded_at is null
            and p.source_id <> o.source_id and (p.status = 'denied') <> (o.status = 'denied'))) as contested,
        null::bigint as review_id
      from observations o
      where o.superseded_at is null and o.coder <> 'human' ${narrowed(sql, query)}
      group by 1, 2, 3
    ),
    decided as (
      select r.item_id, r.indicator, coalesce(o.participants, string_to_array(r.dyad, '-')) as participants,
        array_agg(r.dyad order by r.dyad) as dyads, coalesce(min(o.status), '') as status, min(coalesce(o.confidence, 1)) as confidence,
        min(coalesce(o.coder, r.coder)) as coder, min(coalesce(o.coder_version, r.coder_version)) as coder_version,
        coalesce((array_agg(o.evidence order by r.dyad))[1], '[]'), false, false,
        min(r.id) as review_id
      from reviews r join items i on i.id = r.item_id and i.revision > r.revision
        left join lateral (select * from observations h where h.review_id = r.id or h.id = r.observation_id
          order by (h.review_id is not null) desc limit 1) o on true
      where r.superseded_at is null and r.verdict <> 'undo' and r.coder = 'human'
        ${query.indicators.length > 0 ? sql`and r.indicator = any(${query.indicators}::text[])` : sql``}
        ${query.dyads.length > 0 ? sql`and r.dyad = any(${query.dyads}::text[])` : sql``}
        ${query.from ? sql`and i.day >= ${query.from}::date` : sql``} ${query.to ? sql`and i.day < ${query.to}::date` : sql``}
      group by 1, 2, 3, r.decision_id
    ),
    l as (
      select * from machine where false
        ${wants('uncertain') ? sql`or uncertain` : sql``} ${wants('contested') ? sql`or contested` : sql``}
      union all
      select * from decided where ${wants('edited')}
    )
    select ${labelColumns(sql)},
      array_remove(array[case when l.review_id is not null then 'edited' end, case when l.contested then 'contested' end,
        case when l.uncertain then 'uncertain' end], null) as kinds,
      case when r.id is not null then json_build_object('id', r.id, 'verdict', r.verdict, 'author', r.author) end as review,
      count(*) over ()::int as total
    from l ${itemJoins(sql)} left join reviews r on r.id = l.review_id
    order by (l.review_id is not null) desc, (l.contested and l.uncertain) desc, l.uncertain desc,
      abs(l.confidence - ${query.series}::real), i.day desc, i.id, l.indicator, l.participants
    limit ${query.limit}`;
}

/**
 * A random sample of the labels that machine coders gave to items of `[from, to)`, whatever was decided of them since. Drawn by a
 * digest of seed and label: the same seed draws the same labels, also in another process.
 */
export async function drawSample(
  sql: Sql,
  query: Pick<QueueQuery, 'indicators' | 'dyads' | 'from' | 'to'> & { size: number; seed: number },
): Promise<QueuedLabel[]> {
  return sql<QueuedLabel[]>`
    with l as (
      select o.item_id, o.indicator, o.participants, array_agg(o.dyad order by o.dyad) as dyads, min(o.status) as status,
        min(o.confidence) as confidence, min(o.coder) as coder, min(o.coder_version) as coder_version,
        (array_agg(o.evidence order by o.dyad))[1] as evidence, min(r.id) as review_id
      from observations o
        left join reviews r on r.observation_id = o.id and r.superseded_at is null and r.coder = 'human' and r.verdict <> 'undo'
      where o.coder <> 'human' and (o.superseded_at is null or r.id is not null) ${narrowed(sql, query)}
      group by 1, 2, 3
    )
    select ${labelColumns(sql)}, array[]::text[] as kinds,
      case when r.id is not null then json_build_object('id', r.id, 'verdict', r.verdict, 'author', r.author) end as review,
      count(*) over ()::int as total
    from l ${itemJoins(sql)} left join reviews r on r.id = l.review_id
    order by md5(${`${query.seed} `} || l.item_id || l.indicator || array_to_string(l.participants, '-')), l.item_id
    limit ${query.size}`;
}
