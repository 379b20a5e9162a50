import type { DecisionCount } from '../core/review/precision.js';
import type { Day } from '../core/trends/calendar.js';
import type { Sql } from './client.js';

export interface ReviewsQuery {
  item: string | null;
  authors: string[];
  coders: string[];
  verdicts: string[];
  indicators: string[];
  dyads: string[];
  /** Half-open range of UTC days of the decisions. */
  from: Day | null;
  to: Day | null;
  limit: number;
  /** Number of the last decision of the page before. */
  before: number | null;
}

export interface LoggedReview {
  id: number;
  decisionId: string;
  item: string;
  title: string;
  revision: number;
  indicator: string;
  dyad: string;
  verdict: string;
  coder: string;
  coderVersion: string;
  codebookVersion: string;
  author: string;
  reason: string;
  sample: string | null;
  replaces: number | null;
  restores: number | null;
  reviewedAt: Date;
  supersededAt: Date | null;
  /** The coder's label decided about, as it was given; null when no coder had given one. */
  about: { coder: string; coder_version: string; codebook_version: string; confidence: number; status: string } | null;
}

/** Decisions, latest first, superseded and undone ones too. */
export async function listReviews(sql: Sql, query: ReviewsQuery): Promise<LoggedReview[]> {
  const among = (column: ReturnType<Sql>, values: string[]) =>
    values.length > 0 ? sql`and ${column} = any(${values}::text[])` : sql``;
  return sql<LoggedReview[]>`
    select r.id::int as id, r.decision_id as "decisionId", r.item_id as item, coalesce(t.title, i.title) as title, r.revision, r.indicator,
      r.dyad, r.verdict, r.coder, r.coder_version as "coderVersion", r.codebook_version as "codebookVersion", r.author, r.reason,
      r.sample, r.replaces::int as replaces, r.restores::int as restores, r.reviewed_at as "reviewedAt", r.superseded_at as "supersededAt",
      case when o.id is not null then json_build_object('coder', o.coder, 'coder_version', o.coder_version, 'codebook_version',
        o.codebook_version, 'confidence', o.confidence, 'status', o.status) end as about
    from reviews r join items i on i.id = r.item_id
      left join revisions t on t.item_id = i.id and t.revision = r.revision
      left join observations o on o.id = r.observation_id
    where true
      ${query.item === null ? sql`` : sql`and r.item_id = ${query.item}::uuid`}
      ${query.before === null ? sql`` : sql`and r.id < ${query.before}`}
      ${query.from ? sql`and r.reviewed_at >= ${query.from}::date` : sql``}
      ${query.to ? sql`and r.reviewed_at < ${query.to}::date` : sql``}
      ${among(sql`r.author`, query.authors)} ${among(sql`r.coder`, query.coders)} ${among(sql`r.verdict`, query.verdicts)}
      ${among(sql`r.indicator`, query.indicators)} ${among(sql`r.dyad`, query.dyads)}
    order by r.id desc limit ${query.limit}`;
}

/**
 * What people decided of the labels that coders gave, counted: the standing decision on each cell, of items that count on days of
 * `[from, to)`.
 */
export async function countDecisions(sql: Sql, range: { from: Day | null; to: Day | null }): Promise<DecisionCount[]> {
  return sql<DecisionCount[]>`
    select indicator, dyad, language, coder, "coderVersion", verdict, "isSameCell", "isSampled", count(*)::int as count
    from (
      select r.indicator, r.dyad, i.language, o.coder, o.coder_version as "coderVersion", r.verdict,
        r.verdict = 'correct' and exists (select from observations h where h.review_id = r.id) as "isSameCell",
        r.sample is not null as "isSampled"
      from reviews r join observations o on o.id = r.observation_id join items i on i.id = r.item_id
      where r.superseded_at is null and r.coder = 'human' and r.verdict in ('confirm', 'reject', 'correct')
        ${range.from ? sql`and i.day >= ${range.from}::date` : sql``} ${range.to ? sql`and i.day < ${range.to}::date` : sql``}
    ) d
    group by 1, 2, 3, 4, 5, 6, 7, 8
    order by 1, 2, 3, 4, 5, 6, 7, 8`;
}
