import { randomBytes } from 'node:crypto';
import type { ReviewDeps } from '../activities/review-item.js';
import { uuidv7 } from '../core/identity/uuidv7.js';
import { createReviewTools } from '../core/review/review-tools.js';
import { findReviewedItem } from '../db/reviewed-items.js';
import { putReview, undoReview } from '../db/reviews.js';
import type { AskContext } from './api/context.js';

/** How decisions are written, and what a writer must bring. */
export interface Reviewing {
  /** Null where the codebook's data was not given, so that nothing can be decided. */
  deps: ReviewDeps | null;
  token: string | null;
  context: AskContext;
}

export function openReviewing(context: AskContext & { env: { apiToken: string | null } }): Reviewing {
  return { deps: reviewDepsOf(context), token: context.env.apiToken, context };
}

/** What deciding needs, from what asking has. The coder is built when it is first needed. */
export function reviewDepsOf({ sql, codebook, data, clock }: AskContext): ReviewDeps | null {
  if (!data) return null;
  return {
    clock,
    codebook,
    tools: createReviewTools(data),
    newId: (at) => uuidv7(at, randomBytes(10)),
    findReviewedItem: (wanted) => findReviewedItem(sql, wanted),
    putReview: (decision, at) => putReview(sql, decision, at),
    undoReview: (undo, at) => undoReview(sql, undo, at),
  };
}
