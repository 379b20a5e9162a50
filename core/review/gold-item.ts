import { dyadsOf } from '../codebook/codebook.js';
import type { EvidenceSpan } from '../coder/label.js';

/** A label of a gold file, as `axiswatch gold` and the scoring script read it. */
export interface GoldLabel {
  indicator: string;
  participants: string[];
  status: string;
  severity: number;
  evidence: { participants: string[]; act: string };
}

/** A row that a person put. */
export interface DecidedRow {
  indicator: string;
  dyad: string;
  participants: string[];
  status: string;
  severity: number;
  evidence: EvidenceSpan[];
}

/**
 * The labels that rows stand for: a group where all of its pairs stand with one status, else the pairs one by one, since a pair of
 * it was rejected or corrected.
 */
export function goldLabels(rows: readonly DecidedRow[]): GoldLabel[] {
  const groups = new Map<string, DecidedRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.indicator, row.participants, row.status]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].flatMap((group) => {
    const { participants } = group[0]!;
    const isWhole = dyadsOf(participants).every((dyad) => group.some((row) => row.dyad === dyad));
    return isWhole ? [goldLabel(group[0]!, participants)] : group.map((row) => goldLabel(row, row.dyad.split('-')));
  });
}

function goldLabel({ indicator, status, severity, evidence }: DecidedRow, participants: string[]): GoldLabel {
  const words = (target: string) => evidence.find((span) => span.for === target)?.text ?? '';
  return {
    indicator,
    participants,
    status,
    severity,
    evidence: { participants: participants.map(words), act: words('act') },
  };
}
