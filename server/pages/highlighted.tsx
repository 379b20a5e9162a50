/** @jsxRuntime automatic */ /** @jsxImportSource hono/jsx */
import type { EvidenceSpan } from '../../core/coder/label.js';
import { segmentText } from '../highlight.js';

/** A text of an item with the words behind its labels marked: members with their code, the act underlined. */
export function Highlighted({ text, field, evidence }: { text: string; field: string; evidence: EvidenceSpan[] }) {
  const segments = segmentText(
    text,
    evidence.filter((span) => span.field === field),
  );
  return (
    <>
      {segments.map(({ text: piece, marks }) => {
        if (marks.length === 0) return piece;
        const members = marks.filter((mark) => mark !== 'act');
        return (
          <mark
            class={
              members.length === 0
                ? 'act'
                : members.every((mark) => mark.endsWith('(implied)'))
                  ? 'member implied'
                  : 'member'
            }
            data-for={members.join(' ') || undefined}
            title={marks.map((mark) => (mark === 'act' ? 'the act' : mark)).join(', ')}
          >
            {piece}
          </mark>
        );
      })}
    </>
  );
}
