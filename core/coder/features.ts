import type { Candidate } from './candidates.js';
import { addConcept, type ConceptList, createConceptList } from './concept-hits.js';
import type { Doc } from './document.js';
import { LEXICON_PREFIX } from './lexer.js';
import type { TellPart } from './name-parts.js';
import { type Setting, settingOf } from './setting.js';

/** All candidates for one indicator and one set of members. */
export interface Draft {
  indicator: string;
  members: string[];
  candidates: Candidate[];
  /** Joined score of its patterns, before the model. */
  score: number;
  /** By its own words, once the model has seen it. */
  probability: number;
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
  const setting = settingOf(doc, best, tellPart);
  visitMembers(setting, own, indicator, visit);
  visitPlaces(setting, visit);
  visitParts(setting, own, indicator, visit);
  visitRivals(draft, all, own, visit);
  if (/[?？؟]/.test(doc.fields[0])) visit('question', '', 1);
  visitOthers(doc, best, own, visit);
  visitConcepts(doc, draft, own, visit);
}

function visitPatterns({ candidates }: Draft, visit: Visit): void {
  for (let i = 0; i < candidates.length; i++) {
    const { pattern, act } = candidates[i]!;
    if (candidates.findIndex((c) => c.pattern === pattern) === i) visit('pattern', pattern.id, 1);
    if (act.field !== 0) continue;
    const first = candidates.findIndex((c) => c.pattern === pattern && c.act.field === 0);
    if (first === i) visit('title-pattern', pattern.id, 1);
  }
}

/** Who the members are. */
function visitMembers(setting: Setting, own: Families, indicator: string, visit: Visit): void {
  for (const role of setting.roles) visit(own.role, role, 0.7);
  if (setting.isImplied) visit('implied', '', 1);
  if (setting.isInTitle) visit('members-in-title', '', 1);
  if (setting.isByPlace) visit('by-place', '', 1);
  if (setting.arePersons) visit('persons', indicator, 1);
  visit(own.personsOf, setting.personsOf, 1);
}

/** What other drafts of the item say of the same members. */
function visitRivals(draft: Draft, all: readonly Draft[], own: Families, visit: Visit): void {
  let better = 0;
  let most = draft.score;
  for (const other of all) {
    if (!isRival(other, draft)) continue;
    if (other.score > draft.score) better++;
    most = Math.max(most, other.score);
  }
  visit('better-rivals', '', Math.min(4, better));
  visit('behind', '', most - draft.score);
  if (better === 0) visit(own.best, '', 1);
  visitIndicators(draft, all, true, (other) => visit(own.beside, other, 1));
  visitIndicators(draft, all, false, (other) => visit(own.weakBeside, other, 0.5));
  visit('pairs-in-item', '', Math.min(4, countGroups(all) - 1));
}

function isRival(other: Draft, { indicator, members }: Draft): boolean {
  return other.indicator !== indicator && members.every((code) => other.members.includes(code));
}

/** Each indicator once of the strong, or the weak, rivals of a draft. */
function visitIndicators(draft: Draft, all: readonly Draft[], areStrong: boolean, visit: (name: string) => void): void {
  for (let i = 0; i < all.length; i++) {
    const other = all[i]!;
    if (other.score >= 0.5 !== areStrong || !isRival(other, draft)) continue;
    const first = all.findIndex(
      (o) => o.indicator === other.indicator && o.score >= 0.5 === areStrong && isRival(o, draft),
    );
    if (first === i) visit(other.indicator);
  }
}

/** How many different sets of members the drafts have. */
function countGroups(all: readonly Draft[]): number {
  let count = 0;
  for (let i = 0; i < all.length; i++) if (all.findIndex((o) => haveSameMembers(o, all[i]!)) === i) count++;
  return count;
}

function haveSameMembers(a: Draft, b: Draft): boolean {
  return a.members.length === b.members.length && a.members.every((code, i) => code === b.members[i]);
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

/** Where the act stands to the names. */
function visitPlaces({ before, after, neighbours, span }: Setting, visit: Visit): void {
  visit('neighbours', neighbours, 0.5);
  visit('before', before, 0.5);
  visit('after', after, 0.5);
  if (span === null) {
    visit('apart', '', 0.5);
    return;
  }
  if (span.isParted) visit('parted', '', 0.5);
  if (span.hasComma) visit('comma', '', 0.5);
  visit('width', span.width, 0.5);
}

/**
 * Which parts the first and the last member play ("with", "to", "in"), in which order act and members stand, who opens the
 * headline, whether the act is negated, and which part an outsider plays beside it.
 */
function visitParts(setting: Setting, own: Families, indicator: string, visit: Visit): void {
  const { partA, partB, parts, between, order, orderPart, opens } = setting;
  visit('part-a', partA, 0.7);
  visit('part-b', partB, 0.7);
  visit(own.partB, partB, 0.7);
  visit('parts', parts, 0.7);
  if (between !== null) visit('between', between, 0.7);
  visit('order', order ?? 'two-fields', 0.7);
  if (order !== null) {
    visit(own.order, order, 0.7);
    visit('order-part', orderPart, 0.7);
  }
  visit('opens', opens, 0.7);
  visit(own.opens, opens, 0.7);
  if (setting.startsTitle) visit('starts', opens, 0.7);
  if (setting.isNegated) {
    visit('negated', '', 0.7);
    visit('negated', indicator, 0.7);
  }
  for (const part of setting.outsiderParts) {
    visit('outsider-part', part, 0.7);
    visit(own.outsiderPart, part, 0.7);
  }
}
