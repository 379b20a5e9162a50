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

/** Everything shown of the few labels of a page `p`: texts are looked up for them alone. */
function pageColumns(sql: Sql) {
  return sql`
    select p.item_id as item, coalesce(t.title, i.title) as title, coalesce(t.summary, i.summary) as summary, i.url, i.language,
      i.source_id as source, s.name as "sourceName", i.day, p.indicator, p.participants, p.dyads, p.status, p.confidence, p.coder,
      p.coder_version as "coderVersion", coalesce(o.evidence, '[]') as evidence,
      (select coalesce(max(v.id), 0)::int from reviews v where v.item_id = i.id) as seen,
      array_remove(array[case when p.edited then 'edited' end, case when p.contested then 'contested' end,
        case when p.uncertain then 'uncertain' end], null) as kinds,
      case when r.id is not null then json_build_object('id', r.id, 'verdict', r.verdict, 'author', r.author) end as review, p.total
    from page p join items i on i.id = p.item_id join sources s on s.id = i.source_id
      left join revisions t on t.item_id = i.id and t.revision = i.revision
      left join observations o on o.id = p.observation_id left join reviews r on r.id = p.review_id
    order by p.place`;
}

/**
 * Labels that are worth a person's look, most of all first. `edited`: decided, but the text changed since. `contested`: another source
 * tells the contrary (one denies what the other reports) of the same pair and act within three days. `uncertain`: confidence below
 * the threshold of the queue; the nearer to the threshold of the series the sooner, since there a mistake weighs as much either way.
 */
export async function listQueue(sql: Sql, query: QueueQuery): Promise<QueuedLabel[]> {
  const wants = (kind: QueueKind) => query.kinds.length === 0 || query.kinds.includes(kind);
  return sql<QueuedLabel[]>`
    with contrary as (
      select d.id as denied, o.id as told
      from observations d join observations o on o.indicator = d.indicator and o.dyad = d.dyad and o.day between d.day - 3 and d.day + 3
      where d.status = 'denied' and d.superseded_at is null
        and o.status <> 'denied' and o.superseded_at is null and o.source_id <> d.source_id
    ),
    contested as (select denied as id from contrary union select told from contrary),
    machine as (
      select o.item_id, o.indicator, o.participants, min(o.day) as day, array_agg(o.dyad order by o.dyad) as dyads,
        min(o.status) as status, min(o.confidence) as confidence, min(o.coder) as coder, min(o.coder_version) as coder_version,
        min(o.id) as observation_id, false as edited, bool_or(c.id is not null) as contested,
        bool_or(o.confidence < ${query.review}::real) as uncertain, null::bigint as review_id
      from observations o left join contested c on c.id = o.id
      where o.superseded_at is null and o.coder <> 'human' ${narrowed(sql, query)}
      group by 1, 2, 3
    ),
    decided as (
      select r.item_id, r.indicator, coalesce(o.participants, string_to_array(r.dyad, '-')) as participants, min(i.day) as day,
        array_agg(r.dyad order by r.dyad) as dyads, coalesce(min(o.status), '') as status, min(coalesce(o.confidence, 1)) as confidence,
        min(coalesce(o.coder, r.coder)) as coder, min(coalesce(o.coder_version, r.coder_version)) as coder_version,
        min(o.id) as observation_id, true, false, false, min(r.id) as review_id
      from reviews r join items i on i.id = r.item_id and i.revision > r.revision and i.removed_at is null
        left join lateral (select * from observations h where h.item_id = r.item_id and (h.review_id = r.id or h.id = r.observation_id)
          order by (h.review_id is not null) desc limit 1) o on true
      where r.superseded_at is null and r.verdict <> 'undo' and r.coder = 'human'
        -- A cell that a correction left is spoken for by the cells that it went to.
        and not (r.verdict = 'correct' and o.review_id is distinct from r.id)
        ${query.indicators.length > 0 ? sql`and r.indicator = any(${query.indicators}::text[])` : sql``}
        ${query.dyads.length > 0 ? sql`and r.dyad = any(${query.dyads}::text[])` : sql``}
        ${query.from ? sql`and i.day >= ${query.from}::date` : sql``} ${query.to ? sql`and i.day < ${query.to}::date` : sql``}
      group by 1, 2, 3, r.decision_id
    ),
    waiting as (
      select * from machine where false
        ${wants('uncertain') ? sql`or uncertain` : sql``} ${wants('contested') ? sql`or contested` : sql``}
      union all
      select * from decided where ${wants('edited')}
    ),
    page as (
      select w.*, count(*) over ()::int as total, row_number() over (order by edited desc, (contested and uncertain) desc, uncertain desc,
        abs(confidence - ${query.series}::real), day desc, item_id, indicator, participants) as place
      from waiting w order by place limit ${query.limit}
    )
    ${pageColumns(sql)}`;
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
    with drawn as (
      select o.item_id, o.indicator, o.participants, array_agg(o.dyad order by o.dyad) as dyads, min(o.status) as status,
        min(o.confidence) as confidence, min(o.coder) as coder, min(o.coder_version) as coder_version, min(o.id) as observation_id,
        min(r.id) as review_id
      from observations o join items i on i.id = o.item_id and i.removed_at is null
        left join reviews r on r.observation_id = o.id and r.superseded_at is null and r.coder = 'human' and r.verdict <> 'undo'
      where o.coder <> 'human' and (o.superseded_at is null or r.id is not null) ${narrowed(sql, query)}
      group by 1, 2, 3
    ),
    page as (
      select d.*, false as edited, false as contested, false as uncertain, count(*) over ()::int as total,
        row_number() over (order by md5(${`${query.seed} `} || item_id || indicator || array_to_string(participants, '-')), item_id) as place
      from drawn d order by place limit ${query.size}
    )
    ${pageColumns(sql)}`;
}
