import type { Candidate } from './candidates.js';
import { addConcept, createConceptList } from './concept-hits.js';
import type { Doc } from './document.js';
import { familiesOf, familyOf, type Visit } from './families.js';
import { LEXICON_PREFIX } from './lexer.js';
import { areContrasted, sideOf, visitModes } from './modes.js';
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
  /** Clause in which its act stands, where the sentence sets one against another. */
  side: number;
}

/** Families of features that belong to one indicator or its domain, put together once. */
type OwnFamilies = ReturnType<typeof makeOwn>;

const ownFamilies = new Map<string, OwnFamilies>();

function makeOwn(indicator: string) {
  const domain = indicator.split('.')[0]!;
  return {
    summary: familyOf(`summary ${domain}`),
    outsider: familyOf(`outsider ${domain}`),
    best: familyOf(`best ${domain}`),
    role: familyOf(`role ${indicator}`),
    reading: familyOf(`reading ${indicator}`),
    personsOf: familyOf(`persons-of ${indicator}`),
    beside: familyOf(`beside ${indicator}`),
    weakBeside: familyOf(`weak-beside ${indicator}`),
    partB: familyOf(`part-b ${domain}`),
    order: familyOf(`order ${domain}`),
    opens: familyOf(`opens ${domain}`),
    outsiderPart: familyOf(`outsider-part ${domain}`),
    inTitle: familyOf(`t ${indicator}`),
    inSummary: familyOf(`s ${indicator}`),
    lexiconVerbs: `${LEXICON_PREFIX}verb:${indicator}`,
    lexiconNouns: `${LEXICON_PREFIX}noun:${indicator}`,
  };
}

function ownOf(indicator: string): OwnFamilies {
  let own = ownFamilies.get(indicator);
  if (own === undefined) {
    own = makeOwn(indicator);
    ownFamilies.set(indicator, own);
  }
  return own;
}

const OF = familiesOf(
  'bias',
  'indicator',
  'score',
  'link',
  'damper',
  'reading',
  'separate',
  'question',
  'pattern',
  'title-pattern',
  'implied',
  'members-in-title',
  'by-place',
  'persons',
  'better-rivals',
  'behind',
  'pairs-in-item',
  'observer',
  'outsider-in-title',
  'own-lexicon verb',
  'own-lexicon noun',
  'neighbours',
  'before',
  'after',
  'apart',
  'parted',
  'comma',
  'width',
  'part-a',
  'part-b',
  'parts',
  'between',
  'order',
  'order-part',
  'opens',
  'starts',
  'negated',
  'outsider-part',
  'title',
  'c',
);

/**
 * What the calibrated model looks at: which patterns fired and where, how the members are joined to the act, which parts they
 * play in the clause, what else the item reports, which concepts stand near. Full names are readable, so that the stored
 * weights can be reviewed.
 */
export function visitFeatures(doc: Doc, draft: Draft, all: readonly Draft[], tellPart: TellPart, visit: Visit): void {
  visitOwnFeatures(doc, draft, all, tellPart, visit);
  visitItemFeatures(doc, draft, visit);
}

/** Which concepts the headline and the summary hold: the same for all drafts of one side, save that each indicator weighs them. */
export function visitItemFeatures(doc: Doc, { candidates, indicator, side }: Draft, visit: Visit): void {
  const own = ownOf(indicator);
  const { title, summary } = placesIn(doc, candidates[0]!.act.sentence, side);
  visit.concepts(own.inTitle, title, 0.7);
  visit.concepts(own.inSummary, summary, 0.5);
}

/** All features but those of the item. */
export function visitOwnFeatures(
  doc: Doc,
  draft: Draft,
  all: readonly Draft[],
  tellPart: TellPart,
  visit: Visit,
): void {
  const best = draft.candidates[0]!;
  const { indicator } = draft;
  const own = ownOf(indicator);
  visit(OF.bias, '', 1);
  visit(OF.indicator, indicator, 1);
  const clipped = Math.min(0.97, Math.max(0.03, draft.score));
  visit(OF.score, '', Math.log(clipped / (1 - clipped)));
  visit(OF.link, best.party.link, 1);
  visit(best.act.field === 0 ? OF.title : own.summary, '', 1);
  visitPatterns(draft, visit);
  for (const damper of best.dampers) visit(OF.damper, damper, 1);
  visit(OF.reading, best.party.reading, 1);
  if (best.party.reading !== 'pair') visit(own.reading, best.party.reading, 1);
  if (doc.hits.has('separate_action')) visit(OF.separate, best.party.reading, 1);
  const setting = settingOf(doc, best, tellPart);
  visitMembers(setting, own, indicator, visit);
  visitPlaces(setting, visit);
  visitParts(setting, own, indicator, visit);
  visitRivals(draft, all, own, visit);
  if (/[?？؟]/.test(doc.fields[0])) visit(OF.question, '', 1);
  visitOthers(doc, best, own, visit);
  visit.concepts(OF.c, placesIn(doc, best.act.sentence, draft.side).inSentence, 0.7);
  visitModes(doc, draft, visit);
}

function visitPatterns({ candidates }: Draft, visit: Visit): void {
  for (let i = 0; i < candidates.length; i++) {
    const { pattern, act } = candidates[i]!;
    if (candidates.findIndex((c) => c.pattern === pattern) === i) visit(OF.pattern, pattern.id, 1);
    if (act.field !== 0) continue;
    const first = candidates.findIndex((c) => c.pattern === pattern && c.act.field === 0);
    if (first === i) visit(OF['title-pattern'], pattern.id, 1);
  }
}

/** Who the members are. */
function visitMembers(setting: Setting, own: OwnFamilies, indicator: string, visit: Visit): void {
  for (const role of setting.roles) visit(own.role, role, 0.7);
  if (setting.isImplied) visit(OF.implied, '', 1);
  if (setting.isInTitle) visit(OF['members-in-title'], '', 1);
  if (setting.isByPlace) visit(OF['by-place'], '', 1);
  if (setting.arePersons) visit(OF.persons, indicator, 1);
  visit(own.personsOf, setting.personsOf, 1);
}

/** What other drafts of the item say of the same members. */
function visitRivals(draft: Draft, all: readonly Draft[], own: OwnFamilies, visit: Visit): void {
  let better = 0;
  let most = draft.score;
  for (const other of all) {
    if (!isRival(other, draft)) continue;
    if (other.score > draft.score) better++;
    most = Math.max(most, other.score);
  }
  visit(OF['better-rivals'], '', Math.min(4, better));
  visit(OF.behind, '', most - draft.score);
  if (better === 0) visit(own.best, '', 1);
  for (let i = 0; i < all.length; i++) if (isFirstRival(all, i, draft, true)) visit(own.beside, all[i]!.indicator, 1);
  for (let i = 0; i < all.length; i++)
    if (isFirstRival(all, i, draft, false)) visit(own.weakBeside, all[i]!.indicator, 0.5);
  visit(OF['pairs-in-item'], '', Math.min(4, countGroups(all) - 1));
}

function isRival(other: Draft, { indicator, members, side }: Draft): boolean {
  return (
    other.indicator !== indicator &&
    !areContrasted(other.side, side) &&
    members.every((code) => other.members.includes(code))
  );
}

/** Is a draft the first of its indicator among the strong, or the weak, rivals of another? */
function isFirstRival(all: readonly Draft[], at: number, draft: Draft, areStrong: boolean): boolean {
  const other = all[at]!;
  if (other.score >= 0.5 !== areStrong || !isRival(other, draft)) return false;
  for (let i = 0; i < at; i++) {
    const before = all[i]!;
    if (before.indicator === other.indicator && before.score >= 0.5 === areStrong && isRival(before, draft))
      return false;
  }
  return true;
}

/** How many different sets of members the drafts have. */
function countGroups(all: readonly Draft[]): number {
  let count = 0;
  for (let i = 0; i < all.length; i++) {
    let isNew = true;
    for (let k = 0; isNew && k < i; k++) isNew = !haveSameMembers(all[k]!, all[i]!);
    if (isNew) count++;
  }
  return count;
}

function haveSameMembers(a: Draft, b: Draft): boolean {
  return a.members.length === b.members.length && a.members.every((code, i) => code === b.members[i]);
}

/** Who else is named, and whether the indicator's own words stand in the sentence. */
function visitOthers(doc: Doc, best: Candidate, own: OwnFamilies, visit: Visit): void {
  const { sentence } = best.act;
  let [outsider, observer, outsiderInTitle] = [false, false, false];
  for (const m of doc.mentions) {
    if (m.kind === 'outsider' && m.sentence === sentence) outsider = true;
    if (m.kind === 'observer' && m.sentence === sentence) observer = true;
    if (m.kind === 'outsider' && m.field === 0) outsiderInTitle = true;
  }
  if (outsider) visit(own.outsider, '', 1);
  if (observer) visit(OF.observer, '', 1);
  if (outsiderInTitle) visit(OF['outsider-in-title'], '', 1);
  if (doc.hits.standsHere(own.lexiconVerbs, sentence)) visit(OF['own-lexicon verb'], '', 1);
  if (doc.hits.standsHere(own.lexiconNouns, sentence)) visit(OF['own-lexicon noun'], '', 1);
}

/** Concepts that stand in the title, in the summary and in one sentence; words of the lexicon are not among them. */
const places = {
  doc: null as Doc | null,
  side: 0,
  title: createConceptList(),
  summary: createConceptList(),
  sentence: -1,
  inSentence: createConceptList(),
};

/**
 * Where the concepts of an item stand, and those of one sentence; valid until it is asked for another. `side`: without what
 * stands in a clause that is set against it.
 */
export function placesIn(doc: Doc, sentence: number, side = 0): Readonly<typeof places> {
  const { hits, firstOfLexicon } = doc;
  if (places.doc !== doc || places.side !== side) {
    places.doc = doc;
    places.side = side;
    places.sentence = -1;
    places.title.count = 0;
    places.summary.count = 0;
    for (const concept of hits.found) {
      if (concept >= firstOfLexicon) continue;
      if ((hits.fields[concept]! & 1) !== 0 && isOnSide(doc, concept, 0, side)) addConcept(places.title, concept);
      if ((hits.fields[concept]! & 2) !== 0 && isOnSide(doc, concept, 1, side)) addConcept(places.summary, concept);
    }
  }
  if (places.sentence !== sentence) {
    places.sentence = sentence;
    places.inSentence.count = 0;
    for (const concept of hits.found)
      if (concept < firstOfLexicon && hits.standsIn(concept, sentence) && isOnSide(doc, concept, null, side))
        addConcept(places.inSentence, concept);
  }
  return places;
}

/** Has the concept a hit in the field (or, with null, in the sentence of the side) that is not in a clause set against the side? */
function isOnSide(doc: Doc, concept: number, field: 0 | 1 | null, side: number): boolean {
  if (side === 0) return true;
  const sentence = Math.floor(side / 10);
  return doc.hits
    .of(concept)
    .some(
      (hit) =>
        (field === null ? hit.sentence === sentence : hit.field === field) && !areContrasted(sideOf(doc, hit), side),
    );
}

/** Where the act stands to the names. */
function visitPlaces({ before, after, neighbours, span }: Setting, visit: Visit): void {
  visit(OF.neighbours, neighbours, 0.5);
  visit(OF.before, before, 0.5);
  visit(OF.after, after, 0.5);
  if (span === null) {
    visit(OF.apart, '', 0.5);
    return;
  }
  if (span.isParted) visit(OF.parted, '', 0.5);
  if (span.hasComma) visit(OF.comma, '', 0.5);
  visit(OF.width, span.width, 0.5);
}

/**
 * Which parts the first and the last member play ("with", "to", "in"), in which order act and members stand, who opens the
 * headline, whether the act is negated, and which part an outsider plays beside it.
 */
function visitParts(setting: Setting, own: OwnFamilies, indicator: string, visit: Visit): void {
  const { partA, partB, parts, between, order, orderPart, opens } = setting;
  visit(OF['part-a'], partA, 0.7);
  visit(OF['part-b'], partB, 0.7);
  visit(own.partB, partB, 0.7);
  visit(OF.parts, parts, 0.7);
  if (between !== null) visit(OF.between, between, 0.7);
  visit(OF.order, order ?? 'two-fields', 0.7);
  if (order !== null) {
    visit(own.order, order, 0.7);
    visit(OF['order-part'], orderPart, 0.7);
  }
  visit(OF.opens, opens, 0.7);
  visit(own.opens, opens, 0.7);
  if (setting.startsTitle) visit(OF.starts, opens, 0.7);
  if (setting.isNegated) {
    visit(OF.negated, '', 0.7);
    visit(OF.negated, indicator, 0.7);
  }
  for (const part of setting.outsiderParts) {
    visit(OF['outsider-part'], part, 0.7);
    visit(own.outsiderPart, part, 0.7);
  }
}
