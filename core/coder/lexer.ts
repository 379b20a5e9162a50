import type { CodebookData, Forms, GazetteerEntry } from '../codebook/data.js';
import { type Automaton, buildAutomaton, type Hits, scan } from './automaton.js';
import { FOLDED, isHan, isHangul, isWordUnit, SKIP } from './fold.js';
import { compilePhrase, expandPhrase, matchPhrase, type Phrase } from './phrases.js';

/** A found name (of a member, an outsider, a body, a mask) or concept, verified against the text. */
export interface Found {
  phrase: Phrase;
  start: number;
  end: number;
}

/** Phrases in one automaton. */
export interface Vocabulary {
  automaton: Automaton;
  /** Phrases that share an automaton key, by key number. */
  byKey: Phrase[][];
  /** Bit of each member that a key may name, by key number; `IMPLIED_BIT` for "our country". */
  memberBits: Int32Array;
}

/** All names and concepts of a codebook. Names come first: most items end there. */
export interface Lexer {
  names: Vocabulary;
  concepts: Vocabulary;
  phrases: number;
  entries: GazetteerEntry[];
  conceptNames: string[];
  /** Single-character names, which count only in runs of two or beside an unambiguous name. */
  isShort(phrase: Phrase): boolean;
}

/** Lexicon terms are concepts under this prefix. */
export const LEXICON_PREFIX = 'lex:';
export const IMPLIED_BIT = 1 << 30;

/** Compiles every phrase of the codebook; takes a quarter of a second for ten thousand phrases. */
export function createLexer(data: CodebookData): Lexer {
  const names: Phrase[] = [];
  const concepts: Phrase[] = [];
  const conceptNames: string[] = [];
  const add = (forms: Forms, target: number, kind: Phrase['kind'], ambig: ReadonlySet<string>) => {
    for (const [lang, list] of Object.entries(forms))
      for (const source of list)
        for (const text of expandPhrase(source, data.irregularVerbs)) {
          const phrase = compilePhrase(text, { lang, target, kind, ambig: ambig.has(source) });
          if (phrase) (kind === 'mention' ? names : concepts).push(phrase);
        }
  };
  data.gazetteer.forEach((entry, i) => {
    add(entry.forms, i, 'mention', new Set(entry.ambig));
  });
  const addConcept = (name: string, forms: Forms) => {
    conceptNames.push(name);
    add(forms, conceptNames.length - 1, 'concept', new Set());
  };
  for (const [name, forms] of Object.entries(data.concepts)) addConcept(name, forms);
  for (const [name, forms] of Object.entries(data.cues)) if (!data.concepts[name]) addConcept(name, forms);
  for (const [id, terms] of Object.entries(data.lexicon)) {
    addConcept(`${LEXICON_PREFIX}verb:${id}`, verbLemmas(terms.verbs));
    addConcept(`${LEXICON_PREFIX}noun:${id}`, terms.nouns);
  }
  const memberBit = new Map(data.members.map((m, i) => [m.code, 1 << i]));
  const bitOf = (phrase: Phrase) => {
    const { member, kind } = data.gazetteer[phrase.target]!;
    return kind.startsWith('home') ? IMPLIED_BIT : (memberBit.get(member ?? '') ?? 0);
  };
  return {
    names: createVocabulary(names, bitOf),
    concepts: createVocabulary(concepts, () => 0),
    phrases: names.length + concepts.length,
    entries: data.gazetteer,
    conceptNames,
    isShort: (phrase) => phrase.kind === 'mention' && phrase.key.length === 1 && phrase.segments.length === 1,
  };
}

function createVocabulary(phrases: readonly Phrase[], bitOf: (phrase: Phrase) => number): Vocabulary {
  const numbers = new Map<string, number>();
  const keys: number[][] = [];
  const byKey: Phrase[][] = [];
  for (const phrase of phrases) {
    const name = String.fromCharCode(...phrase.key);
    let number = numbers.get(name);
    if (number === undefined) {
      number = keys.length;
      numbers.set(name, number);
      keys.push(phrase.key);
      byKey.push([]);
    }
    byKey[number]!.push(phrase);
  }
  const memberBits = Int32Array.from(byKey, (list) => list.reduce((bits, phrase) => bits | bitOf(phrase), 0));
  return { automaton: buildAutomaton(keys), byKey, memberBits };
}

/** Lexicon verbs are lemmas in languages written in Latin letters. */
function verbLemmas(forms: Forms): Forms {
  return Object.fromEntries(
    Object.entries(forms).map(([lang, list]) => [lang, list.map((term) => term.replace(/^([a-z]+)(?= |$)/, '~$1'))]),
  );
}

/** Raw hits of a text, reused from call to call. */
export function scanText(vocabulary: Vocabulary, text: string, hits: Hits): Hits {
  hits.count = 0;
  scan(vocabulary.automaton, text, hits);
  return hits;
}

/** Bits of the members whose names may occur in the hits, before any check. */
export function memberBitsOf(vocabulary: Vocabulary, found: Hits): number {
  let bits = 0;
  for (let i = 0; i < found.count; i++) bits |= vocabulary.memberBits[found.key[i]!]!;
  return bits;
}

/** Verifies raw hits against the text: word boundaries, capitals, further words of the phrase, language. */
export function verifyHits(vocabulary: Vocabulary, text: string, lang: string, found: Hits): Found[] {
  const out: Found[] = [];
  for (let i = 0; i < found.count; i++) {
    let start = found.start[i]!;
    while (start < text.length && !isWordUnit(text.charCodeAt(start))) start++;
    for (const phrase of vocabulary.byKey[found.key[i]!]!) {
      // Names in Latin letters occur in texts of any language; everything else only in its own.
      if (phrase.lang !== lang && !phrase.anyLanguage) continue;
      if (isHangul(text.charCodeAt(start)) && !mayStartHere(text, start, phrase)) continue;
      const end = matchPhrase(phrase, text, start, found.end[i]!);
      if (end > 0) out.push({ phrase, start, end: trimEnd(text, end) });
    }
  }
  return out;
}

function trimEnd(text: string, end: number): number {
  let at = end;
  while (at > 0 && FOLDED[text.charCodeAt(at - 1)] === SKIP) at--;
  return at;
}

/** Korean compounds put one syllable before a country ("to", "pro", "anti", "ambassador to"). */
const KOREAN_PREFIXES = new Set(['주', '대', '친', '반', '재', '방', '對', '駐', '親', '反']);

function mayStartHere(text: string, start: number, phrase: Phrase): boolean {
  if (phrase.kind === 'mention') return beginsKoreanWord(text, start, phrase);
  // A concept of one syllable is a word of its own or an ending; elsewhere in a word the syllable means something else.
  if (phrase.key.length > 1 || phrase.segments.length > 1 || phrase.ending) return true;
  const before = start > 0 ? text.charCodeAt(start - 1) : 0;
  return !isHangul(before) && !isHan(before);
}

function beginsKoreanWord(text: string, start: number, phrase: Phrase): boolean {
  const before = start > 0 ? text.charCodeAt(start - 1) : 0;
  if (!isHangul(before) && !isHan(before)) return true;
  // Short names stand in runs (two neighbours' names in one word); the run itself is checked later.
  if (phrase.key.length <= 1) return true;
  const wordStart = start < 2 || !isHangul(text.charCodeAt(start - 2));
  return wordStart && KOREAN_PREFIXES.has(text[start - 1]!);
}
