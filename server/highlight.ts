import type { EvidenceSpan } from '../core/coder/label.js';

/** A piece of a text: plain when `marks` is empty, else the words of `act` or of members: `AAA`, or `AAA (implied)`. */
export interface Segment {
  text: string;
  marks: string[];
}

type Span = Pick<EvidenceSpan, 'for' | 'start' | 'end' | 'text' | 'implied'>;

/**
 * Cuts a text at its evidence spans. Spans may overlap; one that does not fit the text (it belongs to an earlier revision) is left
 * out. Joined again, the pieces are the text.
 */
export function segmentText(text: string, spans: readonly Span[]): Segment[] {
  const fitting = spans.filter((span) => span.start < span.end && text.slice(span.start, span.end) === span.text);
  const cuts = [...new Set([0, text.length, ...fitting.flatMap((span) => [span.start, span.end])])].sort(
    (a, b) => a - b,
  );
  const segments: Segment[] = [];
  for (const [i, start] of cuts.slice(0, -1).entries()) {
    const end = cuts[i + 1]!;
    const marks = [...new Set(fitting.filter((s) => s.start <= start && s.end >= end).map(markOf))].sort(actLast);
    const before = segments.at(-1);
    if (before && before.marks.join() === marks.join()) before.text += text.slice(start, end);
    else segments.push({ text: text.slice(start, end), marks });
  }
  return segments;
}

function actLast(a: string, b: string): number {
  return Number(a === 'act') - Number(b === 'act') || (a < b ? -1 : 1);
}

function markOf(span: Span): string {
  return span.implied ? `${span.for} (implied)` : span.for;
}
