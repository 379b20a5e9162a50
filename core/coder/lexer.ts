import type { CodebookData, Forms, GazetteerEntry } from '../codebook/data.js';
import { ConceptHits } from './concept-hits.js';
import { compilePhrases, type PartCache, type Phrase } from './phrases.js';
import { createSieve, type Sieve } from './sieve.js';
import { createMatches, type Matches, type Vocabulary } from './vocabulary.js';
import { createVocabularyBuilder, type VocabularyBuilder } from './vocabulary-builder.js';

/** All names and concepts of a codebook. Names come first: most items end there. */
export interface Lexer {
  sieve: Sieve;
  names: Vocabulary;
  /** By language: what a text is read with stays small enough to lie near the processor. */
  concepts: ReadonlyMap<string, Vocabulary>;
  phrases: number;
  entries: GazetteerEntry[];
  memberBits: ReadonlyMap<string, number>;
  /** Bit of the member of each entry; `IMPLIED_BIT` for "our country". */
  entryBits: Int32Array;
  /** Concepts by number: those of the codebook, from `firstOfLexicon` on the words of the lexicon and what tells how acts are meant. */
  conceptNames: string[];
  firstOfLexicon: number;
  /** Numbers of the concepts, and of the kinds of names that patterns ask for as if they were concepts (`@leader`). */
  numbers: ReadonlyMap<string, number>;
  kindsOf: ReadonlyMap<GazetteerEntry, readonly number[]>;
  /** Concepts that hide others where they overlap. */
  masks: Array<[number, number[]]>;
  /** Names found in the title and in the summary of the item that is being read, and concepts found in either. */
  found: { titleNames: Matches; summaryNames: Matches; concepts: Matches };
  hits: ConceptHits;
}

/** Lexicon terms are concepts under this prefix. */
export const LEXICON_PREFIX = 'lex:';
/** Concepts that tell how an act is meant, dated or graded and nothing of which act it is. */
const TELLS_HOW = /^(mode-|status-|size-)|-severity-[1-5]$/;
export const IMPLIED_BIT = 1 << 30;

/** Compiles every phrase of the codebook; takes a quarter of a second for ten thousand phrases. */
export function createLexer(data: CodebookData): Lexer {
  const nameBuilder = createVocabularyBuilder();
  const conceptBuilders = new Map<string, VocabularyBuilder>();
  const conceptNames: string[] = [];
  const cache: PartCache = new Map();
  const builderOf = (lang: string): VocabularyBuilder => {
    const builder = conceptBuilders.get(lang) ?? createVocabularyBuilder();
    conceptBuilders.set(lang, builder);
    return builder;
  };
  const add = (forms: Forms, target: number, kind: Phrase['kind'], ambig: ReadonlySet<string>) => {
    for (const [lang, list] of Object.entries(forms)) {
      const builder = kind === 'mention' ? nameBuilder : builderOf(lang);
      for (const source of list) {
        const options = { lang, target, kind, ambig: ambig.has(source) };
        for (const phrase of compilePhrases(source, options, data.irregularVerbs, cache)) builder.add(phrase);
      }
    }
  };
  data.gazetteer.forEach((entry, i) => {
    add(entry.forms, i, 'mention', new Set(entry.ambig));
  });
  const addConcept = (name: string, forms: Forms) => {
    conceptNames.push(name);
    add(forms, conceptNames.length - 1, 'concept', new Set());
  };
  const listed = Object.entries(data.concepts);
  for (const [name, forms] of listed) if (!TELLS_HOW.test(name)) addConcept(name, forms);
  for (const [name, forms] of Object.entries(data.cues)) if (!data.concepts[name]) addConcept(name, forms);
  const firstOfLexicon = conceptNames.length;
  for (const [id, terms] of Object.entries(data.lexicon)) {
    addConcept(`${LEXICON_PREFIX}verb:${id}`, verbLemmas(terms.verbs));
    addConcept(`${LEXICON_PREFIX}noun:${id}`, terms.nouns);
  }
  for (const [name, forms] of listed) if (TELLS_HOW.test(name)) addConcept(name, forms);
  const memberBits = new Map(data.members.map((m, i) => [m.code, 1 << i]));
  const entryBits = Int32Array.from(data.gazetteer, ({ member, kind }) =>
    kind.startsWith('home') ? IMPLIED_BIT : (memberBits.get(member ?? '') ?? 0),
  );
  const names = nameBuilder.build();
  const concepts = new Map(Array.from(conceptBuilders, ([lang, builder]) => [lang, builder.build()]));
  const kinds = kindsAskedFor(data);
  const numbers = new Map([...conceptNames, ...kinds].map((name, number) => [name, number]));
  const numbersOf = (list: readonly string[]) => list.flatMap((name) => numbers.get(name) ?? []);
  return {
    sieve: createSieve(names, entryBits),
    names,
    concepts,
    phrases: [names, ...concepts.values()].reduce((sum, { texts }) => sum + texts.length, 0),
    entries: data.gazetteer,
    memberBits,
    entryBits,
    conceptNames,
    firstOfLexicon,
    numbers,
    kindsOf: new Map(data.gazetteer.map((entry) => [entry, numbersOf(kinds.filter((kind) => isOfKind(entry, kind)))])),
    masks: Object.entries(data.masks).flatMap(([name, masked]) =>
      numbersOf([name]).map((cover): [number, number[]] => [cover, numbersOf(masked)]),
    ),
    found: {
      titleNames: createMatches(),
      summaryNames: createMatches(),
      concepts: createMatches(),
    },
    hits: new ConceptHits(numbers),
  };
}

/** Names that patterns and dampers use like concepts and that stand for mentions. */
function kindsAskedFor({ patterns, settings }: CodebookData): string[] {
  const names = [
    ...patterns.flatMap((p) => [...p.all.flatMap((group) => group.split('|')), ...p.none, ...p.noneItem]),
    ...settings.dampers.flatMap((damper) => [damper.cue, ...damper.unless]),
  ];
  return [...new Set(names.filter((name) => name.startsWith('@')))];
}

/** `@kind` stands for mentions of that kind, `@.name` for gazetteer groups of that name (`@.mod` are defence ministers). */
function isOfKind(entry: GazetteerEntry, name: string): boolean {
  const wanted = name.slice(1);
  return wanted.startsWith('.') ? entry.id.endsWith(wanted) : entry.kind === wanted;
}

/** Lexicon verbs are lemmas in languages written in Latin letters. */
function verbLemmas(forms: Forms): Forms {
  return Object.fromEntries(
    Object.entries(forms).map(([lang, list]) => [lang, list.map((term) => term.replace(/^([a-z]+)(?= |$)/, '~$1'))]),
  );
}
