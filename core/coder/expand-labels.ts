import { dyadsOf, type Status } from '../codebook/codebook.js';
import type { EvidenceSpan, Label } from './label.js';

/** One row per indicator and dyad, as observations are stored and counted. */
export interface DyadLabel extends Label {
  dyad: string;
}

const RANK: Record<Status, number> = { occurred: 3, denied: 2, alleged: 1, announced: 0 };

/**
 * Expands labels to their dyads. Two labels that give the same indicator for the same dyad become one: the surer one gives
 * direction, status and flags, evidence is joined. Sorted by indicator, then dyad.
 */
export function expandLabels(labels: readonly Label[]): DyadLabel[] {
  const rows = new Map<string, DyadLabel>();
  for (const label of labels) {
    for (const dyad of dyadsOf(label.participants)) {
      const key = `${label.indicator} ${dyad}`;
      const known = rows.get(key);
      const row: DyadLabel = { ...label, dyad };
      if (!known) rows.set(key, row);
      else rows.set(key, merge(known, row));
    }
  }
  return [...rows.keys()].sort().map((key) => rows.get(key)!);
}

function merge(a: DyadLabel, b: DyadLabel): DyadLabel {
  const [first, second] =
    b.confidence > a.confidence || (b.confidence === a.confidence && RANK[b.status] > RANK[a.status]) ? [b, a] : [a, b];
  return {
    ...first,
    severity: Math.max(first.severity, second.severity) as Label['severity'],
    rules: [...new Set([...first.rules, ...second.rules])].sort(),
    evidence: joinEvidence(first.evidence, second.evidence),
  };
}

function joinEvidence(a: readonly EvidenceSpan[], b: readonly EvidenceSpan[]): EvidenceSpan[] {
  const key = (s: EvidenceSpan) => `${s.for} ${s.field} ${s.start} ${s.end}`;
  const known = new Set(a.map(key));
  return [...a, ...b.filter((s) => !known.has(key(s)))];
}
