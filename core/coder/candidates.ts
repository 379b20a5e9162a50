import type { CoderSettings, Damper, Pattern } from '../codebook/data.js';
import { type ConceptHits, type Hit, sentenceBit } from './concept-hits.js';
import type { Doc } from './document.js';
import { findParties, type Party, type PartyRules, partyRulesOf } from './participants.js';
import type { Suggestion } from './suggest.js';

/** One firing of one pattern for one set of members. */
export interface Candidate {
  pattern: Pattern;
  act: Hit;
  party: Party;
  score: number;
  /** Names of the dampers that lowered the score. */
  dampers: readonly string[];
}

/** A pattern with its names made numbers once. */
interface CompiledPattern {
  pattern: Pattern;
  /** Numbers of its groups among all groups. */
  groups: number[];
  none: number[];
  noneItem: number[];
  rules: PartyRules;
}

interface CompiledDamper extends Damper {
  /** Number of its cue, and of the concepts beside which it does not damp. */
  number: number;
  unlessNumbers: number[];
}

interface KnownParties {
  act: Hit;
  isWide: boolean;
  rules: number;
  parties: readonly Party[];
}

/** Patterns in the order of the codebook. What is worked out for an item stays until the next. */
export interface CompiledPatterns {
  list: CompiledPattern[];
  /** For what words suggest without a pattern, by indicator. */
  suggested: ReadonlyMap<string, CompiledPattern>;
  dampers: CompiledDamper[];
  /** Those that the present item gives cause to. */
  active: readonly CompiledDamper[];
  links: CoderSettings['links'];
  /** Concepts of each group; many patterns share one. */
  groups: number[][];
  /** The sentences in which each group stands. */
  sentences: Int32Array;
  /** Hits of each group that was looked at. */
  hits: Array<readonly Hit[] | null>;
  /** Who takes part in each act that was looked at. */
  parties: KnownParties[];
}

/** Compiles patterns and dampers. A concept that `numbers` does not know never occurs. */
export function compilePatterns(
  patterns: readonly Pattern[],
  settings: CoderSettings,
  numbers: ReadonlyMap<string, number>,
): CompiledPatterns {
  const numbersOf = (names: readonly string[]) => names.flatMap((name) => numbers.get(name) ?? []);
  const groups = [...new Set(patterns.flatMap((pattern) => pattern.all))];
  const groupNumbers = new Map(groups.map((group, i) => [group, i]));
  const compile = (pattern: Pattern): CompiledPattern => ({
    pattern,
    groups: pattern.all.map((group) => groupNumbers.get(group)!),
    none: numbersOf(pattern.none),
    noneItem: numbersOf(pattern.noneItem),
    rules: partyRulesOf(pattern),
  });
  return {
    list: patterns.map(compile),
    suggested: new Map(suggestedPatterns(patterns).map((pattern) => [pattern.indicator, compile(pattern)])),
    active: [],
    dampers: settings.dampers.flatMap((damper) =>
      numbersOf([damper.cue]).map((number) => ({ ...damper, number, unlessNumbers: numbersOf(damper.unless) })),
    ),
    links: settings.links,
    groups: groups.map((group) => numbersOf(group.split('|'))),
    sentences: new Int32Array(groups.length),
    hits: groups.map(() => null),
    parties: [],
  };
}

/** What stands for a pattern where words suggest an indicator: acts of each take part in as most of its patterns say. */
function suggestedPatterns(patterns: readonly Pattern[]): Pattern[] {
  const groupings = new Map<string, Pattern['grouping'][]>();
  for (const { indicator, grouping } of patterns)
    groupings.set(indicator, [...(groupings.get(indicator) ?? []), grouping]);
  const times = (list: readonly string[], one: string) => list.filter((other) => other === one).length;
  return [...groupings].map(([indicator, list]) => ({
    ...barePattern(`${SUGGESTED_PREFIX}${indicator}`, indicator),
    grouping: list.reduce((best, one) => (times(list, one) > times(list, best) ? one : best)),
  }));
}

/** A pattern that asks for nothing and decides nothing, to build on. */
export function barePattern(id: string, indicator: string): Pattern {
  return {
    id,
    indicator,
    all: [],
    none: [],
    noneItem: [],
    scope: 'sentence',
    grouping: 'pair',
    near: 0,
    kinds: [],
    weight: 1,
    status: null,
    severity: null,
    direction: null,
    flags: [],
  };
}

/** Labels that come of words alone show this before their indicator, in the place of a pattern. */
const SUGGESTED_PREFIX = 'words:';

/** Adds what a suggestion gives with the members around it: those of its sentence, else those of the item. */
export function addSuggested(
  doc: Doc,
  patterns: CompiledPatterns,
  { indicator, act, probability }: Suggestion,
  out: Candidate[],
): void {
  const compiled = patterns.suggested.get(indicator);
  if (compiled === undefined) return;
  const before = out.length;
  addCandidates(doc, patterns, compiled, act, false, out);
  if (out.length === before) addCandidates(doc, patterns, compiled, act, true, out);
  for (let i = before; i < out.length; i++) out[i]!.score *= probability;
}

/** Everything the patterns find in one item, unfiltered. */
export function findCandidates(doc: Doc, patterns: CompiledPatterns): Candidate[] {
  const { hits } = doc;
  placeGroups(hits, patterns);
  patterns.active = patterns.dampers.filter(
    (damper) => hits.holds(damper.number) && !damper.unlessNumbers.some((number) => hits.holds(number)),
  );
  const out: Candidate[] = [];
  for (const compiled of patterns.list) {
    const { pattern, groups, noneItem } = compiled;
    // Most patterns end here: a group stands nowhere, or never in one sentence with the others.
    let together = ~0;
    let everywhere = true;
    for (let g = 0; g < groups.length; g++) {
      const sentences = patterns.sentences[groups[g]!]!;
      together &= sentences;
      if (sentences === 0) everywhere = false;
    }
    if (!everywhere || noneItem.some((number) => hits.holds(number))) continue;
    const found = hitsOf(doc, patterns, groups);
    let isFound = false;
    if (pattern.scope !== 'item' && together !== 0)
      for (let i = 0; i < doc.sentences.length; i++) {
        if ((together & sentenceBit(i)) === 0) continue;
        const act = matchIn(doc, compiled, found, i, pattern.near);
        if (act === null) continue;
        isFound = true;
        addCandidates(doc, patterns, compiled, act, false, out);
      }
    // What is said in two sentences is the weaker sign, but still one.
    const isWide = pattern.scope === 'item' || (!isFound && found.length > 1 && doc.sentences.length > 1);
    const act = isWide ? matchIn(doc, compiled, found, -1, 0) : null;
    if (act !== null) addCandidates(doc, patterns, compiled, act, true, out);
  }
  return out;
}

/** One candidate for each set of members that may take part in an act; `isWide`: its words stand anywhere in the item. */
function addCandidates(
  doc: Doc,
  patterns: CompiledPatterns,
  compiled: CompiledPattern,
  act: Hit,
  isWide: boolean,
  out: Candidate[],
): void {
  for (const party of partiesOf(doc, patterns, compiled, act, isWide)) {
    if (!hasKinds(doc, compiled.pattern, party, isWide ? null : act.sentence)) continue;
    out.push(weigh(doc, compiled.pattern, act, party, patterns));
  }
}

function placeGroups(hits: ConceptHits, { groups, sentences, hits: found, parties }: CompiledPatterns): void {
  for (let g = 0; g < groups.length; g++) {
    let mask = 0;
    for (const concept of groups[g]!) mask |= hits.sentences[concept]!;
    sentences[g] = mask;
    found[g] = null;
  }
  parties.length = 0;
}

/** Hits of the groups of a pattern anywhere in the item; valid until the next pattern. */
function hitsOf(doc: Doc, patterns: CompiledPatterns, groups: readonly number[]): ReadonlyArray<readonly Hit[]> {
  lists.length = groups.length;
  for (let g = 0; g < groups.length; g++) lists[g] = hitsOfGroup(doc.hits, patterns, groups[g]!);
  return lists;
}

const lists: Array<readonly Hit[]> = [];

/** Hits of one group anywhere in the item. */
function hitsOfGroup(hits: ConceptHits, patterns: CompiledPatterns, group: number): readonly Hit[] {
  let list = patterns.hits[group]!;
  if (list !== null) return list;
  list = NO_HITS;
  for (const concept of patterns.groups[group]!) {
    const own = hits.of(concept);
    if (own.length > 0) list = list.length === 0 ? own : list.concat(own);
  }
  patterns.hits[group] = list;
  return list;
}

const NO_HITS: readonly Hit[] = [];

/** Who takes part in an act; patterns with equal rules find the same. */
function partiesOf(
  doc: Doc,
  { parties: known }: CompiledPatterns,
  { rules }: CompiledPattern,
  act: Hit,
  isWide: boolean,
): readonly Party[] {
  for (let i = 0; i < known.length; i++) {
    const one = known[i]!;
    if (one.rules === rules.number && one.isWide === isWide && isSamePlace(one.act, act)) return one.parties;
  }
  const parties = findParties(doc, rules, act, windowOf(doc, act, isWide));
  known.push({ act, isWide, rules: rules.number, parties });
  return parties;
}

const isSamePlace = (a: Hit, b: Hit): boolean => a.start === b.start && a.end === b.end && a.field === b.field;

/** Numbers of the sentences in which members are looked for. */
function windowOf(doc: Doc, act: Hit, isWide: boolean): readonly number[] {
  if (isWide) return doc.sentences.map((_, i) => i);
  const { sentence } = act;
  if (sentence >= SINGLE.length) return [sentence];
  return SINGLE[sentence]!;
}

const SINGLE: ReadonlyArray<readonly number[]> = Array.from({ length: 32 }, (_, i) => [i]);

function weigh(doc: Doc, pattern: Pattern, act: Hit, party: Party, { links, active }: CompiledPatterns): Candidate {
  let score = pattern.weight * (links[party.link] ?? 1);
  if (party.members.some((m) => m.implied)) score *= links.implied ?? 1;
  let applied = NO_DAMPERS;
  for (const damper of active) {
    if (!applies(doc, damper, pattern, act)) continue;
    score *= damper.factor;
    applied = [...applied, damper.id];
  }
  return { pattern, act, party, score, dampers: applied };
}

const NO_DAMPERS: readonly string[] = [];

/**
 * The words that show the act: the hits of all groups in one sentence (or, with -1, in the item), as near to each other as
 * they come, spanned from first to last.
 */
function matchIn(
  doc: Doc,
  { none }: CompiledPattern,
  found: ReadonlyArray<readonly Hit[]>,
  sentence: number,
  near: number,
): Hit | null {
  for (const number of none)
    if (sentence < 0 ? doc.hits.holds(number) : doc.hits.standsIn(number, sentence)) return null;
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
    const isOne = found.length === 1 || apart || high - low > 160;
    best = isOne
      ? first
      : { field: first.field, start: low, end: high, sentence: first.sentence, phrase: first.phrase };
  }
  return best;
}

const distance = (a: Hit, b: Hit) => (a.field === b.field ? Math.abs(a.start - b.start) : 10_000);

/** Patterns about leaders, ministers or media want two members shown by such mentions in the sentence, or in the item. */
function hasKinds(doc: Doc, { kinds }: Pattern, party: Party, sentence: number | null): boolean {
  if (kinds.length === 0) return true;
  const shown = party.members.filter(({ member }) =>
    doc.members.some(
      (m) => m.member === member && kinds.includes(m.kind) && (sentence === null || m.sentence === sentence),
    ),
  );
  return shown.length >= 2;
}

/** Does a damper whose cue the item holds, and nothing that forbids it, lower this act? */
function applies(doc: Doc, damper: CompiledDamper, pattern: Pattern, act: Hit): boolean {
  if (damper.except.includes(pattern.indicator) || damper.except.includes(pattern.id)) return false;
  const found = doc.hits.of(damper.number);
  if (found.length < damper.least) return false;
  if (damper.scope === 'item') return true;
  const hits = found.filter((h) => {
    if (damper.scope === 'title') return h.field === 0;
    if (h.sentence !== act.sentence) return false;
    return damper.scope === 'sentence' || distance(h, act) < 60;
  });
  return hits.length >= damper.least;
}
