import { addSuggested, type Candidate, type CompiledPatterns, findCandidates } from './candidates.js';
import { joinScores } from './confidence.js';
import type { Doc } from './document.js';
import type { Draft } from './features.js';
import { insertionSort } from './insertion-sort.js';
import { sideOf } from './modes.js';
import type { Suggest } from './suggest.js';

/**
 * Candidates of one indicator and one set of members put together, the best first: what patterns find, and what words suggest
 * of indicators that no pattern found.
 */
export function draftLabels(doc: Doc, patterns: CompiledPatterns, suggest: Suggest): Draft[] {
  const drafts: Draft[] = [];
  const candidates = findCandidates(doc, patterns);
  const suggestions = suggest(doc, (id) => candidates.some(({ pattern }) => pattern.indicator === id));
  for (const suggestion of suggestions) addSuggested(doc, patterns, suggestion, candidates);
  for (const candidate of candidates) {
    const { indicator } = candidate.pattern;
    const known = drafts.find((draft) => draft.indicator === indicator && isOf(draft, candidate));
    if (known) known.candidates.push(candidate);
    else
      drafts.push({
        indicator,
        members: membersOf(candidate),
        candidates: [candidate],
        score: 0,
        probability: 0,
        side: 0,
      });
  }
  for (const draft of drafts) {
    insertionSort(draft.candidates, (a, b) => b.score - a.score);
    draft.score = joinScores(draft.candidates);
    draft.side = sideOf(doc, draft.candidates[0]!.act);
  }
  return drafts;
}

const membersOf = ({ party }: Candidate): string[] => party.members.map((m) => m.member!);

function isOf({ members }: Draft, { party }: Candidate): boolean {
  return members.length === party.members.length && members.every((code, i) => code === party.members[i]!.member);
}
