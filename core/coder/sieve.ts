import {
  type Automaton,
  BASE_SHIFT,
  buildAutomaton,
  CONTINUES,
  EITHER,
  FAILS,
  follow,
  isWithinHan,
  KEYS_END,
  LIMIT,
  SPACED,
  SYM_QUOTE_BREAK,
  SYM_QUOTE_SEPARATOR,
  SYM_SKIP,
  SYMBOL,
  UNSPACED,
} from './automaton.js';
import { BREAK, isArabic, isSpaced, SEPARATOR } from './fold.js';
import { LENGTH_SHIFT, PHRASE, SEGMENT, SEGMENT_END, TARGET, type Vocabulary } from './vocabulary.js';

/** Tells in one pass without positions which members a text may name; most texts are done with after it. */
export interface Sieve {
  automaton: Automaton;
  /** Bits of all keys that end in each state. */
  stateBits: Int32Array;
}

/**
 * A sieve of the names whose entries have a bit in `entryBits`. Of a name in several parts it looks for the one that tells most
 * about whom it names: of "Si Tszinpin" in Russian letters for the second, since many words begin like the first.
 * @throws when a key begins with a letter of a script with spaces: names begin with the beginning of their word.
 */
export function createSieve(names: Vocabulary, entryBits: Int32Array): Sieve {
  const count = names.texts.length;
  const { phrases } = names;
  const bitsOfSegments = new Map<string, number>();
  for (let phrase = 0; phrase < count; phrase++) {
    const bits = entryBits[phrases[phrase * PHRASE + TARGET]!]!;
    if (bits === 0) continue;
    for (let part = firstSegment(names, phrase); part < endOfSegments(names, phrase); part++) {
      const key = keyOf(names, part);
      bitsOfSegments.set(key, (bitsOfSegments.get(key) ?? 0) | bits);
    }
  }
  const chosen = new Map<string, number>();
  for (let phrase = 0; phrase < count; phrase++) {
    const bits = entryBits[phrases[phrase * PHRASE + TARGET]!]!;
    if (bits === 0) continue;
    const key = mostTelling(names, phrase, bitsOfSegments);
    chosen.set(key, (chosen.get(key) ?? 0) | bits);
  }
  const keyBits = [...chosen.values()];
  const automaton = buildAutomaton(Array.from(chosen.keys(), unitsOf));
  if (!automaton.plain) throw new RangeError('a name begins within a word');
  const { output, keyList } = automaton;
  const stateBits = new Int32Array(output.length / 2);
  for (let state = 0; state < stateBits.length; state++)
    for (let at = output[2 * state] ? state : output[2 * state + 1]!; at !== 0; at = output[2 * at + 1]!)
      for (let k = output[2 * at]!; keyList[k] !== 0; k += 2) stateBits[state]! |= keyBits[keyList[k]! - 1]!;
  return { automaton, stateBits };
}

const firstSegment = (names: Vocabulary, phrase: number): number => names.phrases[phrase * PHRASE + SEGMENT]!;

const endOfSegments = (names: Vocabulary, phrase: number): number => names.phrases[phrase * PHRASE + SEGMENT_END]!;

/** The units of a segment as a string, after a separator if its script has spaces. */
function keyOf({ units, segments }: Vocabulary, segment: number): string {
  const from = segments[2 * segment + 1]!;
  const to = from + (segments[2 * segment]! >>> LENGTH_SHIFT);
  let key = isSpaced(units[from]!) ? String.fromCharCode(SEPARATOR) : '';
  for (let at = from; at < to; at++) key += String.fromCharCode(units[at]!);
  return key;
}

function unitsOf(key: string): Uint16Array {
  return Uint16Array.from({ length: key.length }, (_, i) => key.charCodeAt(i));
}

function mostTelling(names: Vocabulary, phrase: number, bitsOfSegments: ReadonlyMap<string, number>): string {
  const first = firstSegment(names, phrase);
  let best = keyOf(names, first);
  // Half-spaces join the parts of Arabic and Persian names, so that only the first surely begins a word.
  if (isArabic(names.units[names.segments[2 * first + 1]!]!)) return best;
  const membersOf = (key: string) => countBits(bitsOfSegments.get(key)!);
  for (let part = first + 1; part < endOfSegments(names, phrase); part++) {
    const key = keyOf(names, part);
    if (key.charCodeAt(0) === SEPARATOR && key.length <= SHORT) continue;
    const more = membersOf(best) - membersOf(key);
    if (more > 0 || (more === 0 && best.length <= SHORT && key.length > best.length)) best = key;
  }
  return best;
}

/** A separator and so many letters begin words of all kinds. */
const SHORT = 4;

function countBits(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count++;
  return count;
}

/** Bits of the names that `text` may hold, added to `bits`; ends as soon as two of those in `wanted` are there. */
export function siftMembers({ automaton, stateBits }: Sieve, text: string, bits: number, wanted: number): number {
  const { units, cells, fail, root, afterWord } = automaton;
  const length = Math.min(text.length, LIMIT);
  let found = bits;
  const wordStart = afterWord[0]!;
  let state = wordStart;
  let script = 0;
  let gap = SEPARATOR;
  let i = 0;
  while (i < length) {
    let unit = units[text.charCodeAt(i)]!;
    if (unit >= SPACED && script !== UNSPACED) {
      // Along a word of a script with spaces, the commonest case by far.
      // Written out as in `scan`: a call for each unit would cost more than the look-up itself.
      script = SPACED;
      gap = 0;
      do {
        const cell = cells[state << 1]!;
        const next = (cell >> BASE_SHIFT) + (unit & SYMBOL);
        if (cells[(next << 1) | 1] !== state) {
          state = (cell & FAILS) === 0 ? 0 : fail[state]!;
          if (state !== 0) continue;
          // Nothing begins within a word: on to its end.
          i++;
          while (i < length && units[text.charCodeAt(i)]! >= SPACED) i++;
          break;
        }
        state = next;
        if (cells[state << 1]! & KEYS_END) {
          found |= stateBits[state]!;
          const both = found & wanted;
          if ((both & (both - 1)) !== 0) return found;
        }
        if (++i >= length) break;
        unit = units[text.charCodeAt(i)]!;
      } while (unit >= SPACED);
      continue;
    }
    i++;
    if (unit === SEPARATOR) {
      script = 0;
      if (gap === 0) {
        gap = SEPARATOR;
        state = (cells[state << 1]! & CONTINUES) === 0 ? wordStart : afterWord[state]!;
      }
      continue;
    }
    if (unit >= UNSPACED) {
      if (((unit ^ script) & EITHER) === EITHER)
        state = (cells[state << 1]! & CONTINUES) === 0 ? wordStart : afterWord[state]!;
      script = unit & EITHER;
      gap = 0;
      state = state === 0 ? root[unit & SYMBOL]! : follow(cells, fail, root, state, unit & SYMBOL);
      if (cells[state << 1]! & KEYS_END) {
        found |= stateBits[state]!;
        const both = found & wanted;
        if ((both & (both - 1)) !== 0) return found;
      }
      continue;
    }
    script = 0;
    if (unit === SYM_SKIP || (unit >= SYM_QUOTE_SEPARATOR && isWithinHan(text, i - 1))) continue;
    const ends = unit === BREAK || unit === SYM_QUOTE_BREAK;
    if (gap === BREAK || (gap === SEPARATOR && !ends)) continue;
    gap = ends ? BREAK : SEPARATOR;
    if (ends) {
      state = follow(cells, fail, root, state, BREAK);
      if (cells[state << 1]! & KEYS_END) found |= stateBits[state]!;
    }
    state = (cells[state << 1]! & CONTINUES) === 0 ? wordStart : afterWord[state]!;
  }
  return found;
}
