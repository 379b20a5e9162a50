import type { LoggedReview, ReviewsQuery } from '../../db/review-log.js';
import { isoTime } from './context.js';

/** A decision about one cell, as the API gives it. */
export interface ReviewBody {
  id: number;
  decision_id: string;
  item: string;
  title: string;
  revision: number;
  indicator: string;
  dyad: string;
  verdict: string;
  coder: string;
  coder_version: string;
  codebook_version: string;
  author: string;
  reason: string;
  sample: string | null;
  /** The coder's label decided about, as it was given; null when no coder had given one. */
  about: LoggedReview['about'];
  replaces: number | null;
  restores: number | null;
  reviewed_at: string;
  /** Null for the last word on its cell. */
  superseded_at: string | null;
}

export function reviewBody(row: LoggedReview): ReviewBody {
  return {
    id: row.id,
    decision_id: row.decisionId,
    item: row.item,
    title: row.title,
    revision: row.revision,
    indicator: row.indicator,
    dyad: row.dyad,
    verdict: row.verdict,
    coder: row.coder,
    coder_version: row.coderVersion,
    codebook_version: row.codebookVersion,
    author: row.author,
    reason: row.reason,
    sample: row.sample,
    about: row.about && { ...row.about, confidence: Number(row.about.confidence.toPrecision(6)) },
    replaces: row.replaces,
    restores: row.restores,
    reviewed_at: row.reviewedAt.toISOString(),
    superseded_at: isoTime(row.supersededAt),
  };
}

/** Everything decided about one item fits in here; a page of the log is shorter. */
export const NO_REVIEW_FILTER: ReviewsQuery = {
  item: null,
  authors: [],
  coders: [],
  verdicts: [],
  indicators: [],
  dyads: [],
  from: null,
  to: null,
  limit: 500,
  before: null,
};
