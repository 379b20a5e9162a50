import type { EvidenceSpan, Label } from '../coder/label.js';

/**
 * What a decision says of a cell (an indicator for a dyad) of an item. `correct` with a label: the cell holds, but differently
 * (status, direction, severity, words); without one: the cell is wrong, and what was meant are the `add` cells of the same decision.
 */
export const VERDICTS = ['confirm', 'reject', 'correct', 'add'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Longest words of a reviewer that are kept, in UTF-16 units; the table has the same bounds in characters. */
export const MAX_AUTHOR = 100;
export const MAX_REASON = 1_000;
/** Cells of one decision: four participants have six dyads, and a correction speaks of the old cells and the new. */
export const MAX_CELLS = 24;

/** A label as it is put in place of what was there; its indicator and dyad are those of the cell. */
export interface CellLabel extends Omit<Label, 'indicator'> {
  /** Name of the indicator's domain. */
  domain: string;
}

export interface DecidedCell {
  indicator: string;
  dyad: string;
  verdict: Verdict;
  /** Null for `reject`, and for a `correct` whose cell was wrong. */
  label: CellLabel | null;
}

/** One decision about labels of one item, by a person or by the second coder. */
export interface Decision {
  /** UUIDv7 made by the caller; the same decision sent twice is stored once. */
  decisionId: string;
  itemId: string;
  /** Revision of the text that was decided on. */
  revision: number;
  coder: 'human' | 'llm';
  /** Of a person the author's name, of a model its name and the version of what it was told. */
  coderVersion: string;
  codebookVersion: string;
  author: string;
  reason: string;
  /** Random sample that the item was drawn in; null when it was chosen. */
  sample: string | null;
  /** Newest decision of the item that the author knew, 0 for none; null when that does not matter. */
  seen: number | null;
  cells: DecidedCell[];
}

/**
 * What became of a decision. `written`; `replayed`: this very decision was there; `outranked`: a person had decided on all of its
 * cells; `meanwhile`: somebody decided since the author looked; `edited`: the item has a newer text; `removed`; `unknown-item`.
 */
export type DecisionOutcome =
  | 'written'
  | 'replayed'
  | 'outranked'
  | 'meanwhile'
  | 'edited'
  | 'removed'
  | 'unknown-item';

/** What became of an undo. `is-undo`: what was to be undone is an undo; `superseded`: later decisions stand on all of its cells. */
export type UndoOutcome = 'written' | 'replayed' | 'unknown-review' | 'is-undo' | 'superseded' | 'removed';

export interface Stored<Outcome> {
  outcome: Outcome;
  /** Rows of decisions, rows of observations, and cells marked for the alert rules. */
  decided: number;
  observations: number;
  dirty: number;
}

/** Evidence as it is stored, without what is not of it. */
export const plainSpan = ({ for: who, field, start, end, text, implied }: EvidenceSpan): EvidenceSpan => ({
  for: who,
  field,
  start,
  end,
  text,
  ...(implied ? { implied: true as const } : {}),
});
