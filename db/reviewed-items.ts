import type { ReviewedItem, ReviewedRow, ReviewRow } from '../core/review/reviewed-item.js';
import type { Sql } from './client.js';

interface Found {
  id: string;
  revision: number;
  title: string;
  summary: string;
  language: string | null;
  source: string;
  country: string | null;
  bloc: string;
  publishedAt: Date | null;
  removedAt: Date | null;
  rows: ReviewedRow[];
  reviews: ReviewRow[];
}

/** An item as a reviewer decides on it: newest text, every label, every decision, oldest first. By id, URL, key or number of a decision. */
export async function findReviewedItem(
  sql: Sql,
  wanted: { item: string } | { review: number },
): Promise<ReviewedItem | null> {
  const isId = 'item' in wanted && /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(wanted.item);
  const condition =
    'review' in wanted
      ? sql`i.id = (select item_id from reviews where id = ${wanted.review})`
      : isId
        ? sql`i.id = ${wanted.item}::uuid`
        : sql`i.url = ${wanted.item} or i.raw_url = ${wanted.item} or i.key = ${wanted.item}`;
  const [found] = await sql<Found[]>`
    select i.id, i.revision, coalesce(r.title, i.title) as title, coalesce(r.summary, i.summary) as summary, i.language,
      i.source_id as source, s.country, s.bloc, i.published_at as "publishedAt", i.removed_at as "removedAt",
      coalesce((select json_agg(json_build_object('id', o.id, 'indicator', o.indicator, 'dyad', o.dyad, 'participants', o.participants,
          'direction', o.direction, 'status', o.status, 'severity', o.severity, 'confidence', o.confidence, 'flags', o.flags,
          'evidence', o.evidence, 'revision', o.revision, 'coder', o.coder, 'coderVersion', o.coder_version,
          'codebookVersion', o.codebook_version, 'isLive', o.superseded_at is null) order by o.id)
        from observations o where o.item_id = i.id), '[]') as rows,
      coalesce((select json_agg(json_build_object('id', v.id, 'decisionId', v.decision_id, 'indicator', v.indicator, 'dyad', v.dyad,
          'verdict', v.verdict, 'coder', v.coder, 'author', v.author, 'reason', v.reason, 'revision', v.revision,
          'observationId', v.observation_id, 'sample', v.sample, 'reviewedAt', v.reviewed_at, 'supersededAt', v.superseded_at)
          order by v.id)
        from reviews v where v.item_id = i.id), '[]') as reviews
    from items i join sources s on s.id = i.source_id left join revisions r on r.item_id = i.id and r.revision = i.revision
    where ${condition}
    order by i.first_seen_at desc limit 1`;
  if (!found) return null;
  const { title, summary, language, source, country, bloc, publishedAt, removedAt, ...rest } = found;
  return {
    ...rest,
    isRemoved: removedAt !== null,
    input: { title, summary, language, source, country, bloc, publishedAt },
  };
}
