import type { Decision, DecisionOutcome, Stored, UndoOutcome } from '../core/review/decision.js';
import type { Sql } from './client.js';
import type { DyadLabel } from './items.js';
import { jsonText } from './json-text.js';

/**
 * Stores a decision: supersedes the live observations of its cells and the decisions on them, puts its labels in their place, keeps
 * roll-up and dirty cells. One statement, one transaction (function `put_review`); the same decision again writes nothing.
 */
export async function putReview(sql: Sql, decision: Decision, at: Date): Promise<Stored<DecisionOutcome>> {
  const [row] = await sql<Array<Stored<DecisionOutcome>>>`select * from put_review(${jsonText({
    decision_id: decision.decisionId,
    item_id: decision.itemId,
    revision: decision.revision,
    coder: decision.coder,
    coder_version: decision.coderVersion,
    codebook_version: decision.codebookVersion,
    author: decision.author,
    reason: decision.reason,
    sample: decision.sample,
    seen: decision.seen,
    cells: decision.cells,
  })}::text::jsonb, ${at})`;
  return { ...row! };
}

export interface Undo {
  decisionId: string;
  /** Any row of the decision to take back. */
  reviewId: number;
  author: string;
  reason: string;
  codebookVersion: string;
  /** What the coder says of the item now: it counts again where no decision stands. */
  coding: {
    itemId: string;
    revision: number;
    coder: { name: string; version: string; codebookVersion: string };
    labels: DyadLabel[];
  };
}

/**
 * Takes a decision back, by rows of verdict `undo`. The decision that it had superseded holds again, else the coder's own labels
 * do. One statement, one transaction (function `undo_review`).
 */
export async function undoReview(sql: Sql, undo: Undo, at: Date): Promise<Stored<UndoOutcome>> {
  const { itemId, revision, coder, labels } = undo.coding;
  const [row] = await sql<Array<Stored<UndoOutcome>>>`select * from undo_review(${jsonText({
    decision_id: undo.decisionId,
    review_id: undo.reviewId,
    coder: 'human',
    coder_version: undo.author,
    codebook_version: undo.codebookVersion,
    author: undo.author,
    reason: undo.reason,
    coding: {
      item_id: itemId,
      revision,
      coder: coder.name,
      coder_version: coder.version,
      codebook_version: coder.codebookVersion,
      labels,
    },
  })}::text::jsonb, ${at})`;
  return { ...row! };
}
