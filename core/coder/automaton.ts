import { BREAK, FOLDED, isHan, isSpaced, SEPARATOR, SKIP, UNIT_CLASS } from './fold.js';

/**
 * Aho-Corasick automaton over folded UTF-16 units in a double array: one pass finds every key, the text is not copied, nothing
 * is allocated while scanning (Aho and Corasick, CACM 18(6), 1975; double array: Aoe, IEEE TSE 15(9), 1989).
 */
export interface Automaton {
  /** What each UTF-16 unit is: its symbol in the low 14 bits, above them the bit `SPACED` or `UNSPACED` of letters. */
  units: Uint16Array;
  /**
   * Two numbers a state, side by side in memory: its base above the bits `KEYS_END`, `FAILS` and `CONTINUES`; the state before
   * it. The bits spare a look into the arrays below, each of which lies elsewhere in memory, for most letters of a text.
   */
  cells: Int32Array;
  /** Where each symbol leads from the root, so that most of a text costs one look-up. */
  root: Int32Array;
  /** Whether no key begins with a letter of a script with spaces; then nothing begins within a word. */
  plain: boolean;
  fail: Int32Array;
  /** Where a separator leads from each state, since every word ends with one. */
  afterWord: Int32Array;
  /**
   * Two numbers a state: the first entry of its keys in `keyList`, or 0, and the nearest shorter state that has keys, or 0. A list
   * ends with 0; each entry is a key number + 1 and the length of the key.
   */
  output: Int32Array;
  keyList: Int32Array;
  states: number;
}

/** Where hits are written; grows only when a text needs more than any before. */
export interface Hits {
  count: number;
  key: Int32Array;
  /** UTF-16 positions in the scanned text, end exclusive. */
  start: Int32Array;
  end: Int32Array;
}

/** Symbols of what is no letter, beside SEPARATOR and BREAK; letters that no key holds are 0, others count from `LETTERS`. */
export const SYM_SKIP = 3;
export const SYM_QUOTE_SEPARATOR = 4;
export const SYM_QUOTE_BREAK = 5;
const LETTERS = 6;
export const SYMBOL = 0x3fff;
export const UNSPACED = 0x4000;
export const SPACED = 0x8000;
export const EITHER = SPACED | UNSPACED;

/** In a cell: keys end in the state; it fails to another than the root; a separator leads on from it as from no other word. */
export const KEYS_END = 1;
export const FAILS = 2;
export const CONTINUES = 4;
export const BASE_SHIFT = 3;

/** Characters of a text that are read; what comes later is no news item any more. */
export const LIMIT = 1 << 16;

export function createHits(capacity = 1024): Hits {
  return { count: 0, key: new Int32Array(capacity), start: new Int32Array(capacity), end: new Int32Array(capacity) };
}

/**
 * Builds the automaton of keys, each a list of folded units (`foldUnits`). Equal keys are allowed; keys of one text end are
 * found from the longest to the shortest, equal ones in their order here.
 * @throws when the keys hold more than 16,000 different letters.
 */
export function buildAutomaton(keys: ReadonlyArray<ArrayLike<number>>): Automaton {
  const { units, letters, symbolOf } = numberSymbols(keys);
  const size = letters.length + LETTERS;
  const trie = buildTrie(keys, symbolOf);
  const placed = placeNodes(trie, size);
  const { output, keyList, fail, afterWord } = linkOutputs(trie, placed, keys);
  const root = new Int32Array(size);
  let plain = true;
  for (let child = trie.firstChild[0]!; child !== 0; child = trie.sibling[child]!) {
    const symbol = trie.symbol[child]!;
    root[symbol] = placed.state[child]!;
    if (symbol >= LETTERS && isSpaced(letters[symbol - LETTERS]!)) plain = false;
  }
  const { base, check, state } = placed;
  const cells = new Int32Array(check.length * 2);
  for (let at = 0; at < check.length; at++) {
    const bits =
      (output[2 * at] !== 0 || output[2 * at + 1] !== 0 ? KEYS_END : 0) |
      (fail[at] !== 0 ? FAILS : 0) |
      (afterWord[at] !== afterWord[0] ? CONTINUES : 0);
    cells[2 * at] = (base[at]! << BASE_SHIFT) | bits;
    cells[2 * at + 1] = check[at]!;
  }
  return { units, cells, root, plain, fail, afterWord, output, keyList, states: state.length };
}

/** What each unit is when no key holds its letter, and the units of each letter side by side; the same for all automata. */
const NO_LETTERS = new Uint16Array(65536);
const UNITS_OF = new Uint16Array(65536);
const FIRST_OF = new Int32Array(65537);
for (let unit = 0; unit < 65536; unit++) {
  const folded = FOLDED[unit]!;
  const kind = UNIT_CLASS[unit]!;
  if (folded > BREAK) NO_LETTERS[unit] = kind === 2 ? UNSPACED : SPACED;
  else if (folded === SKIP) NO_LETTERS[unit] = SYM_SKIP;
  else if (kind === 3) NO_LETTERS[unit] = folded === SEPARATOR ? SYM_QUOTE_SEPARATOR : SYM_QUOTE_BREAK;
  else NO_LETTERS[unit] = folded;
  FIRST_OF[folded + 1]!++;
}
for (let letter = 0; letter < 65536; letter++) FIRST_OF[letter + 1]! += FIRST_OF[letter]!;
const filled = FIRST_OF.slice();
for (let unit = 0; unit < 65536; unit++) UNITS_OF[filled[FOLDED[unit]!]!++] = unit;

/** Frequent letters get small symbols, which packs the double array tightly. */
function numberSymbols(keys: ReadonlyArray<ArrayLike<number>>) {
  const counts = new Uint32Array(65536);
  const letters: number[] = [];
  for (const key of keys)
    for (let i = 0; i < key.length; i++) if (counts[key[i]!]!++ === 0 && key[i]! > BREAK) letters.push(key[i]!);
  letters.sort((a, b) => counts[b]! - counts[a]! || a - b);
  if (letters.length + LETTERS > SYMBOL)
    throw new RangeError(`keys of more than ${SYMBOL - LETTERS} different letters`);
  const symbolOf = new Uint16Array(65536);
  symbolOf[SEPARATOR] = SEPARATOR;
  symbolOf[BREAK] = BREAK;
  const units = NO_LETTERS.slice();
  letters.forEach((letter, i) => {
    symbolOf[letter] = i + LETTERS;
    for (let at = FIRST_OF[letter]!; at < FIRST_OF[letter + 1]!; at++) units[UNITS_OF[at]!]! |= i + LETTERS;
  });
  return { units, letters, symbolOf };
}

/** Nodes by number, the root is 0; children hang together as a list sorted by symbol. */
interface Trie {
  count: number;
  symbol: Uint16Array;
  firstChild: Int32Array;
  sibling: Int32Array;
  /** Node of each key; 0 for an empty one. */
  keyNode: Int32Array;
}

/** Keys come sorted, so that each shares its beginning with the one before and adds its new nodes behind all others. */
function buildTrie(keys: ReadonlyArray<ArrayLike<number>>, symbolOf: Uint16Array): Trie {
  let most = 1;
  const symbols: number[] = [];
  const words = keys.map((key) => {
    most += key.length;
    symbols.length = key.length;
    for (let i = 0; i < key.length; i++) symbols[i] = symbolOf[key[i]!]!;
    return String.fromCharCode.apply(null, symbols);
  });
  const order = Array.from(words, (_, i) => i).sort((a, b) =>
    words[a]! < words[b]! ? -1 : words[a]! > words[b]! ? 1 : 0,
  );
  const symbol = new Uint16Array(most);
  const firstChild = new Int32Array(most);
  const sibling = new Int32Array(most);
  const lastChild = new Int32Array(most);
  const keyNode = new Int32Array(keys.length);
  const path: number[] = [0];
  let count = 1;
  let before = '';
  for (const id of order) {
    const word = words[id]!;
    let shared = 0;
    while (shared < word.length && shared < before.length && word.charCodeAt(shared) === before.charCodeAt(shared))
      shared++;
    for (let i = shared; i < word.length; i++) {
      const parent = path[i]!;
      const node = count++;
      symbol[node] = word.charCodeAt(i);
      if (lastChild[parent] === 0) firstChild[parent] = node;
      else sibling[lastChild[parent]!] = node;
      lastChild[parent] = node;
      path[i + 1] = node;
    }
    keyNode[id] = path[word.length]!;
    before = word;
  }
  return { count, symbol, firstChild, sibling, keyNode };
}

interface Placed {
  base: Int32Array;
  check: Int32Array;
  /** State of each node. */
  state: Int32Array;
  /** Nodes from the root outwards. */
  order: Int32Array;
}

/** Levels of the trie that lie close together, since most words of a text reach them. */
const SHARED_LEVELS = 4;

/** Nodes from the root outwards, and where each level begins among them. */
function orderNodes({ count, firstChild, sibling }: Trie): { order: Int32Array; levels: number[] } {
  const order = new Int32Array(count);
  const levels = [0, 1];
  let ordered = 1;
  for (let at = 0; at < ordered; at++) {
    if (at === levels.at(-1)) levels.push(ordered);
    for (let child = firstChild[order[at]!]!; child !== 0; child = sibling[child]!) order[ordered++] = child;
  }
  return { order, levels };
}

/**
 * Lays the nodes into the double array: those near the root first, then branch by branch, so that what is read one after the
 * other lies close together in memory.
 */
function placeNodes(trie: Trie, size: number): Placed {
  const { count, symbol, firstChild, sibling } = trie;
  const { order, levels } = orderNodes(trie);
  let capacity = count * 2 + size * 2;
  let base = new Int32Array(capacity);
  let check = new Int32Array(capacity).fill(-1);
  const state = new Int32Array(count);
  const symbols: number[] = [];
  let free = 1;
  check[0] = 0;
  const placeChildren = (node: number): void => {
    const eldest = firstChild[node]!;
    if (eldest === 0) return;
    symbols.length = 0;
    for (let child = eldest; child !== 0; child = sibling[child]!) symbols.push(symbol[child]!);
    while (free < capacity && check[free] !== -1) free++;
    const first = symbols[0]!;
    let tries = 0;
    let slot = Math.max(free, first + 1);
    for (; ; slot++) {
      if (slot + size >= capacity) {
        capacity = Math.max(slot + 2 * size, capacity * 2);
        base = enlarge(base, capacity, 0);
        check = enlarge(check, capacity, -1);
      }
      if (check[slot] !== -1) continue;
      let fits = true;
      for (let i = 1; fits && i < symbols.length; i++) fits = check[slot - first + symbols[i]!] === -1;
      if (fits) break;
      // Crowded beginnings are given up, or building would be quadratic.
      if (++tries > 64) free = Math.max(free, slot - 32);
    }
    base[state[node]!] = slot - first;
    for (let child = eldest; child !== 0; child = sibling[child]!) {
      state[child] = slot - first + symbol[child]!;
      check[state[child]!] = state[node]!;
    }
  };
  const shared = levels[SHARED_LEVELS] ?? count;
  for (let at = 0; at < shared; at++) placeChildren(order[at]!);
  const branch: number[] = [];
  for (let at = shared; at < (levels[SHARED_LEVELS + 1] ?? count); at++) {
    branch.push(order[at]!);
    while (branch.length > 0) {
      const node = branch.pop()!;
      placeChildren(node);
      for (let child = firstChild[node]!; child !== 0; child = sibling[child]!) branch.push(child);
    }
  }
  return { base, check, state, order };
}

function enlarge(array: Int32Array, length: number, filler: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length).fill(filler, array.length);
  larger.set(array);
  return larger;
}

function linkOutputs(trie: Trie, { base, check, state, order }: Placed, keys: ReadonlyArray<ArrayLike<number>>) {
  const fail = new Int32Array(check.length);
  const afterWord = new Int32Array(check.length);
  const output = new Int32Array(check.length * 2);
  // Keys of one node side by side in their order.
  const counts = new Int32Array(trie.count);
  for (let id = 0; id < keys.length; id++) counts[trie.keyNode[id]!]!++;
  let length = 1;
  for (const node of order) {
    if (node === 0 || counts[node] === 0) continue;
    output[2 * state[node]!] = length;
    length += counts[node]! * 2 + 1;
  }
  const keyList = new Int32Array(length);
  const filled = new Int32Array(trie.count);
  for (let id = 0; id < keys.length; id++) {
    const node = trie.keyNode[id]!;
    if (node === 0) continue;
    const at = output[2 * state[node]!]! + filled[node]!;
    filled[node]! += 2;
    keyList[at] = id + 1;
    keyList[at + 1] = keys[id]!.length;
  }
  for (const node of order) {
    const here = state[node]!;
    for (let child = trie.firstChild[node]!; child !== 0; child = trie.sibling[child]!) {
      const symbol = trie.symbol[child]!;
      let from = here;
      let target = 0;
      while (from !== 0 && target === 0) {
        from = fail[from]!;
        const next = base[from]! + symbol;
        if (check[next] === from && next !== 0) target = next;
      }
      fail[state[child]!] = target;
    }
    const shorter = fail[here]!;
    const separated = base[here]! + SEPARATOR;
    afterWord[here] = check[separated] === here && separated !== 0 ? separated : here === 0 ? 0 : afterWord[shorter]!;
    output[2 * here + 1] = here === 0 ? 0 : output[2 * shorter] ? shorter : output[2 * shorter + 1]!;
  }
  return { fail, afterWord, output, keyList };
}

/** Position of each symbol of the current text; shared because scanning never nests. */
let positions = new Int32Array(1 << 14);

/** Appends every key found in `text` to `hits`, in the order of their ends. Texts beyond `limit` units are read up to it. */
export function scan(automaton: Automaton, text: string, hits: Hits, limit = LIMIT): void {
  const { units, cells, fail, root, afterWord, plain } = automaton;
  const wordStart = afterWord[0]!;
  const length = Math.min(text.length, limit);
  if (positions.length < length * 2 + 8) positions = new Int32Array(length * 2 + 8);
  const pos = positions;
  let state = wordStart;
  let count = 1;
  pos[0] = 0;
  // What was read last: the bit of a letter's script, or 0; and whether words ended there, and phrases.
  let script = 0;
  let gap = SEPARATOR;
  let i = 0;
  while (i < length) {
    let unit = units[text.charCodeAt(i)]!;
    if (unit >= SPACED && script !== UNSPACED && plain) {
      // Along a word of a script with spaces, the commonest case by far.
      script = SPACED;
      gap = 0;
      do {
        const cell = cells[state << 1]!;
        const next = (cell >> BASE_SHIFT) + (unit & SYMBOL);
        if (cells[(next << 1) | 1] !== state) {
          state = (cell & FAILS) === 0 ? 0 : fail[state]!;
          if (state !== 0) continue;
          // Nothing begins within a word: on to its end. What is skipped belongs to no key, so that its places are not needed.
          i++;
          while (i < length && units[text.charCodeAt(i)]! >= SPACED) i++;
          break;
        }
        state = next;
        pos[count++] = i++;
        if (cells[state << 1]! & KEYS_END) record(automaton, state, i, count, hits);
        if (i >= length) break;
        unit = units[text.charCodeAt(i)]!;
      } while (unit >= SPACED);
      continue;
    }
    if (unit >= UNSPACED) {
      if (((unit ^ script) & EITHER) === EITHER) {
        // A word begins as if a space stood here.
        state = (cells[state << 1]! & CONTINUES) === 0 ? wordStart : afterWord[state]!;
        pos[count++] = i;
      }
      script = unit & EITHER;
      gap = 0;
      pos[count++] = i++;
      state = state === 0 ? root[unit & SYMBOL]! : follow(cells, fail, root, state, unit & SYMBOL);
      if (cells[state << 1]! & KEYS_END) record(automaton, state, i, count, hits);
      continue;
    }
    script = 0;
    i++;
    if (unit === SYM_SKIP || (unit >= SYM_QUOTE_SEPARATOR && isWithinHan(text, i - 1))) continue;
    const ends = unit === BREAK || unit === SYM_QUOTE_BREAK;
    if (gap === BREAK || (gap === SEPARATOR && !ends)) continue;
    gap = ends ? BREAK : SEPARATOR;
    // A break is read as a break and a separator, so that the next word begins like any other.
    if (ends) {
      state = follow(cells, fail, root, state, BREAK);
      pos[count++] = i - 1;
      if (cells[state << 1]! & KEYS_END) record(automaton, state, i, count, hits);
    }
    // No key ends with a separator, so that nothing can be found here.
    state = (cells[state << 1]! & CONTINUES) === 0 ? wordStart : afterWord[state]!;
    pos[count++] = i - 1;
  }
}

/** The state that a symbol leads to. */
export function follow(cells: Int32Array, fail: Int32Array, root: Int32Array, from: number, symbol: number): number {
  let state = from;
  while (state !== 0) {
    const cell = cells[state << 1]!;
    const next = (cell >> BASE_SHIFT) + symbol;
    if (cells[(next << 1) | 1] === state) return next;
    if ((cell & FAILS) === 0) break;
    state = fail[state]!;
  }
  return root[symbol]!;
}

/** Is the quotation mark at `at` within a run of Han characters, where it parts no words? */
export function isWithinHan(text: string, at: number): boolean {
  return at > 0 && at + 1 < text.length && isHan(text.charCodeAt(at - 1)) && isHan(text.charCodeAt(at + 1));
}

function record({ output, keyList }: Automaton, state: number, end: number, count: number, hits: Hits): void {
  for (let found = output[2 * state] ? state : output[2 * state + 1]!; found !== 0; found = output[2 * found + 1]!)
    for (let k = output[2 * found]!; keyList[k] !== 0; k += 2) {
      if (hits.count === hits.key.length) growHits(hits);
      hits.key[hits.count] = keyList[k]! - 1;
      hits.start[hits.count] = positions[count - keyList[k + 1]!]!;
      hits.end[hits.count] = end;
      hits.count++;
    }
}

function growHits(hits: Hits): void {
  for (const name of ['key', 'start', 'end'] as const) {
    const larger = new Int32Array(hits[name].length * 2);
    larger.set(hits[name]);
    hits[name] = larger;
  }
}
