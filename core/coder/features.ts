import type { Candidate } from './candidates.js';
import type { Doc } from './document.js';
import { LEXICON_PREFIX } from './lexer.js';
import type { Mention } from './mentions.js';

/** All candidates for one indicator and one set of members. */
export interface Draft {
  indicator: string;
  members: string[];
  candidates: Candidate[];
  /** Joined score of its patterns, before the model. */
  score: number;
}

/**
 * What the calibrated model looks at: which patterns fired and where, how the members are joined to the act, what else the
 * item reports, which cue concepts stand near. Names are readable, so that the stored weights can be reviewed.
 */
function particularsOf(doc: Doc, draft: Draft, all: readonly Draft[]): Map<string, number> {
  const out = new Map<string, number>();
  const set = (name: string, value = 1) => out.set(name, value);
  const best = draft.candidates[0]!;
  const { indicator } = draft;
  const domain = indicator.split('.')[0]!;
  set('bias');
  set(`indicator ${indicator}`);
  const clipped = Math.min(0.97, Math.max(0.03, draft.score));
  set('score', Math.log(clipped / (1 - clipped)));
  set(`link ${best.party.link}`);
  set(best.act.field === 0 ? 'title' : `summary ${domain}`);
  for (const candidate of draft.candidates) {
    set(`pattern ${candidate.pattern.id}`);
    if (candidate.act.field === 0) set(`title-pattern ${candidate.pattern.id}`);
  }
  for (const note of best.notes.slice(1)) set(`damper ${note}`);
  set(`reading ${best.party.reading}`);
  if (best.party.reading !== 'pair') set(`reading ${indicator} ${best.party.reading}`);
  for (const m of best.party.members) {
    const role = m.entry.id.slice(m.entry.id.lastIndexOf('.') + 1);
    set(`role ${indicator} ${role}`, 0.7);
  }
  if (best.party.members.some((m) => m.implied)) set('implied');
  if (best.party.members.every((m) => m.field === 0)) set('members-in-title');
  if (best.party.members.some((m) => m.kind === 'place')) set('by-place');
  if (best.party.members.every((m) => ['leader', 'minister', 'official'].includes(m.kind))) set(`persons ${indicator}`);

  set(`persons-of ${indicator} ${personsOf(doc, best)}`);
  for (const name of placesOf(doc, best)) {
    set(name, 0.5);
  }
  const rivals = all.filter((o) => o !== draft && o.members.some((m) => draft.members.includes(m)));
  const pairRivals = rivals.filter(
    (o) => draft.members.every((m) => o.members.includes(m)) && o.indicator !== indicator,
  );
  const better = pairRivals.filter((o) => o.score > draft.score).length;
  set('better-rivals', Math.min(4, better));
  const top = Math.max(draft.score, ...pairRivals.map((o) => o.score));
  set('behind', top - draft.score);
  if (better === 0) set(`best ${domain}`);
  for (const other of pairRivals) if (other.score >= 0.5) set(`beside ${indicator} ${other.indicator}`);
  for (const other of pairRivals) if (other.score < 0.5) set(`weak-beside ${indicator} ${other.indicator}`, 0.5);
  const pairs = new Set(all.map((o) => o.members.join('-')));
  set('pairs-in-item', Math.min(4, pairs.size - 1));

  if (/[?？؟]/.test(doc.fields[0])) set('question');
  const sentence = best.act.sentence;
  if (doc.mentions.some((m) => m.kind === 'outsider' && m.sentence === sentence)) set(`outsider ${domain}`);
  if (doc.mentions.some((m) => m.kind === 'observer' && m.sentence === sentence)) set('observer');
  if (doc.mentions.some((m) => m.kind === 'outsider' && m.field === 0)) set('outsider-in-title');
  for (const { name, places } of lexiconPlaces(doc))
    if (name.endsWith(`:${indicator}`) && places.sentences.has(sentence)) set(`own-lexicon ${name.slice(4, 8)}`);
  return out;
}

/** All features under their full names, for fitting. */
export function featuresOf(doc: Doc, draft: Draft, all: readonly Draft[]): Map<string, number> {
  const out = particularsOf(doc, draft, all);
  visitConcepts(doc, draft, (family, name, value) => out.set(`${family} ${name}`, value));
  return out;
}

interface Places {
  title: boolean;
  summary: boolean;
  sentences: Set<number>;
}

interface PlacedConcept {
  name: string;
  places: Places;
}

/** Where each concept of an item stands; the same for all of its drafts. */
const placed = new WeakMap<Doc, { concepts: PlacedConcept[]; lexicon: PlacedConcept[] }>();

function placesIn(doc: Doc) {
  let known = placed.get(doc);
  if (known) return known;
  known = { concepts: [], lexicon: [] };
  for (const [name, hits] of doc.hits) {
    const places: Places = { title: false, summary: false, sentences: new Set() };
    for (const hit of hits) {
      if (hit.field === 0) places.title = true;
      else places.summary = true;
      places.sentences.add(hit.sentence);
    }
    (name.startsWith(LEXICON_PREFIX) ? known.lexicon : known.concepts).push({ name, places });
  }
  placed.set(doc, known);
  return known;
}

const lexiconPlaces = (doc: Doc) => placesIn(doc).lexicon;

/** Which concepts the item holds: in its headline, in its summary, in the sentence of the act. The bulk of all features. */
function visitConcepts(doc: Doc, draft: Draft, visit: (family: string, name: string, value: number) => void): void {
  const { indicator } = draft;
  const { sentence } = draft.candidates[0]!.act;
  const [inTitle, inSummary] = [`t ${indicator}`, `s ${indicator}`];
  for (const { name, places } of placesIn(doc).concepts) {
    if (places.title) visit(inTitle, name, 0.7);
    if (places.sentences.has(sentence)) visit('c', name, 0.7);
    if (places.summary) visit(inSummary, name, 0.5);
  }
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
function placesOf(doc: Doc, { act, party }: Candidate): string[] {
  const codes = new Set(party.members.map((m) => m.member));
  const here = doc.mentions.filter((m) => m.sentence === act.sentence && m.field === act.field);
  const kindOf = (m: Mention | undefined) =>
    m === undefined ? 'none' : m.member === null ? m.kind : codes.has(m.member) ? 'party' : 'member';
  const before = here.filter((m) => m.start < act.start).sort((a, b) => b.start - a.start)[0];
  const after = here.filter((m) => m.start >= act.start).sort((a, b) => a.start - b.start)[0];
  const out = [`neighbours ${kindOf(before)} ${kindOf(after)}`, `before ${kindOf(before)}`, `after ${kindOf(after)}`];
  const near = party.members.filter((m) => m.field === act.field && m.sentence === act.sentence);
  if (near.length < 2) return [...out, 'apart'];
  const low = Math.min(act.start, ...near.map((m) => m.start));
  const high = Math.max(act.end, ...near.map((m) => m.end));
  const text = doc.fields[act.field].slice(low, high);
  if (/[;；؛:：—–|]/.test(text)) out.push('parted');
  if (/[,，、،…]/.test(text)) out.push('comma');
  const width = high - low;
  return [...out, `width ${width < 30 ? 1 : width < 60 ? 2 : width < 100 ? 3 : width < 160 ? 4 : 5}`];
}

/** Weights by family and name, so that the bulk of the features is looked up without putting names together. */
export interface CompiledWeights {
  flat: ReadonlyMap<string, number>;
  families: Map<string, Map<string, number>>;
}

export function compileWeights(weights: Readonly<Record<string, number>>): CompiledWeights {
  const families = new Map<string, Map<string, number>>();
  for (const [full, weight] of Object.entries(weights)) {
    const family = /^(c|[ts] \S+) /.exec(full)?.[1];
    if (family === undefined) continue;
    const names = families.get(family) ?? new Map<string, number>();
    names.set(full.slice(family.length + 1), weight);
    families.set(family, names);
  }
  return { flat: new Map(Object.entries(weights)), families };
}

/** Probability of a draft by the model; unknown features weigh nothing. */
export function predictDraft(doc: Doc, draft: Draft, all: readonly Draft[], weights: CompiledWeights): number {
  let sum = 0;
  for (const [name, value] of particularsOf(doc, draft, all)) sum += value * (weights.flat.get(name) ?? 0);
  visitConcepts(doc, draft, (family, name, value) => {
    sum += value * (weights.families.get(family)?.get(name) ?? 0);
  });
  return 1 / (1 + Math.exp(-sum));
}

/** Probability by weights of features under their full names. */
export function predict(features: ReadonlyMap<string, number>, weights: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [name, value] of features) sum += value * (weights.get(name) ?? 0);
  return 1 / (1 + Math.exp(-sum));
}
