import { type Automaton, createHits, type Hits, scan } from './automaton.js';
import { BREAK, changesScript, FOLDED, isHan, isHangul, isInnerQuote, isSpaced, isWordUnit, SKIP } from './fold.js';
import { TAIL } from './phrases.js';

/**
 * Phrases in one automaton. All that the text is compared with lies in a few arrays of numbers, what is read together side by
 * side: tens of thousands of objects would be fetched from all over the memory.
 */
export interface Vocabulary {
  automaton: Automaton;
  /** Phrases of key k are those from `first[k]` to before `first[k + 1]`. */
  first: Int32Array;
  /** `PHRASE` numbers each, of which two phrases fill a line of the processor's cache. */
  phrases: Int32Array;
  /** Two numbers each: traits below the first unit and the number of units, and where these lie. */
  segments: Int32Array;
  units: Uint16Array;
  /** The phrase as the codebook has it. */
  texts: string[];
  /** The written form when it must occur exactly so, else empty. */
  exact: string[];
  languages: Map<string, number>;
}

/** Numbers of a phrase: number of its language and the traits below, above them the first unit of its second segment, or 0. */
export const PHRASE = 8;
export const TRAITS = 0;
/** The next phrase of the key with another second segment; where that of this one is not in the text, all up to there fail. */
export const NEXT = 1;
/** The next one with other traits, another first segment, or a second segment of another first letter. */
export const OTHER = 2;
/** Its segments, the last exclusive, and the traits of the first. */
export const SEGMENT = 3;
export const SEGMENT_END = 4;
export const OPENING = 5;
/** Number of the concept or gazetteer entry that it stands for. */
export const TARGET = 6;
/** When it came among the phrases of its key, which lie sorted by their beginnings. */
export const RANK = 7;

/** Phrases found in a text and verified, in the order of their ends. */
export interface Matches {
  count: number;
  phrase: Int32Array;
  target: Int32Array;
  traits: Int32Array;
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
export const SECOND_SHIFT = 16;

/** Of a segment: its tail in the low three bits, its gap in the next three. */
export const GAP_SHIFT = 3;
export const CAPITAL = 0x40;
export const ENDS_UNSPACED = 0x80;
/** Above them its first unit, and the number of its units. */
export const FIRST_UNIT_SHIFT = 8;
export const LENGTH_SHIFT = 24;
export const MOST_UNITS = 0xff;

export function createMatches(capacity = 256): Matches {
  return {
    count: 0,
    phrase: new Int32Array(capacity),
    target: new Int32Array(capacity),
    traits: new Int32Array(capacity),
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
  const { first, phrases } = vocabulary;
  const language = vocabulary.languages.get(lang) ?? 0;
  out.count = 0;
  for (let i = 0; i < found.count; i++) {
    const key = found.key[i]!;
    const after = first[key + 1]!;
    let start = -1;
    const matched = out.count;
    opening.traits = -1;
    for (let phrase = first[key]!; phrase < after; ) {
      const at = phrase * PHRASE;
      const trait = phrases[at + TRAITS]!;
      // Names in Latin letters occur in texts of any language; everything else only in its own.
      if ((trait & LANGUAGE) !== language && (trait & ANY_LANGUAGE) === 0) {
        phrase = phrases[at + OTHER]!;
        continue;
      }
      if (start < 0) {
        start = found.start[i]!;
        while (start < text.length && !isWordUnit(text.charCodeAt(start))) start++;
      }
      if ((trait & WITHIN_WORD) === 0 && isHangul(text.charCodeAt(start)) && !beginsKoreanWord(text, start, trait)) {
        phrase = phrases[at + OTHER]!;
        continue;
      }
      const opened = openPhrase(vocabulary, phrase, text, start, found.end[i]!);
      const end = opened < 0 ? FAILS_AT_ONCE : finishPhrase(vocabulary, phrase, text, opened);
      if (end > 0) addMatch(out, phrase, trait, phrases[at + TARGET]!, start, trimEnd(text, end));
      phrase = end === FAILS_AT_ONCE ? phrases[at + OTHER]! : end === FAILS_EARLY ? phrases[at + NEXT]! : phrase + 1;
    }
    if (out.count - matched > 1) sortMatches(out, matched, phrases);
  }
  return out;
}

/** Puts the matches of one key, from `from` on, into the order in which their phrases came. All begin at one place. */
function sortMatches({ count, phrase, target, traits, end }: Matches, from: number, phrases: Int32Array): void {
  for (let i = from + 1; i < count; i++)
    for (let k = i; k > from && rankOf(phrases, phrase[k - 1]!) > rankOf(phrases, phrase[k]!); k--)
      for (const column of [phrase, target, traits, end]) {
        const before = column[k - 1]!;
        column[k - 1] = column[k]!;
        column[k] = before;
      }
}

const rankOf = (phrases: Int32Array, phrase: number): number => phrases[phrase * PHRASE + RANK]!;

function addMatch(out: Matches, phrase: number, traits: number, target: number, start: number, end: number): void {
  if (out.count === out.phrase.length)
    for (const name of ['phrase', 'target', 'traits', 'start', 'end'] as const) {
      const larger = new Int32Array(out.count * 2);
      larger.set(out[name]);
      out[name] = larger;
    }
  out.phrase[out.count] = phrase;
  out.target[out.count] = target;
  out.traits[out.count] = traits;
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

/** Of a phrase, the second segment is not there; or the first does not stand up, or the second cannot follow. */
const FAILS_EARLY = -2;
const FAILS_AT_ONCE = -3;

/** Where the first segment of the present key ends, by the traits of the segment, which most phrases of a key share. */
const opening = { traits: -1, isInner: false, end: 0 };

/** Checks the first segment of a phrase, found at `start` to `end` of `text`; returns where its word ends, or -1. */
function openPhrase(vocabulary: Vocabulary, phrase: number, text: string, start: number, end: number): number {
  const { phrases } = vocabulary;
  const segment = phrases[phrase * PHRASE + SEGMENT]!;
  const isInner = phrases[phrase * PHRASE + SEGMENT_END]! - segment > 1;
  const traits = phrases[phrase * PHRASE + OPENING]!;
  const exact = (phrases[phrase * PHRASE + TRAITS]! & EXACT) !== 0;
  if (!exact && opening.traits === traits && opening.isInner === isInner) return opening.end;
  const stands = exact
    ? text.startsWith(vocabulary.exact[phrase]!, start)
    : (traits & CAPITAL) === 0 || isCapital(text, start);
  const opened = stands ? finishWord(vocabulary, segment, traits, text, end, isInner) : -1;
  if (exact) return opened;
  opening.traits = traits;
  opening.isInner = isInner;
  opening.end = opened;
  return opened;
}

/** Checks the further segments of a phrase after `from`; returns the end of the whole phrase, or a negative number. */
function finishPhrase(vocabulary: Vocabulary, phrase: number, text: string, from: number): number {
  const { phrases, segments } = vocabulary;
  const second = phrases[phrase * PHRASE + SEGMENT]! + 1;
  const end = phrases[phrase * PHRASE + SEGMENT_END]!;
  if (second < end && !mayFollow(phrases[phrase * PHRASE + TRAITS]! >>> SECOND_SHIFT, text, from)) return FAILS_AT_ONCE;
  const exact = (phrases[phrase * PHRASE + TRAITS]! & EXACT) !== 0;
  let at = from;
  for (let i = second; i < end; i++) {
    const begins = at;
    at = findSegment(vocabulary, i, text, at);
    if (at < 0) return i === second ? FAILS_EARLY : -1;
    if ((segments[2 * i]! & CAPITAL) !== 0 && !exact && !isCapital(text, begins)) return -1;
    at = finishWord(vocabulary, i, segments[2 * i]!, text, at, i < end - 1);
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

const firstUnit = (trait: number) => (trait >> FIRST_UNIT_SHIFT) & 0xffff;

function lastUnit({ segments, units }: Vocabulary, segment: number): number {
  return units[segments[2 * segment + 1]! + (segments[2 * segment]! >>> LENGTH_SHIFT) - 1]!;
}

/** Where the word ends whose letters up to `end` a segment of these traits has, or -1. */
function finishWord(
  vocabulary: Vocabulary,
  segment: number,
  trait: number,
  text: string,
  end: number,
  inner: boolean,
): number {
  let at = end;
  if ((trait & ENDS_UNSPACED) !== 0) {
    if (!inner || isHan(lastUnit(vocabulary, segment))) return end;
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

/** Characters within which the next part of a phrase must begin in scripts with spaces, and its words. */
const REACH = 60;
const MOST_WORDS = 8;

/** The words after a place of a text; many phrases of one key ask for the same. */
const ahead = {
  text: '',
  from: -1,
  count: 0,
  /** Bits of the first letters of the words, and of all letters of the next `UNSPACED_REACH` units, or 0 before they are asked for. */
  first: 0,
  all: 0,
  /** No sign but a space stands before the first of them. */
  joined: false,
  starts: new Int32Array(MOST_WORDS),
  /** Folded first unit of each. */
  letters: new Uint16Array(MOST_WORDS),
};

function readAhead(text: string, from: number): typeof ahead {
  if (ahead.from === from && ahead.text === text) return ahead;
  ahead.text = text;
  ahead.from = from;
  ahead.count = 0;
  ahead.first = 0;
  ahead.all = 0;
  ahead.joined = true;
  const limit = Math.min(text.length, from + REACH);
  for (let at = from; at < limit && ahead.count < MOST_WORDS; ) {
    const unit = text.charCodeAt(at);
    const folded = FOLDED[unit]!;
    if (folded <= BREAK) {
      if (folded === BREAK) {
        if (STOPS.has(unit)) break;
        if (ahead.count === 0) ahead.joined = false;
      }
      at++;
      continue;
    }
    ahead.starts[ahead.count] = at;
    ahead.letters[ahead.count++] = folded;
    ahead.first |= 1 << (folded & 31);
    while (at < text.length && (isWordUnit(text.charCodeAt(at)) || FOLDED[text.charCodeAt(at)] === SKIP)) at++;
  }
  return ahead;
}

/** Units within which a segment of a script without spaces must begin. */
const UNSPACED_REACH = 18;

/** Could a segment of this first letter begin after `from`? Tells for most that cannot. */
function mayFollow(first: number, text: string, from: number): boolean {
  const { first: letters } = readAhead(text, from);
  if (isSpaced(first)) return (letters & (1 << (first & 31))) !== 0;
  if (ahead.all === 0)
    for (let at = from; at < from + UNSPACED_REACH && at < text.length; at++)
      ahead.all |= 1 << (FOLDED[text.charCodeAt(at)]! & 31);
  return (ahead.all & (1 << (first & 31))) !== 0;
}

/** Looks for a segment after `from`, across the words that the one before it allows, never across the end of a sentence. */
function findSegment(vocabulary: Vocabulary, segment: number, text: string, from: number): number {
  const gap = (vocabulary.segments[2 * segment - 2]! >> GAP_SHIFT) & 7;
  const first = firstUnit(vocabulary.segments[2 * segment]!);
  if (!isSpaced(first)) return findUnspaced(vocabulary, segment, gap, text, from);
  const { count, joined, starts, letters } = readAhead(text, from);
  if (gap === 0 && !joined) return -1;
  for (let word = 0; word < count && word <= gap; word++) {
    if (letters[word] !== first) continue;
    const end = compareUnits(vocabulary, segment, text, starts[word]!);
    if (end >= 0) return end;
  }
  return -1;
}

/** The same for scripts without spaces: four characters count as a word. */
function findUnspaced(vocabulary: Vocabulary, segment: number, gap: number, text: string, from: number): number {
  const first = firstUnit(vocabulary.segments[2 * segment]!);
  const limit = Math.min(text.length, from + Math.min(UNSPACED_REACH, gap * 4 + 2));
  let words = 0;
  for (let at = from; at < limit; ) {
    const unit = text.charCodeAt(at);
    const folded = FOLDED[unit]!;
    if (folded <= BREAK) {
      if (folded === BREAK && (gap === 0 || STOPS.has(unit))) return -1;
      at++;
      continue;
    }
    const end = folded === first ? compareUnits(vocabulary, segment, text, at) : -1;
    if (end >= 0) return end;
    const hangul = isHangul(unit);
    if (words >= gap * (hangul ? 1 : 4)) return -1;
    words++;
    if (hangul) {
      while (at < text.length && (isWordUnit(text.charCodeAt(at)) || FOLDED[text.charCodeAt(at)] === SKIP)) at++;
    } else at++;
  }
  return -1;
}

function compareUnits({ units, segments }: Vocabulary, segment: number, text: string, from: number): number {
  let at = from;
  const begin = segments[2 * segment + 1]!;
  const end = begin + (segments[2 * segment]! >>> LENGTH_SHIFT);
  for (let i = begin; i < end; i++) {
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
