import type { CodebookData } from '../codebook/data.js';
import { readDocument } from '../coder/document.js';
import type { Coder, CoderInput, EvidenceSpan } from '../coder/label.js';
import { createLexer } from '../coder/lexer.js';
import { createRulesCoder } from '../coder/rules-coder.js';

/** What a reviewer's decision needs of the codebook: who is named in a text, and what the coder says of it by itself. */
export interface ReviewTools {
  coder: Coder;
  /** Severity of an act of which nobody says more, by indicator. */
  severityOf(indicator: string): number;
  /** Names of members that the gazetteer finds in the item, in reading order. */
  findNames(input: CoderInput): EvidenceSpan[];
}

/** Builds the tools; what costs (the automaton) is built when it is first needed, and once. */
export function createReviewTools(data: CodebookData, coder?: Coder): ReviewTools {
  let lexer: ReturnType<typeof createLexer> | null = null;
  let ownCoder: Coder | null = coder ?? null;
  return {
    get coder() {
      ownCoder ??= createRulesCoder(data);
      return ownCoder;
    },
    severityOf: (indicator) => data.settings.severity[indicator] ?? 2,
    findNames(input) {
      lexer ??= createLexer(data);
      const doc = readDocument(lexer, data, input);
      return (doc?.members ?? []).map(({ member, field, start, end, implied }) => {
        const name = field === 0 ? ('title' as const) : ('summary' as const);
        const span = { for: member!, field: name, start, end, text: input[name].slice(start, end) };
        return implied ? { ...span, implied: true as const } : span;
      });
    },
  };
}
