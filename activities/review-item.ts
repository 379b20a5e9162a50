import type { Codebook } from '../core/codebook/codebook.js';
import type { Decision, DecisionOutcome, Stored, UndoOutcome } from '../core/review/decision.js';
import { planDecision } from '../core/review/plan-decision.js';
import { type RawRequest, readRequest } from '../core/review/review-request.js';
import type { ReviewTools } from '../core/review/review-tools.js';
import type { ReviewedItem } from '../core/review/reviewed-item.js';
import type { ParameterProblem } from '../core/trends/parameters.js';
import type { Undo } from '../db/reviews.js';
import { labelItem } from './code-items.js';
import type { Clock } from './deps.js';

export interface ReviewDeps {
  clock: Clock;
  codebook: Codebook;
  tools: ReviewTools;
  /** A new UUIDv7. */
  newId(at: Date): string;
  findReviewedItem(wanted: { item: string } | { review: number }): Promise<ReviewedItem | null>;
  putReview(decision: Decision, at: Date): Promise<Stored<DecisionOutcome>>;
  undoReview(undo: Undo, at: Date): Promise<Stored<UndoOutcome>>;
}

/**
 * What became of a reviewer's word. `unchanged`: exactly this was decided before. `conflict`: the item or the decisions on it are not
 * what the reviewer looked at; nothing was written.
 */
export type Reviewed =
  | { kind: 'written' | 'unchanged'; itemId: string; decisionId: string | null; stored: Stored<string> }
  | { kind: 'invalid'; problems: ParameterProblem[] }
  | { kind: 'missing'; detail: string }
  | { kind: 'conflict'; detail: string };

/** Decides about a label of an item, or adds one. Safe to repeat: the same words of the same author change nothing. */
export async function reviewItem(deps: ReviewDeps, wanted: string, raw: RawRequest): Promise<Reviewed> {
  const { request, problems } = readRequest(raw, deps.codebook);
  if (request === null) return { kind: 'invalid', problems };
  const item = await findItem(deps, { item: wanted });
  if (item === null) return { kind: 'missing', detail: 'No item has this id, URL or key.' };
  if (item.isRemoved) return { kind: 'conflict', detail: 'The item was removed here: nothing counts it any more.' };
  const plan = planDecision(request, item, deps.codebook, deps.tools);
  if (plan.cells === null) return { kind: 'invalid', problems: plan.problems };
  const at = deps.clock.now();
  const { author, reason, sample, seen } = request;
  const decision: Decision = {
    decisionId: deps.newId(at),
    itemId: item.id,
    revision: item.revision,
    coder: 'human',
    coderVersion: author,
    codebookVersion: deps.codebook.version,
    author,
    reason,
    sample,
    seen,
    cells: plan.cells,
  };
  if (isRepeated(decision, item)) return { kind: 'unchanged', itemId: item.id, decisionId: null, stored: NOTHING };
  const stored = await deps.putReview(decision, at);
  if (stored.outcome === 'written' || stored.outcome === 'replayed')
    return { kind: 'written', itemId: item.id, decisionId: decision.decisionId, stored };
  return { kind: 'conflict', detail: CONFLICTS[stored.outcome] };
}

/** Takes a decision back, of the item named or of any; the coder's own labels count again where no earlier decision does. */
export async function undoDecision(
  deps: ReviewDeps,
  reviewId: number,
  said: Pick<RawRequest, 'author' | 'reason'>,
  ofItem: string | null = null,
): Promise<Reviewed> {
  const { problems } = readRequest({ ...said, verdict: 'reject' }, deps.codebook);
  if (problems.length > 0) return { kind: 'invalid', problems };
  const item = await findItem(deps, { review: reviewId });
  const missing = { kind: 'missing' as const, detail: `There is no decision ${reviewId}.` };
  if (item === null || (ofItem !== null && ofItem !== item.id)) return missing;
  const at = deps.clock.now();
  const { coder } = deps.tools;
  const undo: Undo = {
    decisionId: deps.newId(at),
    reviewId,
    author: String(said.author).trim(),
    reason: String(said.reason).trim(),
    codebookVersion: deps.codebook.version,
    coding: {
      itemId: item.id,
      revision: item.revision,
      coder: { name: coder.name, version: coder.version, codebookVersion: coder.codebookVersion },
      labels: labelItem(coder, deps.codebook, item.input),
    },
  };
  const stored = await deps.undoReview(undo, at);
  if (stored.outcome === 'written' || stored.outcome === 'replayed')
    return { kind: 'written', itemId: item.id, decisionId: undo.decisionId, stored };
  if (stored.outcome === 'unknown-review') return missing;
  return { kind: 'conflict', detail: UNDO_CONFLICTS[stored.outcome] };
}

const NOTHING: Stored<string> = { outcome: 'unchanged', decided: 0, observations: 0, dirty: 0 };

const CONFLICTS: Record<Exclude<DecisionOutcome, 'written' | 'replayed'>, string> = {
  outranked: 'A person has decided on this label.',
  meanwhile: 'Somebody decided on this label after you looked at it: look again.',
  edited: 'The text of the item changed while you decided: look again.',
  removed: 'The item was removed here: nothing counts it any more.',
  'unknown-item': 'The item is not there any more.',
};

const UNDO_CONFLICTS: Record<Exclude<UndoOutcome, 'written' | 'replayed' | 'unknown-review'>, string> = {
  'is-undo': 'This is itself an undo: decide again instead.',
  superseded: 'A later decision stands in its place, or it was undone before.',
  removed: 'The item was removed here: nothing counts it any more.',
};

const findItem = async (deps: ReviewDeps, wanted: { item: string } | { review: number }) =>
  'item' in wanted && (wanted.item.length > 2000 || /\p{Cc}/u.test(wanted.item)) ? null : deps.findReviewedItem(wanted);

/** The same words about the same text by the same author, with the same labels standing: sent twice, or said twice. */
function isRepeated(decision: Decision, item: ReviewedItem): boolean {
  return decision.cells.every(({ indicator, dyad, verdict, label }) => {
    const standing = item.reviews.find((r) => r.indicator === indicator && r.dyad === dyad && r.supersededAt === null);
    if (!standing || standing.verdict !== verdict || standing.coder !== 'human') return false;
    if (standing.author !== decision.author || standing.reason !== decision.reason) return false;
    if (standing.revision !== decision.revision || standing.sample !== decision.sample) return false;
    const row = item.rows.find((r) => r.isLive && r.indicator === indicator && r.dyad === dyad);
    if (label === null || row === undefined) return label === null && row === undefined;
    const words = (spans: typeof row.evidence) =>
      spans
        .map((s) => `${s.for} ${s.field} ${s.start} ${s.end}`)
        .sort()
        .join();
    return (
      row.status === label.status &&
      row.severity === label.severity &&
      row.direction === label.direction &&
      words(row.evidence) === words(label.evidence)
    );
  });
}
