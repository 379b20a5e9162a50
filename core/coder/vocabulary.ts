import { type Automaton, createHits, type Hits, scan } from './automaton.js';
import {
  BREAK,
  changesScript,
  FOLDED,
  isHan,
  isHangul,
  isInnerQuote,
  isSpaced,
  isWordUnit,
  SEPARATOR,
  SKIP,
} from './fold.js';
import { TAIL } from './phrases.js';

/**
 * Phrases in one automaton. All that the text is compared with lies in a few arrays of numbers, phrases of one key side by
 * side: tens of thousands of objects would be fetched from all over the memory.
 */
export interface Vocabulary {
  automaton: Automaton;
  /** Phrases of key k are those from `first[k]` to before `first[k + 1]`. */
  first: Int32Array;
  /** Number of the language and the traits below. */
  traits: Int32Array;
  /** Number of the concept or gazetteer entry that each phrase stands for. */
  target: Int32Array;
  /** The phrase as the codebook has it. */
  texts: string[];
  /** The written form when it must occur exactly so, else empty. */
  exact: string[];
  /** Segments of phrase p are those from `segment[p]` to before `segment[p + 1]`. */
  segment: Int32Array;
  /** Tail, gap and traits of each segment, and where its units lie. */
  segmentTraits: Uint8Array;
  segmentUnits: Int32Array;
  units: Uint16Array;
  languages: Map<string, number>;
}

/** Phrases found in a text and verified, in the order of their ends. */
export interface Matches {
  count: number;
  phrase: Int32Array;
  start: Int32Array;
  end: Int32Array;
}

export const LANGUAGE = 0xff;
export const ANY_LANGUAGE = 0x100;
export const AMBIGUOUS = 0x200;
/** One character in all, which counts only in runs or beside an unambiguous name. */
export const SHORT = 0x400;
export const KOREAN = 0x800;
export const EXACT = 0x1000;
export const NAME = 0x2000;
/** May stand within a Korean word. */
export const WITHIN_WORD = 0x4000;

/** Of a segment: its tail in the low three bits, its gap in the next three. */
export const GAP_SHIFT = 3;
export const CAPITAL = 0x40;
export const ENDS_UNSPACED = 0x80;

export function createMatches(capacity = 256): Matches {
  return {
    count: 0,
    phrase: new Int32Array(capacity),
    start: new Int32Array(capacity),
    end: new Int32Array(capacity),
  };
}

const raw = createHits();

/** Finds the phrases of `text` in a language and writes them to `out`: word boundaries, capitals, further words are checked. */
export function findPhrases(vocabulary: Vocabulary, text: string, lang: string, out: Matches): Matches {
  raw.count = 0;
  scan(vocabulary.automaton, text, raw);
  return verifyHits(vocabulary, text, lang, raw, out);
}

function verifyHits(vocabulary: Vocabulary, text: string, lang: string, found: Hits, out: Matches): Matches {
  const { first, traits } = vocabulary;
  const language = vocabulary.languages.get(lang) ?? 0;
  out.count = 0;
  for (let i = 0; i < found.count; i++) {
    const key = found.key[i]!;
    let start = -1;
    for (let phrase = first[key]!; phrase < first[key + 1]!; phrase++) {
      const trait = traits[phrase]!;
      // Names in Latin letters occur in texts of any language; everything else only in its own.
      if ((trait & LANGUAGE) !== language && (trait & ANY_LANGUAGE) === 0) continue;
      if (start < 0) {
        start = found.start[i]!;
        while (start < text.length && !isWordUnit(text.charCodeAt(start))) start++;
      }
      if ((trait & WITHIN_WORD) === 0 && isHangul(text.charCodeAt(start)) && !beginsKoreanWord(text, start, trait))
        continue;
      const end = matchPhrase(vocabulary, phrase, text, start, found.end[i]!);
      if (end > 0) addMatch(out, phrase, start, trimEnd(text, end));
    }
  }
  return out;
}

function addMatch(out: Matches, phrase: number, start: number, end: number): void {
  if (out.count === out.phrase.length)
    for (const name of ['phrase', 'start', 'end'] as const) {
      const larger = new Int32Array(out.count * 2);
      larger.set(out[name]);
      out[name] = larger;
    }
  out.phrase[out.count] = phrase;
  out.start[out.count] = start;
  out.end[out.count] = end;
  out.count++;
}

function trimEnd(text: string, end: number): number {
  let at = end;
  while (at > 0 && FOLDED[text.charCodeAt(at - 1)] === SKIP) at--;
  return at;
}

/** Korean compounds put one syllable before a country ("to", "pro", "anti", "ambassador to"). */
const KOREAN_PREFIXES = new Set([...'주대친반재방對駐親反'].map((char) => char.charCodeAt(0)));

function beginsKoreanWord(text: string, start: number, trait: number): boolean {
  const before = start > 0 ? text.charCodeAt(start - 1) : 0;
  if (!isHangul(before) && !isHan(before)) return true;
  if ((trait & NAME) === 0) return false;
  const wordStart = start < 2 || !isHangul(text.charCodeAt(start - 2));
  return wordStart && KOREAN_PREFIXES.has(before);
}

/**
 * Checks a phrase whose first segment was found at `start` to `end` of `text`; returns the end of the whole phrase, or -1.
 */
function matchPhrase(vocabulary: Vocabulary, phrase: number, text: string, start: number, end: number): number {
  const { segment, segmentTraits } = vocabulary;
  const exact = (vocabulary.traits[phrase]! & EXACT) !== 0;
  if (exact && !text.startsWith(vocabulary.exact[phrase]!, start)) return -1;
  const from = segment[phrase]!;
  const last = segment[phrase + 1]! - 1;
  let at = end;
  let begins = start;
  for (let i = from; i <= last; i++) {
    const trait = segmentTraits[i]!;
    if (i > from) {
      begins = at;
      at = findSegment(vocabulary, i, text, at);
      if (at < 0) return -1;
    }
    if ((trait & CAPITAL) !== 0 && !exact && !isCapital(text, begins)) return -1;
    at = finishWord(vocabulary, i, text, at, i < last);
    if (at < 0) return -1;
  }
  return at;
}

/** Which of the first units, up to the Cyrillic ones, are their own capitals. */
const CAPITALS = Uint8Array.from({ length: 0x600 }, (_, unit) => {
  const char = String.fromCharCode(unit);
  return char === char.toUpperCase() ? 1 : 0;
});

/** Does the first word at or after `from` begin with a capital? The words of a name follow each other. */
function isCapital(text: string, from: number): boolean {
  let at = from;
  while (at < text.length && !isWordUnit(text.charCodeAt(at))) at++;
  if (at >= text.length) return true;
  const unit = text.charCodeAt(at);
  if (unit < CAPITALS.length) return CAPITALS[unit] === 1;
  const first = text[at]!;
  return first === first.toUpperCase();
}

/** Letters that may follow a Russian stem, and a Persian word, as numbers: nothing is cut out of the text to compare them. */
const RU_ENDINGS = codesOf(
  'а я у ю ы и е о й ь ом ем ой ей ою ею ам ям ах ях ов ев ий ый ого его ому ему ая яя ое ее ые ие ых их ую юю ым им ' +
    'ами ями ыми ими ья ье ия ию ией иям иях иями ец ца цы цев ей ев ьи ью ьям ьях ьями ьев ьего ьему ьим ьих ьими',
  cyrillicCode,
);
const FA_SUFFIXES = codesOf('ی ها های هایی یی ای ان یان ش شان مان م تر ترین هاست', arabicCode);
const LONGEST_ENDING = 4;

function codesOf(endings: string, code: typeof cyrillicCode): ReadonlySet<number> {
  return new Set(endings.split(' ').map((ending) => code(ending, 0, ending.length)));
}

/** Six bits for each of at most five Russian letters in either case, yo as ye; -1 if another letter is among them. */
function cyrillicCode(text: string, from: number, to: number): number {
  let code = 0;
  for (let at = from; at < to; at++) {
    let unit = text.charCodeAt(at);
    if (unit === 0x401 || unit === 0x451) unit = 0x435;
    if (unit < 0x410 || unit > 0x44f) return -1;
    code = (code << 6) | (unit < 0x430 ? unit - 0x40f : unit - 0x42f);
  }
  return code;
}

/** Eight bits for each of at most four Arabic letters; -1 if another letter is among them. */
function arabicCode(text: string, from: number, to: number): number {
  let code = 0;
  for (let at = from; at < to; at++) {
    const unit = text.charCodeAt(at);
    if (unit <= 0x600 || unit > 0x6ff) return -1;
    code = (code << 8) | (unit - 0x600);
  }
  return code;
}

function isPlural(text: string, from: number, to: number): boolean {
  const [first, last] = [text.charCodeAt(from) | 32, text.charCodeAt(to - 1) | 32];
  return last === 0x73 && (to - from === 1 || (to - from === 2 && first === 0x65));
}

function finishWord(vocabulary: Vocabulary, segment: number, text: string, end: number, inner: boolean): number {
  const trait = vocabulary.segmentTraits[segment]!;
  let at = end;
  if ((trait & ENDS_UNSPACED) !== 0) {
    if (!inner || isHan(vocabulary.units[vocabulary.segmentUnits[segment + 1]! - 1]!)) return end;
    while (at < text.length && isHangul(text.charCodeAt(at))) at++;
    return at;
  }
  // A half-space ends a stem as well as a word.
  while (at < text.length && isSpaced(text.charCodeAt(at))) at++;
  const tail = trait & 7;
  if (at === end || tail === TAIL.any) return at;
  if (tail === TAIL.none || at - end > LONGEST_ENDING) return -1;
  if (tail === TAIL.inflection) return RU_ENDINGS.has(cyrillicCode(text, end, at)) ? at : -1;
  if (tail === TAIL.plural) return isPlural(text, end, at) ? at : -1;
  return FA_SUFFIXES.has(arabicCode(text, end, at)) ? at : -1;
}

/** Signs that end a sentence or its main part. */
const STOPS = new Set([...'.!?。！？;；'].map((char) => char.charCodeAt(0)));

/** Looks for a segment after `from`, across the words that the one before it allows, never across the end of a sentence. */
function findSegment(vocabulary: Vocabulary, segment: number, text: string, from: number): number {
  const gap = (vocabulary.segmentTraits[segment - 1]! >> GAP_SHIFT) & 7;
  const spaced = isSpaced(vocabulary.units[vocabulary.segmentUnits[segment]!]!);
  const limit = Math.min(text.length, from + (spaced ? 60 : gap * 4 + 2));
  let words = 0;
  for (let at = from; at < limit; ) {
    const unit = text.charCodeAt(at);
    const folded = FOLDED[unit]!;
    if (folded === SKIP || folded === SEPARATOR) {
      at++;
      continue;
    }
    if (folded === BREAK) {
      if (gap === 0 || STOPS.has(unit)) return -1;
      at++;
      continue;
    }
    const end = compareUnits(vocabulary, segment, text, at);
    if (end >= 0) return end;
    const words1 = spaced || isHangul(unit);
    if (words >= gap * (words1 ? 1 : 4)) return -1;
    words++;
    if (words1) {
      while (at < text.length && (isWordUnit(text.charCodeAt(at)) || FOLDED[text.charCodeAt(at)] === SKIP)) at++;
    } else at++;
  }
  return -1;
}

function compareUnits({ units, segmentUnits }: Vocabulary, segment: number, text: string, from: number): number {
  let at = from;
  for (let i = segmentUnits[segment]!; i < segmentUnits[segment + 1]!; i++) {
    const unit = units[i]!;
    if (unit <= BREAK) {
      let moved = false;
      while (at < text.length && FOLDED[text.charCodeAt(at)]! <= BREAK) {
        moved = true;
        at++;
      }
      if (!moved && !changesScript(text, at)) return -1;
      continue;
    }
    while (at < text.length && (FOLDED[text.charCodeAt(at)] === SKIP || isInnerQuote(text, at))) at++;
    if (at >= text.length || FOLDED[text.charCodeAt(at)] !== unit) return -1;
    at++;
  }
  return at;
}
