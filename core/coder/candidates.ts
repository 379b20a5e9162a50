import type { CodebookData, Damper, Pattern } from '../codebook/data.js';
import type { Doc, Hit } from './document.js';
import { findParties, type Party } from './participants.js';

/** One firing of one pattern for one set of members. */
export interface Candidate {
  pattern: Pattern;
  act: Hit;
  party: Party;
  score: number;
  /** Dampers and links that changed the score, for explanations. */
  notes: string[];
}

/** Everything the patterns find in one item, unfiltered. */
export function findCandidates(doc: Doc, data: CodebookData): Candidate[] {
  const out: Candidate[] = [];
  for (const pattern of data.patterns) {
    if (pattern.noneItem.some((name) => doc.hits.has(name))) continue;
    for (const { act, window } of matchesOf(doc, pattern)) {
      for (const party of findParties(doc, pattern, act, window)) {
        if (!hasKinds(doc, pattern, party, window)) continue;
        const notes = [party.link];
        let score = pattern.weight * (data.settings.links[party.link] ?? 1);
        if (party.members.some((m) => m.implied)) score *= data.settings.links.implied ?? 1;
        for (const damper of data.settings.dampers) {
          if (!applies(doc, damper, pattern, act)) continue;
          score *= damper.factor;
          notes.push(damper.id);
        }
        out.push({ pattern, act, party, score, notes });
      }
    }
  }
  return out;
}

function* matchesOf(doc: Doc, pattern: Pattern): Generator<{ act: Hit; window: number[] }> {
  if (pattern.scope === 'item') {
    const window = doc.sentences.map((_, i) => i);
    const act = matchIn(doc, pattern, window);
    if (act) yield { act, window };
    return;
  }
  let found = false;
  for (let i = 0; i < doc.sentences.length; i++) {
    const act = matchIn(doc, pattern, [i]);
    if (!act) continue;
    found = true;
    yield { act, window: [i] };
  }
  // What is said in two sentences is the weaker sign, but still one.
  if (found || pattern.all.length < 2 || doc.sentences.length < 2) return;
  const window = doc.sentences.map((_, i) => i);
  const act = matchIn(doc, { ...pattern, near: 0 }, window);
  if (act) yield { act, window };
}

/** The words that show the act: the hits of all groups, as near to each other as they come, spanned from first to last. */
function matchIn(doc: Doc, pattern: Pattern, window: readonly number[]): Hit | null {
  const within = (name: string): Hit[] => hitsOf(doc, name).filter((h) => window.includes(h.sentence));
  if (pattern.none.some((name) => within(name).length > 0)) return null;
  const groups = pattern.all.map((group) => group.split('|').flatMap(within));
  if (groups.some((hits) => hits.length === 0)) return null;
  let best: Hit | null = null;
  let narrowest = Number.POSITIVE_INFINITY;
  for (const first of groups[0]!) {
    let low = first.start;
    let high = first.end;
    let apart = false;
    for (const group of groups.slice(1)) {
      const nearest = group.reduce((a, b) => (distance(first, a) <= distance(first, b) ? a : b));
      if (nearest.field !== first.field) {
        apart = true;
        continue;
      }
      low = Math.min(low, nearest.start);
      high = Math.max(high, nearest.end);
    }
    const width = high - low + (apart ? 1000 : 0);
    if (pattern.near > 0 && (apart || width > pattern.near)) continue;
    if (width >= narrowest) continue;
    narrowest = width;
    best = apart || high - low > 160 ? first : { ...first, start: low, end: high };
  }
  return best;
}

const distance = (a: Hit, b: Hit) => (a.field === b.field ? Math.abs(a.start - b.start) : 10_000);

/** `@kind` stands for mentions of that kind, `@.name` for gazetteer groups of that name (`@.mod` are defence ministers). */
function hitsOf(doc: Doc, name: string): Hit[] {
  if (!name.startsWith('@')) return doc.hits.get(name) ?? [];
  const wanted = name.slice(1);
  const fits = (m: Doc['mentions'][number]) =>
    wanted.startsWith('.') ? m.entry.id.endsWith(wanted) : m.kind === wanted;
  return doc.mentions
    .filter(fits)
    .map(({ field, start, end, sentence, entry }) => ({ field, start, end, sentence, phrase: entry.id }));
}

/** Patterns about leaders, ministers or media want two members shown by such mentions. */
function hasKinds(doc: Doc, pattern: Pattern, party: Party, window: readonly number[]): boolean {
  if (pattern.kinds.length === 0) return true;
  const codes = new Set(
    doc.members.filter((m) => pattern.kinds.includes(m.kind) && window.includes(m.sentence)).map((m) => m.member),
  );
  return party.members.filter((m) => codes.has(m.member)).length >= 2;
}

function applies(doc: Doc, damper: Damper, pattern: Pattern, act: Hit): boolean {
  if (damper.except.includes(pattern.indicator) || damper.except.includes(pattern.id)) return false;
  if (damper.unless.some((name) => hitsOf(doc, name).length > 0)) return false;
  const hits = hitsOf(doc, damper.cue).filter((h) => {
    if (damper.scope === 'item') return true;
    if (damper.scope === 'title') return h.field === 0;
    if (h.sentence !== act.sentence) return false;
    return damper.scope === 'sentence' || distance(h, act) < 60;
  });
  return hits.length >= damper.least;
}
