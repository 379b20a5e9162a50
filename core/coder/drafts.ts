import { type CompiledPatterns, findCandidates } from './candidates.js';
import { joinScores } from './confidence.js';
import type { Doc } from './document.js';
import type { Draft } from './features.js';

/** Candidates of one indicator and one set of members put together, the best first. */
export function draftLabels(doc: Doc, patterns: CompiledPatterns): Draft[] {
  const drafts = new Map<string, Draft>();
  for (const candidate of findCandidates(doc, patterns)) {
    const members = candidate.party.members.map((m) => m.member!);
    const { indicator } = candidate.pattern;
    const key = `${indicator} ${members.join('-')}`;
    const known = drafts.get(key);
    if (known) known.candidates.push(candidate);
    else drafts.set(key, { indicator, members, candidates: [candidate], score: 0 });
  }
  for (const draft of drafts.values()) {
    draft.candidates.sort((a, b) => b.score - a.score);
    draft.score = joinScores(draft.candidates.map((c) => c.score));
  }
  return [...drafts.values()];
}
