import type { Status } from '../codebook/codebook.js';
import type { Label } from '../coder/label.js';
import type { DropReason } from './gate.js';

/** Labels whose confidence lies in here are uncertain; both ends belong to it. */
export interface Band {
  least: number;
  most: number;
}

/** A label of the rules as it counts now. */
export interface JudgedLabel {
  indicator: string;
  participants: string[];
  status: Status;
  confidence: number;
}

export type Verdict = 'confirm' | 'reject' | 'correct' | 'undecided';

export interface Decision<L extends JudgedLabel = JudgedLabel> {
  label: L;
  verdict: Verdict;
  /** In words, for whoever asks who decided and why. */
  reason: string;
  /** The second coder's label for `confirm` and `correct`. */
  by: Label | null;
}

/**
 * What an opinion decides about the uncertain labels of its item. It can confirm a label, change its status, or reject it; it never
 * brings a label of its own into the series. Whoever sees another act between the same members, or had a label for them
 * thrown away, has not said that there is none: that is left to a person.
 */
export function decideLabels<L extends JudgedLabel>(
  labels: readonly L[],
  opinion: { labels: readonly Label[]; dropped: Partial<Record<DropReason, number>> },
  band: Band,
): Array<Decision<L>> {
  return labels
    .filter(({ confidence }) => confidence >= band.least && confidence <= band.most)
    .map((label) => decideLabel(label, opinion));
}

function decideLabel<L extends JudgedLabel>(
  label: L,
  { labels, dropped }: { labels: readonly Label[]; dropped: Partial<Record<DropReason, number>> },
): Decision<L> {
  const same = labels.find((o) => o.indicator === label.indicator && sameMembers(o.participants, label.participants));
  if (same?.status === label.status)
    return { label, verdict: 'confirm', reason: 'the second coder gives the same label', by: same };
  if (same)
    return {
      label,
      verdict: 'correct',
      reason: `the second coder reads the act as ${same.status}, not ${label.status}`,
      by: same,
    };
  const other = labels.find((o) => overlap(o.participants, label.participants) >= 2);
  if (other)
    return {
      label,
      verdict: 'undecided',
      reason: `the second coder sees ${other.indicator} of ${other.participants.join(', ')} instead`,
      by: null,
    };
  if (Object.keys(dropped).length > 0)
    return { label, verdict: 'undecided', reason: 'a label of the second coder was thrown away', by: null };
  return {
    label,
    verdict: 'reject',
    reason: 'the second coder sees no act between these members in this item',
    by: null,
  };
}

const sameMembers = (a: readonly string[], b: readonly string[]) => a.length === b.length && overlap(a, b) === a.length;
const overlap = (a: readonly string[], b: readonly string[]) => a.filter((code) => b.includes(code)).length;
