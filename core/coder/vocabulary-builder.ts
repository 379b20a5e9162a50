import { buildAutomaton } from './automaton.js';
import { isHan, isHangul, isSpaced, SEPARATOR } from './fold.js';
import type { Phrase, Segment } from './phrases.js';
import {
  AMBIGUOUS,
  ANY_LANGUAGE,
  CAPITAL,
  ENDS_UNSPACED,
  EXACT,
  GAP_SHIFT,
  KOREAN,
  LANGUAGE,
  NAME,
  SHORT,
  type Vocabulary,
  WITHIN_WORD,
} from './vocabulary.js';

/** Takes phrases one by one and keeps numbers of them only, which makes building as fast as reading. */
export interface VocabularyBuilder {
  add(phrase: Phrase): void;
  build(): Vocabulary;
}

/** Words that may stand between two parts of a phrase. */
const WORDS_BETWEEN = 4;

export function createVocabularyBuilder(): VocabularyBuilder {
  const keyNumbers = new Map<string, number>();
  /** The same by the segment itself, which many phrases begin with. */
  const numberOfFirst = new Map<Segment, number>();
  const keys: number[][] = [];
  const languages = new Map<string, number>();
  const [keyOf, traits, target] = [createColumn(), createColumn(), createColumn()];
  const texts: string[] = [];
  const exact: string[] = [];
  // Where the segments of each phrase end, and the units of each segment.
  const [segmentEnd, segmentTraits, unitEnd, units] = [createColumn(), createColumn(), createColumn(), createColumn()];

  const numberOf = (first: Segment, isShared: boolean): number => {
    const seen = isShared ? numberOfFirst.get(first) : undefined;
    if (seen !== undefined) return seen;
    const key = isSpaced(first.units[0]!) ? [SEPARATOR, ...first.units] : first.units;
    const name = String.fromCharCode(...key);
    const number = keyNumbers.get(name) ?? keys.push(key) - 1;
    keyNumbers.set(name, number);
    if (isShared) numberOfFirst.set(first, number);
    return number;
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
    for (let p = 0; p < parts.length; p++) {
      const segments = parts[p]!;
      for (let s = 0; s < segments.length; s++) {
        const { units: own, tail, capital } = segments[s]!;
        const last = own[own.length - 1]!;
        let trait = tail | (capital ? CAPITAL : 0) | (isHan(last) || isHangul(last) ? ENDS_UNSPACED : 0);
        if (s === segments.length - 1 && p < parts.length - 1) trait |= WORDS_BETWEEN << GAP_SHIFT;
        segmentTraits.push(trait);
        for (const unit of own) units.push(unit);
        unitEnd.push(units.length());
      }
    }
    segmentEnd.push(unitEnd.length());
  };

  const build = (): Vocabulary => {
    // Phrases of one key side by side, in the order they came.
    const count = texts.length;
    const first = new Int32Array(keys.length + 1);
    for (let p = 0; p < count; p++) first[keyOf.at(p) + 1]!++;
    for (let key = 0; key < keys.length; key++) first[key + 1]! += first[key]!;
    const place = first.slice();
    const order = new Int32Array(count);
    for (let p = 0; p < count; p++) order[place[keyOf.at(p)]!++] = p;
    const out: Vocabulary = {
      automaton: buildAutomaton(keys),
      first,
      traits: new Int32Array(count),
      next: new Int32Array(count),
      target: new Int32Array(count),
      texts: new Array<string>(count),
      exact: new Array<string>(count),
      segment: new Int32Array(count + 1),
      segmentTraits: new Uint8Array(unitEnd.length()),
      segmentUnits: new Int32Array(unitEnd.length() + 1),
      units: new Uint16Array(units.length()),
      languages,
    };
    let [segment, unit] = [0, 0];
    for (let p = 0; p < count; p++) {
      const from = order[p]!;
      out.traits[p] = traits.at(from);
      out.target[p] = target.at(from);
      out.texts[p] = texts[from]!;
      out.exact[p] = exact[from]!;
      for (let s = from === 0 ? 0 : segmentEnd.at(from - 1); s < segmentEnd.at(from); s++) {
        out.segmentTraits[segment++] = segmentTraits.at(s);
        for (let u = s === 0 ? 0 : unitEnd.at(s - 1); u < unitEnd.at(s); u++) out.units[unit++] = units.at(u);
        out.segmentUnits[segment] = unit;
      }
      out.segment[p + 1] = segment;
    }
    for (let key = keys.length - 1; key >= 0; key--)
      for (let p = first[key + 1]! - 1; p >= first[key]!; p--)
        out.next[p] = p + 1 < first[key + 1]! && beginAlike(out, p, p + 1) ? out.next[p + 1]! : p + 1;
    return out;
  };

  return { add, build };
}

/** Do two phrases of one key fail together when the first segment or the beginning of the second is not what the text has? */
function beginAlike({ traits, exact, segment, segmentTraits, segmentUnits, units }: Vocabulary, a: number, b: number) {
  if (traits[a] !== traits[b] || exact[a] !== exact[b]) return false;
  const [first, other] = [segment[a]!, segment[b]!];
  if (segmentTraits[first] !== segmentTraits[other]) return false;
  const [countA, countB] = [segment[a + 1]! - first, segment[b + 1]! - other];
  if (countA < 2 || countB < 2) return countA === countB;
  const [from, otherFrom] = [segmentUnits[first + 1]!, segmentUnits[other + 1]!];
  const length = segmentUnits[first + 2]! - from;
  if (segmentUnits[other + 2]! - otherFrom !== length) return false;
  for (let i = 0; i < length; i++) if (units[from + i] !== units[otherFrom + i]) return false;
  return true;
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
    length: (): number => length,
  };
}
