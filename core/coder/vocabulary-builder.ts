import { buildAutomaton } from './automaton.js';
import { isHan, isHangul, isSpaced, SEPARATOR } from './fold.js';
import type { Phrase, Segment } from './phrases.js';
import {
  AMBIGUOUS,
  ANY_LANGUAGE,
  CAPITAL,
  ENDS_UNSPACED,
  EXACT,
  FIRST_UNIT_SHIFT,
  GAP_SHIFT,
  KOREAN,
  LANGUAGE,
  LENGTH_SHIFT,
  MOST_UNITS,
  NAME,
  NEXT,
  OPENING,
  OTHER,
  PHRASE,
  RANK,
  SECOND_SHIFT,
  SEGMENT,
  SEGMENT_END,
  SHORT,
  TARGET,
  TRAITS,
  type Vocabulary,
  WITHIN_WORD,
} from './vocabulary.js';

/** Takes phrases one by one and keeps numbers of them only, which makes building as fast as reading. */
export interface VocabularyBuilder {
  add(phrase: Phrase): void;
  build(): Vocabulary;
}

const WORD_BEGIN = String.fromCharCode(SEPARATOR);

/** Words that may stand between two parts of a phrase. */
const WORDS_BETWEEN = 4;

export function createVocabularyBuilder(): VocabularyBuilder {
  const keyNumbers = new Map<string, number>();
  /** The same by the segment itself, which many phrases begin with, and where the units of such a segment lie. */
  const numberOfFirst = new Map<Segment, number>();
  const placeOf = new Map<Segment, number>();
  const keys: number[][] = [];
  const languages = new Map<string, number>();
  const [keyOf, traits, target] = [createColumn(), createColumn(), createColumn()];
  const texts: string[] = [];
  const exact: string[] = [];
  // Where the segments of each phrase end; two numbers of each segment; the units of all.
  const [segmentEnd, segments, units] = [createColumn(), createColumn(), createColumn()];

  const numberOf = (first: Segment, isShared: boolean): number => {
    const seen = isShared ? numberOfFirst.get(first) : undefined;
    if (seen !== undefined) return seen;
    const { units: own } = first;
    const isWord = isSpaced(own[0]!);
    const letters = String.fromCharCode.apply(null, own);
    const name = isWord ? WORD_BEGIN + letters : letters;
    let number = keyNumbers.get(name);
    if (number === undefined) {
      number = keys.push(isWord ? [SEPARATOR, ...own] : own) - 1;
      keyNumbers.set(name, number);
    }
    if (isShared) numberOfFirst.set(first, number);
    return number;
  };

  const placeUnits = (segment: Segment, isShared: boolean): number => {
    const seen = isShared ? placeOf.get(segment) : undefined;
    if (seen !== undefined) return seen;
    const place = units.length();
    for (const unit of segment.units) units.push(unit);
    if (isShared) placeOf.set(segment, place);
    return place;
  };

  const add = (phrase: Phrase): void => {
    let language = languages.get(phrase.lang);
    if (language === undefined) {
      language = languages.size + 1;
      if (language > LANGUAGE) throw new RangeError(`phrases of more than ${LANGUAGE} languages`);
      languages.set(phrase.lang, language);
    }
    const { parts } = phrase;
    keyOf.push(numberOf(parts[0]![0]!, parts.length > 1));
    traits.push(language | traitsOf(phrase));
    target.push(phrase.target);
    texts.push(phrase.text);
    exact.push(phrase.exact ?? '');
    const isShared = parts.length > 1;
    for (let p = 0; p < parts.length; p++) {
      const own = parts[p]!;
      for (let s = 0; s < own.length; s++) {
        const mayFollow = s === own.length - 1 && p < parts.length - 1;
        segments.push(traitsOfSegment(own[s]!) | (mayFollow ? WORDS_BETWEEN << GAP_SHIFT : 0));
        segments.push(placeUnits(own[s]!, isShared));
      }
    }
    segmentEnd.push(segments.length());
  };

  const firstSegment = (p: number): number => (p === 0 ? 0 : segmentEnd.at(p - 1));
  /** What is compared of the second segment: first letter, tail and length, or 0 where there is none. */
  const secondTraits = (p: number): number => {
    const segment = firstSegment(p) + 2;
    return segment < segmentEnd.at(p) ? segments.at(segment) : 0;
  };
  const letterOf = (traits: number): number => (traits >> FIRST_UNIT_SHIFT) & 0xffff;

  /** 0 for two phrases of one key that fail together at the first segment and at the first letter of the second. */
  const compareTraits = (a: number, b: number): number => {
    if (traits.at(a) !== traits.at(b)) return traits.at(a) - traits.at(b);
    if (exact[a] !== exact[b]) return exact[a]! < exact[b]! ? -1 : 1;
    const [openA, openB] = [segments.at(firstSegment(a)), segments.at(firstSegment(b))];
    if (openA !== openB) return openA - openB;
    return letterOf(secondTraits(a)) - letterOf(secondTraits(b));
  };

  /** 0 for two of them that have the same letters in the second segment, or none. */
  const compareSeconds = (a: number, b: number): number => {
    const [lengthA, lengthB] = [secondTraits(a) >>> LENGTH_SHIFT, secondTraits(b) >>> LENGTH_SHIFT];
    if (lengthA !== lengthB || lengthA === 0) return lengthA - lengthB;
    const [placeA, placeB] = [segments.at(firstSegment(a) + 3), segments.at(firstSegment(b) + 3)];
    for (let i = 0; placeA !== placeB && i < lengthA; i++)
      if (units.at(placeA + i) !== units.at(placeB + i)) return units.at(placeA + i) - units.at(placeB + i);
    return 0;
  };

  const compareBeginnings = (a: number, b: number): number => compareTraits(a, b) || compareSeconds(a, b) || a - b;

  const build = (): Vocabulary => {
    // Phrases of one key side by side, those that begin alike next to each other.
    const count = texts.length;
    const first = new Int32Array(keys.length + 1);
    for (let p = 0; p < count; p++) first[keyOf.at(p) + 1]!++;
    for (let key = 0; key < keys.length; key++) first[key + 1]! += first[key]!;
    const place = first.slice();
    const order = new Int32Array(count);
    for (let p = 0; p < count; p++) order[place[keyOf.at(p)]!++] = p;
    for (let key = 0; key < keys.length; key++)
      if (first[key + 1]! - first[key]! > 1) order.subarray(first[key]!, first[key + 1]!).sort(compareBeginnings);
    const phrases = new Int32Array(count * PHRASE);
    const out: Vocabulary = {
      automaton: buildAutomaton(keys),
      first,
      phrases,
      segments: new Int32Array(segments.length()),
      units: Uint16Array.from(units.all()),
      texts: new Array<string>(count),
      exact: new Array<string>(count),
      languages,
    };
    let segment = 0;
    for (let p = 0; p < count; p++) {
      const from = order[p]!;
      phrases[p * PHRASE + TRAITS] = traits.at(from) | (letterOf(secondTraits(from)) << SECOND_SHIFT);
      phrases[p * PHRASE + SEGMENT] = segment / 2;
      phrases[p * PHRASE + TARGET] = target.at(from);
      phrases[p * PHRASE + RANK] = from;
      out.texts[p] = texts[from]!;
      out.exact[p] = exact[from]!;
      phrases[p * PHRASE + OPENING] = segments.at(firstSegment(from));
      for (let s = firstSegment(from); s < segmentEnd.at(from); s++) out.segments[segment++] = segments.at(s);
      phrases[p * PHRASE + SEGMENT_END] = segment / 2;
    }
    for (let key = keys.length - 1; key >= 0; key--)
      for (let p = first[key + 1]! - 1; p >= first[key]!; p--) {
        const isLast = p + 1 === first[key + 1]!;
        const mayBothFollow = !isLast && compareTraits(order[p]!, order[p + 1]!) === 0;
        const alike = mayBothFollow && compareSeconds(order[p]!, order[p + 1]!) === 0;
        phrases[p * PHRASE + OTHER] = mayBothFollow ? phrases[(p + 1) * PHRASE + OTHER]! : p + 1;
        phrases[p * PHRASE + NEXT] = alike ? phrases[(p + 1) * PHRASE + NEXT]! : p + 1;
      }
    return out;
  };

  return { add, build };
}

function traitsOfSegment({ units, tail, capital }: Segment): number {
  if (units.length > MOST_UNITS) throw new RangeError(`a part of a phrase of more than ${MOST_UNITS} letters`);
  const last = units[units.length - 1]!;
  return (
    tail |
    (capital ? CAPITAL : 0) |
    (isHan(last) || isHangul(last) ? ENDS_UNSPACED : 0) |
    (units[0]! << FIRST_UNIT_SHIFT) |
    (units.length << LENGTH_SHIFT)
  );
}

function traitsOf(phrase: Phrase): number {
  const { parts } = phrase;
  const name = phrase.kind === 'mention';
  const { units } = parts[0]![0]!;
  // A single character of a script without spaces.
  const short = units.length === 1 && !isSpaced(units[0]!);
  const single = short && parts.length === 1 && parts[0]!.length === 1;
  let traits = 0;
  if (phrase.anyLanguage) traits |= ANY_LANGUAGE;
  if (phrase.ambig) traits |= AMBIGUOUS;
  if (name && single) traits |= SHORT;
  if (phrase.lang === 'ko') traits |= KOREAN;
  if (phrase.exact !== null) traits |= EXACT;
  if (name) traits |= NAME;
  // Short names stand in runs (two neighbours' names in one word); the run itself is checked later. A concept of one
  // syllable is a word of its own or an ending; elsewhere in a word the syllable means something else.
  if (name ? short : !single || phrase.ending) traits |= WITHIN_WORD;
  return traits;
}

/** Whole numbers one after the other. */
function createColumn() {
  let numbers = new Int32Array(1 << 12);
  let length = 0;
  return {
    push(value: number): void {
      if (length === numbers.length) {
        const larger = new Int32Array(length * 2);
        larger.set(numbers);
        numbers = larger;
      }
      numbers[length++] = value;
    },
    at: (index: number): number => numbers[index]!,
    all: (): Int32Array => numbers.subarray(0, length),
    length: (): number => length,
  };
}
