import {
  type Automaton,
  EITHER,
  follow,
  isWithinHan,
  LIMIT,
  SPACED,
  SYM_QUOTE_BREAK,
  SYM_QUOTE_SEPARATOR,
  SYM_SKIP,
  SYMBOL,
  UNSPACED,
} from './automaton.js';
import { BREAK, SEPARATOR } from './fold.js';

/** Tells in one pass without positions which members a text may name; most texts are done with after it. */
export interface Sieve {
  automaton: Automaton;
  /** Bits of all keys that end in each state. */
  stateBits: Int32Array;
}

/**
 * `keyBits` are the bits of each key of the automaton.
 * @throws when a key begins with a letter of a script with spaces: names begin with the beginning of their word.
 */
export function createSieve(automaton: Automaton, keyBits: Int32Array): Sieve {
  if (!automaton.plain) throw new RangeError('a key begins within a word');
  const { output, outputLink, keyList } = automaton;
  const stateBits = new Int32Array(output.length);
  for (let state = 0; state < output.length; state++)
    for (let at = output[state] ? state : outputLink[state]!; at !== 0; at = outputLink[at]!)
      for (let k = output[at]!; keyList[k] !== 0; k++) stateBits[state]! |= keyBits[keyList[k]! - 1]!;
  return { automaton, stateBits };
}

/** Bits of the names that `text` may hold, added to `bits`; ends as soon as two of those in `wanted` are there. */
export function siftMembers({ automaton, stateBits }: Sieve, text: string, bits: number, wanted: number): number {
  const { units, cells, fail, root, afterWord } = automaton;
  const length = Math.min(text.length, LIMIT);
  let found = bits;
  let state = afterWord[0]!;
  let script = 0;
  let gap = SEPARATOR;
  let i = 0;
  while (i < length) {
    let unit = units[text.charCodeAt(i)]!;
    if (unit >= SPACED && script !== UNSPACED) {
      // Along a word of a script with spaces, the commonest case by far.
      script = SPACED;
      gap = 0;
      do {
        const next = (cells[state << 1]! >> 1) + (unit & SYMBOL);
        if (cells[(next << 1) | 1] !== state) {
          state = fail[state]!;
          if (state !== 0) continue;
          // Nothing begins within a word: on to its end.
          i++;
          while (i < length && units[text.charCodeAt(i)]! >= SPACED) i++;
          break;
        }
        state = next;
        if (cells[state << 1]! & 1) {
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
        state = afterWord[state]!;
      }
      continue;
    }
    if (unit >= UNSPACED) {
      if (((unit ^ script) & EITHER) === EITHER) state = afterWord[state]!;
      script = unit & EITHER;
      gap = 0;
      state = state === 0 ? root[unit & SYMBOL]! : follow(cells, fail, root, state, unit & SYMBOL);
      if (cells[state << 1]! & 1) {
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
      if (cells[state << 1]! & 1) found |= stateBits[state]!;
    }
    state = afterWord[state]!;
  }
  return found;
}
