import type { Context } from 'hono';
import { type Reviewed, reviewItem, undoDecision } from '../../activities/review-item.js';
import type { RawRequest } from '../../core/review/review-request.js';
import { listReviews } from '../../db/review-log.js';
import { findReviewedItem } from '../../db/reviewed-items.js';
import { refuseWrite } from '../access.js';
import { replyProblem } from '../problem.js';
import { renderJson } from '../render.js';
import type { Reviewing } from '../reviewing.js';
import { NO_REVIEW_FILTER, type ReviewBody, reviewBody } from './review-bodies.js';

export interface WrittenBody {
  outcome: string;
  item: string;
  decision_id: string | null;
  decided: number;
  observations: number;
  /** The last word on every cell of the item that was ever decided. */
  reviews: ReviewBody[];
}

/** `POST /api/v1/items/{id}/reviews`: one decision, or an undo, as JSON with the token. */
export async function postReview(c: Context, reviewing: Reviewing, wanted: string): Promise<Response> {
  const refused = refuseWrite(c, reviewing.token);
  if (refused) {
    if (refused.status === 401) c.header('www-authenticate', 'Bearer realm="axiswatch"');
    return replyProblem(c, refused.status, refused.detail);
  }
  // A form of another site cannot send this type without asking us first.
  if (!/^application\/json\b/i.test(c.req.header('content-type') ?? ''))
    return replyProblem(c, 415, 'Send the decision as application/json.');
  const raw = await readBody(c);
  if (raw === null) return replyProblem(c, 400, 'The body is not a JSON object.');
  const reviewed = await decide(reviewing, wanted, raw);
  switch (reviewed.kind) {
    case 'invalid':
      return replyProblem(
        c,
        400,
        reviewed.problems.map(({ parameter, message }) => `${parameter} ${message}`).join('; '),
        reviewed.problems,
      );
    case 'missing':
      return replyProblem(c, 404, reviewed.detail);
    case 'conflict':
      return replyProblem(c, 409, reviewed.detail);
    case 'written':
    case 'unchanged':
      c.header('cache-control', 'no-store');
      return c.body(renderJson(await writtenBody(reviewing, reviewed)), 200, {
        'content-type': 'application/json; charset=utf-8',
      });
    default: {
      const never: never = reviewed;
      return never;
    }
  }
}

/** A decision or an undo, as it came from a program or a form. */
export async function decide(
  { deps, context }: Reviewing,
  wanted: string,
  raw: Record<string, unknown>,
): Promise<Reviewed> {
  if (deps === null) return { kind: 'conflict', detail: 'This server has no codebook to decide by.' };
  if (raw.verdict !== 'undo') return reviewItem(deps, wanted, raw as RawRequest);
  const { review, author, reason } = raw;
  if (!/^\d{1,15}$/.test(String(review)))
    return {
      kind: 'invalid',
      problems: [
        { parameter: 'review', message: 'must be the number of the decision to undo', allowed: null, nearest: null },
      ],
    };
  const item = await findReviewedItem(context.sql, { item: wanted });
  if (item === null) return { kind: 'missing', detail: 'No item has this id, URL or key.' };
  return undoDecision(deps, Number(review), { author, reason }, item.id);
}

export async function writtenBody(
  { context }: Pick<Reviewing, 'context'>,
  { kind, itemId, decisionId, stored }: Extract<Reviewed, { kind: 'written' | 'unchanged' }>,
): Promise<WrittenBody> {
  const rows = await listReviews(context.sql, { ...NO_REVIEW_FILTER, item: itemId });
  return {
    outcome: kind,
    item: itemId,
    decision_id: decisionId,
    decided: stored.decided,
    observations: stored.observations,
    reviews: rows.filter((row) => row.supersededAt === null).map(reviewBody),
  };
}

async function readBody(c: Context): Promise<Record<string, unknown> | null> {
  const text = await c.req.text();
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
