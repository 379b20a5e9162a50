import type { CoderInput, EvidenceSpan } from '../coder/label.js';

/** A stored label for one dyad, as a decision may be about it. */
export interface ReviewedRow {
  id: number;
  indicator: string;
  dyad: string;
  participants: string[];
  direction: string | null;
  status: string;
  severity: number;
  confidence: number;
  flags: string[];
  evidence: EvidenceSpan[];
  revision: number;
  coder: string;
  coderVersion: string;
  codebookVersion: string;
  isLive: boolean;
}

/** A decision about one cell of an item, as it is stored. */
export interface ReviewRow {
  id: number;
  decisionId: string;
  indicator: string;
  dyad: string;
  verdict: string;
  coder: string;
  author: string;
  reason: string;
  revision: number;
  observationId: number | null;
  sample: string | null;
  reviewedAt: string;
  supersededAt: string | null;
}

/** An item with everything that was said and decided of it. */
export interface ReviewedItem {
  id: string;
  revision: number;
  input: CoderInput;
  isRemoved: boolean;
  rows: ReviewedRow[];
  reviews: ReviewRow[];
}

/** A label as one thinks of it: the live rows of one indicator with one set of participants. */
export interface StandingLabel {
  indicator: string;
  participants: string[];
  rows: ReviewedRow[];
}

/** Live labels of an item, by indicator and participants. */
export function standingLabels(rows: readonly ReviewedRow[]): StandingLabel[] {
  const labels = new Map<string, StandingLabel>();
  for (const row of rows) {
    if (!row.isLive) continue;
    const key = `${row.indicator} ${row.participants.join('-')}`;
    const known = labels.get(key);
    if (known) known.rows.push(row);
    else labels.set(key, { indicator: row.indicator, participants: row.participants, rows: [row] });
  }
  return [...labels.keys()].sort().map((key) => labels.get(key)!);
}

/** Rows that a standing decision took out: a machine's labels that can still be confirmed after all. */
export function rejectedLabels({ rows, reviews }: ReviewedItem): StandingLabel[] {
  const ids = new Set(
    reviews
      .filter((r) => r.supersededAt === null && r.verdict !== 'undo' && r.observationId !== null)
      .map((r) => r.observationId),
  );
  const live = new Set(rows.filter((row) => row.isLive).map((row) => `${row.indicator} ${row.dyad}`));
  return standingLabels(
    rows
      .filter((row) => ids.has(row.id) && !live.has(`${row.indicator} ${row.dyad}`))
      .map((row) => ({ ...row, isLive: true })),
  );
}
