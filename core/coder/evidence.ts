import type { Hit } from './concept-hits.js';
import type { CoderInput, EvidenceSpan, Label } from './label.js';
import type { Mention } from './mentions.js';

const FIELDS = ['title', 'summary'] as const;

/** Span of the act or of a participant, cut out of the original field. */
export function spanOf(input: CoderInput, target: string, place: Hit | Mention): EvidenceSpan {
  const field = FIELDS[place.field];
  const { start, end } = place;
  const span: EvidenceSpan = { for: target, field, start, end, text: input[field].slice(start, end) };
  return 'implied' in place && place.implied ? { ...span, implied: true } : span;
}

/**
 * The gate: a label passes only if its act and each of its participants point to words of this very item.
 * Everything a coder says goes through it, whoever the coder is.
 */
export function isEvidenced(input: CoderInput, label: Pick<Label, 'participants' | 'evidence'>): boolean {
  const shown = new Set<string>();
  for (const span of label.evidence) {
    const text = input[span.field];
    if (!Number.isInteger(span.start) || !Number.isInteger(span.end)) return false;
    if (span.start < 0 || span.end > text.length || span.start >= span.end) return false;
    if (text.slice(span.start, span.end) !== span.text) return false;
    shown.add(span.for);
  }
  return label.participants.length >= 2 && ['act', ...label.participants].every((target) => shown.has(target));
}
