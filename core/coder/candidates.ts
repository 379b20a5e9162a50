import type { CoderSettings, Damper, Pattern } from '../codebook/data.js';
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

/** A pattern with its groups taken apart once. */
export interface CompiledPattern {
  pattern: Pattern;
  groups: string[][];
}

/** Patterns in the order of the codebook, and which of them a concept may set off. */
export interface CompiledPatterns {
  list: CompiledPattern[];
  /** Numbers of the patterns whose first group holds the concept. */
  byConcept: Map<string, number[]>;
  /** Those whose first group may be a kind of name. */
  byName: number[];
  /** Which are worth a look for the present item; used again for the next. */
  marks: Uint8Array;
}

export function compilePatterns(patterns: readonly Pattern[]): CompiledPatterns {
  const list = patterns.map((pattern) => ({ pattern, groups: pattern.all.map((group) => group.split('|')) }));
  const byConcept = new Map<string, number[]>();
  const byName: number[] = [];
  list.forEach(({ groups }, i) => {
    const names = groups[0]!;
    if (names.some((name) => name.startsWith('@'))) byName.push(i);
    for (const name of names) byConcept.set(name, [...(byConcept.get(name) ?? []), i]);
  });
  return { list, byConcept, byName, marks: new Uint8Array(list.length) };
}

/** Everything the patterns find in one item, unfiltered. */
export function findCandidates(doc: Doc, patterns: CompiledPatterns, settings: CoderSettings): Candidate[] {
  const { list, byConcept, byName, marks } = patterns;
  marks.fill(0);
  for (const i of byName) marks[i] = 1;
  for (const name of doc.hits.keys()) for (const i of byConcept.get(name) ?? NONE) marks[i] = 1;
  const out: Candidate[] = [];
  for (let i = 0; i < list.length; i++) {
    if (marks[i] === 0) continue;
    const { pattern, groups } = list[i]!;
    const found = hitsByGroup(doc, groups);
    if (found === null || pattern.noneItem.some((name) => doc.hits.has(name))) continue;
    for (const match of matchesOf(doc, pattern, found)) {
      for (const party of findParties(doc, pattern, match.act, match.window)) {
        if (!hasKinds(doc, pattern, party, match.window)) continue;
        out.push(weigh(doc, pattern, match.act, party, settings));
      }
    }
  }
  return out;
}

const NONE: readonly number[] = [];

function weigh(doc: Doc, pattern: Pattern, act: Hit, party: Party, settings: CoderSettings): Candidate {
  const notes: string[] = [party.link];
  let score = pattern.weight * (settings.links[party.link] ?? 1);
  if (party.members.some((m) => m.implied)) score *= settings.links.implied ?? 1;
  for (const damper of settings.dampers) {
    if (!applies(doc, damper, pattern, act)) continue;
    score *= damper.factor;
    notes.push(damper.id);
  }
  return { pattern, act, party, score, notes };
}

/** Hits of each group anywhere in the item, or null as soon as a group has none. */
function hitsByGroup(doc: Doc, groups: readonly string[][]): Hit[][] | null {
  const out: Hit[][] = [];
  for (const names of groups) {
    let hits: Hit[] = [];
    for (const name of names) {
      const list = hitsOf(doc, name);
      if (list.length > 0) hits = hits.length === 0 ? list : hits.concat(list);
    }
    if (hits.length === 0) return null;
    out.push(hits);
  }
  return out;
}

interface Match {
  act: Hit;
  window: number[];
}

function matchesOf(doc: Doc, pattern: Pattern, found: readonly Hit[][]): Match[] {
  const out: Match[] = [];
  if (pattern.scope !== 'item')
    for (let i = 0; i < doc.sentences.length; i++) {
      const act = matchIn(doc, pattern, found, i, pattern.near);
      if (act) out.push({ act, window: [i] });
    }
  // What is said in two sentences is the weaker sign, but still one.
  const wide = pattern.scope === 'item' || (out.length === 0 && found.length > 1 && doc.sentences.length > 1);
  if (wide) {
    const act = matchIn(doc, pattern, found, -1, 0);
    if (act) out.push({ act, window: doc.sentences.map((_, i) => i) });
  }
  return out;
}

/**
 * The words that show the act: the hits of all groups in one sentence (or, with -1, in the item), as near to each other as
 * they come, spanned from first to last.
 */
function matchIn(doc: Doc, pattern: Pattern, found: readonly Hit[][], sentence: number, near: number): Hit | null {
  for (const name of pattern.none)
    for (const hit of hitsOf(doc, name)) if (sentence < 0 || hit.sentence === sentence) return null;
  let best: Hit | null = null;
  let narrowest = Number.POSITIVE_INFINITY;
  for (const first of found[0]!) {
    if (sentence >= 0 && first.sentence !== sentence) continue;
    let low = first.start;
    let high = first.end;
    let apart = false;
    for (let g = 1; g < found.length; g++) {
      let nearest: Hit | null = null;
      for (const hit of found[g]!) {
        if (sentence >= 0 && hit.sentence !== sentence) continue;
        if (nearest === null || distance(first, hit) < distance(first, nearest)) nearest = hit;
      }
      if (nearest === null) return null;
      if (nearest.field !== first.field) {
        apart = true;
        continue;
      }
      low = Math.min(low, nearest.start);
      high = Math.max(high, nearest.end);
    }
    const width = high - low + (apart ? 1000 : 0);
    if (near > 0 && width > near) continue;
    if (width >= narrowest) continue;
    narrowest = width;
    best = apart || high - low > 160 ? first : { ...first, start: low, end: high };
  }
  return best;
}

const distance = (a: Hit, b: Hit) => (a.field === b.field ? Math.abs(a.start - b.start) : 10_000);

const NO_HITS: Hit[] = [];

/** Hits that stand for names, by item and name; many patterns ask for the same. */
const named = new WeakMap<Doc, Map<string, Hit[]>>();

/** `@kind` stands for mentions of that kind, `@.name` for gazetteer groups of that name (`@.mod` are defence ministers). */
function hitsOf(doc: Doc, name: string): Hit[] {
  const known = doc.hits.get(name);
  if (known) return known;
  if (!name.startsWith('@')) return NO_HITS;
  let byName = named.get(doc);
  if (byName === undefined) {
    byName = new Map();
    named.set(doc, byName);
  }
  let hits = byName.get(name);
  if (hits !== undefined) return hits;
  hits = [];
  const wanted = name.slice(1);
  for (const m of doc.mentions) {
    const fits = wanted.startsWith('.') ? m.entry.id.endsWith(wanted) : m.kind === wanted;
    if (fits) hits.push({ field: m.field, start: m.start, end: m.end, sentence: m.sentence, phrase: m.entry.id });
  }
  byName.set(name, hits);
  return hits;
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
  const found = hitsOf(doc, damper.cue);
  if (found.length < damper.least) return false;
  if (damper.except.includes(pattern.indicator) || damper.except.includes(pattern.id)) return false;
  if (damper.unless.some((name) => hitsOf(doc, name).length > 0)) return false;
  if (damper.scope === 'item') return true;
  const hits = found.filter((h) => {
    if (damper.scope === 'title') return h.field === 0;
    if (h.sentence !== act.sentence) return false;
    return damper.scope === 'sentence' || distance(h, act) < 60;
  });
  return hits.length >= damper.least;
}
