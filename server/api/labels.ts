import type { EvidenceSpan } from '../../core/coder/label.js';
import type { LabelDecision, ObservationRow } from '../../db/items-page.js';

/** A label as the API gives it: one indicator and its participants, whatever number of dyads it was stored for. */
export interface LabelBody {
  indicator: string;
  participants: string[];
  status: string;
  severity: number;
  direction: string | null;
  polarity: number;
  confidence: number;
  evidence: EvidenceSpan[];
  /** Who decided on this label, a person or the second coder; null for what a coder said by itself. */
  decision: LabelDecision | null;
}

/** What `explain` adds: who said it, by which rules, and until when it held. */
export interface ExplainedLabel extends LabelBody {
  flags: string[];
  rules: string[];
  revision: number;
  coder: string;
  coder_version: string;
  codebook_version: string;
  recorded_at: string;
  superseded_at: string | null;
}

/** Puts the rows of one item together again: a label of three participants was stored as three dyads. */
export function labelsOf(observations: ObservationRow[]): LabelBody[] {
  return explainedLabels(observations).map(
    ({ indicator, participants, status, severity, direction, polarity, confidence, evidence, decision }) => ({
      indicator,
      participants,
      status,
      severity,
      direction,
      polarity,
      confidence,
      evidence,
      decision,
    }),
  );
}

export function explainedLabels(observations: ObservationRow[]): ExplainedLabel[] {
  const labels = new Map<string, ExplainedLabel>();
  for (const row of observations) {
    const { coder, coder_version, codebook_version, revision } = row;
    const superseded_at = row.superseded_at === null ? null : new Date(row.superseded_at).toISOString();
    const key = JSON.stringify([
      row.indicator,
      row.participants,
      coder,
      coder_version,
      codebook_version,
      revision,
      superseded_at,
    ]);
    const known = labels.get(key);
    if (known) {
      known.evidence = mergeEvidence(known.evidence, row.evidence);
      continue;
    }
    labels.set(key, {
      indicator: row.indicator,
      participants: row.participants,
      status: row.status,
      severity: row.severity,
      direction: row.direction,
      polarity: row.polarity,
      // Stored as a 4-byte number: seven digits are all it has.
      confidence: Number(row.confidence.toPrecision(6)),
      evidence: mergeEvidence([], row.evidence),
      flags: row.flags,
      rules: row.rules,
      revision,
      coder,
      coder_version,
      codebook_version,
      recorded_at: new Date(row.recorded_at).toISOString(),
      superseded_at,
      decision: row.decision && { ...row.decision, reviewed_at: new Date(row.decision.reviewed_at).toISOString() },
    });
  }
  return [...labels.values()];
}

function mergeEvidence(known: EvidenceSpan[], more: EvidenceSpan[]): EvidenceSpan[] {
  const seen = new Set(known.map((span) => JSON.stringify([span.for, span.field, span.start, span.end])));
  return [
    ...known,
    ...more.flatMap((span) => {
      const key = JSON.stringify([span.for, span.field, span.start, span.end]);
      if (seen.has(key)) return [];
      seen.add(key);
      const { for: who, field, start, end, text } = span;
      return [{ for: who, field, start, end, text, ...(span.implied ? { implied: true as const } : {}) }];
    }),
  ];
}
