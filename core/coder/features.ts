import type { Candidate } from './candidates.js';
import { addConcept, type ConceptList, createConceptList } from './concept-hits.js';
import type { Doc } from './document.js';
import { LEXICON_PREFIX } from './lexer.js';
import type { Mention } from './mentions.js';
import type { TellPart } from './name-parts.js';

/** All candidates for one indicator and one set of members. */
export interface Draft {
  indicator: string;
  members: string[];
  candidates: Candidate[];
  /** Joined score of its patterns, before the model. */
  score: number;
}

/**
 * Takes one feature. Family and name are apart, so that weights are looked up without putting the full name (`family name`, or
 * the family alone) together.
 */
export interface Visit {
  (family: string, name: string, value: number): void;
  /** Takes a feature of one family for each concept of a list: the bulk of all features. */
  concepts(family: string, list: ConceptList, value: number): void;
}

/** Families of features that belong to one indicator or its domain, put together once. */
interface Families {
  domain: string;
  summary: string;
  outsider: string;
  best: string;
  role: string;
  reading: string;
  personsOf: string;
  beside: string;
  weakBeside: string;
  partB: string;
  order: string;
  opens: string;
  outsiderPart: string;
  inTitle: string;
  inSummary: string;
  lexiconVerbs: string;
  lexiconNouns: string;
}

const families = new Map<string, Families>();

function familiesOf(indicator: string): Families {
  let known = families.get(indicator);
  if (known) return known;
  const domain = indicator.split('.')[0]!;
  known = {
    domain,
    summary: `summary ${domain}`,
    outsider: `outsider ${domain}`,
    best: `best ${domain}`,
    role: `role ${indicator}`,
    reading: `reading ${indicator}`,
    personsOf: `persons-of ${indicator}`,
    beside: `beside ${indicator}`,
    weakBeside: `weak-beside ${indicator}`,
    partB: `part-b ${domain}`,
    order: `order ${domain}`,
    opens: `opens ${domain}`,
    outsiderPart: `outsider-part ${domain}`,
    inTitle: `t ${indicator}`,
    inSummary: `s ${indicator}`,
    lexiconVerbs: `${LEXICON_PREFIX}verb:${indicator}`,
    lexiconNouns: `${LEXICON_PREFIX}noun:${indicator}`,
  };
  families.set(indicator, known);
  return known;
}

/**
 * What the calibrated model looks at: which patterns fired and where, how the members are joined to the act, which parts they
 * play in the clause, what else the item reports, which concepts stand near. Full names are readable, so that the stored
 * weights can be reviewed.
 */
export function visitFeatures(doc: Doc, draft: Draft, all: readonly Draft[], tellPart: TellPart, visit: Visit): void {
  const best = draft.candidates[0]!;
  const { indicator } = draft;
  const own = familiesOf(indicator);
  visit('bias', '', 1);
  visit('indicator', indicator, 1);
  const clipped = Math.min(0.97, Math.max(0.03, draft.score));
  visit('score', '', Math.log(clipped / (1 - clipped)));
  visit('link', best.party.link, 1);
  visit(best.act.field === 0 ? 'title' : own.summary, '', 1);
  visitPatterns(draft, visit);
  for (const damper of best.dampers) visit('damper', damper, 1);
  visit('reading', best.party.reading, 1);
  if (best.party.reading !== 'pair') visit(own.reading, best.party.reading, 1);
  if (doc.hits.has('separate_action')) visit('separate', best.party.reading, 1);
  visitMembers(doc, best, own, visit);
  visitPlaces(doc, best, visit);
  visitParts(doc, best, own, tellPart, visit);
  visitRivals(draft, all, own, visit);
  if (/[?？؟]/.test(doc.fields[0])) visit('question', '', 1);
  visitOthers(doc, best, own, visit);
  visitConcepts(doc, draft, own, visit);
}

function visitPatterns(draft: Draft, visit: Visit): void {
  const seen = new Set<string>();
  for (const { pattern, act } of draft.candidates) {
    if (!seen.has(pattern.id)) visit('pattern', pattern.id, 1);
    seen.add(pattern.id);
    if (act.field !== 0 || seen.has(`title ${pattern.id}`)) continue;
    seen.add(`title ${pattern.id}`);
    visit('title-pattern', pattern.id, 1);
  }
}

function visitMembers(doc: Doc, best: Candidate, own: Families, visit: Visit): void {
  const { members } = best.party;
  const roles = new Set(members.map((m) => m.entry.id.slice(m.entry.id.lastIndexOf('.') + 1)));
  for (const role of roles) visit(own.role, role, 0.7);
  if (members.some((m) => m.implied)) visit('implied', '', 1);
  if (members.every((m) => m.field === 0)) visit('members-in-title', '', 1);
  if (members.some((m) => m.kind === 'place')) visit('by-place', '', 1);
  if (members.every((m) => PERSONS.has(m.kind))) visit('persons', best.pattern.indicator, 1);
  visit(own.personsOf, personsOf(doc, best), 1);
}

/** What other drafts of the item say of the same members. */
function visitRivals(draft: Draft, all: readonly Draft[], own: Families, visit: Visit): void {
  const rivals = all.filter(
    (o) => o !== draft && o.indicator !== draft.indicator && draft.members.every((m) => o.members.includes(m)),
  );
  const better = rivals.filter((o) => o.score > draft.score).length;
  visit('better-rivals', '', Math.min(4, better));
  visit('behind', '', Math.max(draft.score, ...rivals.map((o) => o.score)) - draft.score);
  if (better === 0) visit(own.best, '', 1);
  const strong = new Set(rivals.filter((o) => o.score >= 0.5).map((o) => o.indicator));
  const weak = new Set(rivals.filter((o) => o.score < 0.5).map((o) => o.indicator));
  for (const other of strong) visit(own.beside, other, 1);
  for (const other of weak) visit(own.weakBeside, other, 0.5);
  const pairs = new Set(all.map((o) => o.members.join('-')));
  visit('pairs-in-item', '', Math.min(4, pairs.size - 1));
}

/** Who else is named, and whether the indicator's own words stand in the sentence. */
function visitOthers(doc: Doc, best: Candidate, own: Families, visit: Visit): void {
  const { sentence } = best.act;
  let [outsider, observer, outsiderInTitle] = [false, false, false];
  for (const m of doc.mentions) {
    if (m.kind === 'outsider' && m.sentence === sentence) outsider = true;
    if (m.kind === 'observer' && m.sentence === sentence) observer = true;
    if (m.kind === 'outsider' && m.field === 0) outsiderInTitle = true;
  }
  if (outsider) visit(own.outsider, '', 1);
  if (observer) visit('observer', '', 1);
  if (outsiderInTitle) visit('outsider-in-title', '', 1);
  if (doc.hits.standsHere(own.lexiconVerbs, sentence)) visit('own-lexicon verb', '', 1);
  if (doc.hits.standsHere(own.lexiconNouns, sentence)) visit('own-lexicon noun', '', 1);
}

/** Concepts that stand in the title, in the summary and in one sentence; words of the lexicon are not among them. */
const places = {
  doc: null as Doc | null,
  title: createConceptList(),
  summary: createConceptList(),
  sentence: -1,
  inSentence: createConceptList(),
};

/** Where the concepts of an item stand, and those of one sentence; valid until it is asked for another. */
export function placesIn(doc: Doc, sentence: number): Readonly<typeof places> {
  const { hits, firstOfLexicon } = doc;
  if (places.doc !== doc) {
    places.doc = doc;
    places.sentence = -1;
    places.title.count = 0;
    places.summary.count = 0;
    for (const concept of hits.found) {
      if (concept >= firstOfLexicon) continue;
      if ((hits.fields[concept]! & 1) !== 0) addConcept(places.title, concept);
      if ((hits.fields[concept]! & 2) !== 0) addConcept(places.summary, concept);
    }
  }
  if (places.sentence !== sentence) {
    places.sentence = sentence;
    places.inSentence.count = 0;
    for (const concept of hits.found)
      if (concept < firstOfLexicon && hits.standsIn(concept, sentence)) addConcept(places.inSentence, concept);
  }
  return places;
}

/** Which concepts the item holds: in its headline, in its summary, in the sentence of the act. The bulk of all features. */
function visitConcepts(doc: Doc, draft: Draft, own: Families, visit: Visit): void {
  const { title, summary, inSentence } = placesIn(doc, draft.candidates[0]!.act.sentence);
  visit.concepts(own.inTitle, title, 0.7);
  visit.concepts('c', inSentence, 0.7);
  visit.concepts(own.inSummary, summary, 0.5);
}

/** Gazetteer groups of these names are soldiers and ministers of defence. */
const MILITARY = /\.(mod|mil-chiefs|cmc|commanders)$/;
const PERSONS = new Set(['leader', 'minister', 'official']);

/** Which kinds of persons act for the members in this sentence: soldiers, civilians, both, or nobody by name. */
function personsOf(doc: Doc, { act, party }: Candidate): string {
  const codes = new Set(party.members.map((m) => m.member));
  const persons = doc.members.filter(
    (m) => codes.has(m.member) && PERSONS.has(m.kind) && (m.sentence === act.sentence || m.field === 0),
  );
  const soldiers = persons.filter((m) => MILITARY.test(m.entry.id)).length;
  if (persons.length === 0) return 'none';
  return soldiers === 0 ? 'civil' : soldiers === persons.length ? 'military' : 'mixed';
}

/**
 * Where the act stands to the names: who is named next to it on either side, whether the names are parted by more than a comma,
 * how much text holds them together. An outsider beside the act is often the real partner.
 */
function visitPlaces(doc: Doc, { act, party }: Candidate, visit: Visit): void {
  const codes = new Set(party.members.map((m) => m.member));
  let before: Mention | undefined;
  let after: Mention | undefined;
  for (const m of doc.mentions) {
    if (m.sentence !== act.sentence || m.field !== act.field) continue;
    if (m.start < act.start) {
      if (before === undefined || m.start > before.start) before = m;
    } else if (after === undefined || m.start < after.start) after = m;
  }
  const [left, right] = [kindFor(before, codes), kindFor(after, codes)];
  visit('neighbours', `${left} ${right}`, 0.5);
  visit('before', left, 0.5);
  visit('after', right, 0.5);
  const near = party.members.filter((m) => m.field === act.field && m.sentence === act.sentence);
  if (near.length < 2) {
    visit('apart', '', 0.5);
    return;
  }
  const low = Math.min(act.start, ...near.map((m) => m.start));
  const high = Math.max(act.end, ...near.map((m) => m.end));
  const text = doc.fields[act.field].slice(low, high);
  if (/[;；؛:：—–|]/.test(text)) visit('parted', '', 0.5);
  if (/[,，、،…]/.test(text)) visit('comma', '', 0.5);
  const width = high - low;
  visit('width', width < 30 ? '1' : width < 60 ? '2' : width < 100 ? '3' : width < 160 ? '4' : '5', 0.5);
}

/** What a neighbour of an act is to it: one of its own members, another member, or another kind of name. */
function kindFor(mention: Mention | undefined, codes: ReadonlySet<string | null>): string {
  if (mention === undefined) return 'none';
  if (mention.member === null) return mention.kind;
  return codes.has(mention.member) ? 'party' : 'member';
}

/** Between two names, text up to this length is looked at as it stands. */
const SHORT_GAP = 8;
/** A negation reaches an act that follows within this many characters. */
const NEGATION_REACH = 30;

/**
 * Which parts the first and the last member play ("with", "to", "in"), in which order act and members stand, who opens the
 * headline, whether the act is negated, and which part an outsider plays beside it.
 */
function visitParts(
  doc: Doc,
  { act, party, pattern }: Candidate,
  own: Families,
  tellPart: TellPart,
  visit: Visit,
): void {
  const members = [...party.members].sort((a, b) => a.field - b.field || a.start - b.start);
  const [a, b] = [members[0]!, members[members.length - 1]!];
  const [partA, partB] = [tellPart(doc, a), tellPart(doc, b)];
  visit('part-a', partA, 0.7);
  visit('part-b', partB, 0.7);
  visit(own.partB, partB, 0.7);
  visit('parts', `${partA} ${partB}`, 0.7);
  if (a.field === b.field) {
    if (b.start - a.end < SHORT_GAP)
      visit('between', doc.fields[a.field].slice(a.end, b.start).trim().toLowerCase(), 0.7);
    const order =
      act.field !== a.field
        ? 'elsewhere'
        : act.start < a.start
          ? 'act-a-b'
          : act.start < b.start
            ? 'a-act-b'
            : 'a-b-act';
    visit('order', order, 0.7);
    visit(own.order, order, 0.7);
    visit('order-part', `${order} ${partB}`, 0.7);
  } else visit('order', 'two-fields', 0.7);
  const codes = new Set(party.members.map((m) => m.member));
  let first: Mention | undefined;
  for (const m of doc.mentions) if (m.field === 0 && (first === undefined || m.start < first.start)) first = m;
  const kind = kindFor(first, codes);
  visit('opens', kind, 0.7);
  visit(own.opens, kind, 0.7);
  if (first !== undefined && first.start < 4) visit('starts', kind, 0.7);
  const negated = (doc.hits.get('negation') ?? []).some(
    (h) =>
      h.field === act.field && h.sentence === act.sentence && h.end <= act.end && act.start - h.end < NEGATION_REACH,
  );
  if (negated) {
    visit('negated', '', 0.7);
    visit('negated', pattern.indicator, 0.7);
  }
  const outsiders = doc.mentions.filter(
    (m) => m.kind === 'outsider' && m.sentence === act.sentence && m.field === act.field,
  );
  for (const part of new Set(outsiders.slice(0, 2).map((m) => tellPart(doc, m)))) {
    visit('outsider-part', part, 0.7);
    visit(own.outsiderPart, part, 0.7);
  }
}
