import { BREAK, changesScript, FOLDED, isInnerQuote, SEPARATOR, SKIP } from './fold.js';

/**
 * Aho-Corasick automaton over folded UTF-16 units in a double array: one pass finds every key, the text is not copied, nothing
 * is allocated while scanning (Aho and Corasick, CACM 18(6), 1975; double array: Aoe, IEEE TSE 15(9), 1989).
 */
export interface Automaton {
  /** Alphabet symbol of each UTF-16 unit; see {@link buildAutomaton}. */
  symbols: Uint16Array;
  base: Int32Array;
  check: Int32Array;
  fail: Int32Array;
  /** First entry of the state's keys in `keyList`, or 0; a list ends with 0, entries are key number + 1. */
  output: Int32Array;
  /** Nearest shorter state that has keys, or 0. */
  outputLink: Int32Array;
  keyList: Int32Array;
  keyLength: Int32Array;
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

const OTHER = 0;
const SYM_SEPARATOR = 1;
const SYM_BREAK = 2;
const SYM_SKIP = 0xffff;

export function createHits(capacity = 1024): Hits {
  return { count: 0, key: new Int32Array(capacity), start: new Int32Array(capacity), end: new Int32Array(capacity) };
}

/** Builds the automaton of keys, each a list of folded units (`foldUnits`). Equal keys are allowed. */
export function buildAutomaton(keys: ReadonlyArray<readonly number[]>): Automaton {
  const { symbols, size } = numberSymbols(keys);
  const symbolOf = (unit: number) => (unit === SEPARATOR ? SYM_SEPARATOR : unit === BREAK ? SYM_BREAK : symbols[unit]!);
  // Trie with children as sorted lists; node 0 is the root.
  const children: Array<Map<number, number>> = [new Map()];
  const nodeKeys: number[][] = [[]];
  keys.forEach((key, id) => {
    let node = 0;
    for (const unit of key) {
      const symbol = symbolOf(unit);
      let next = children[node]!.get(symbol);
      if (next === undefined) {
        next = children.length;
        children.push(new Map());
        nodeKeys.push([]);
        children[node]!.set(symbol, next);
      }
      node = next;
    }
    if (key.length > 0) nodeKeys[node]!.push(id);
  });
  return pack(children, nodeKeys, keys, symbols, size);
}

/** Frequent symbols get small numbers, which packs the double array tightly. */
function numberSymbols(keys: ReadonlyArray<readonly number[]>): { symbols: Uint16Array; size: number } {
  const counts = new Map<number, number>();
  for (const key of keys) for (const unit of key) if (unit > BREAK) counts.set(unit, (counts.get(unit) ?? 0) + 1);
  const order = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)! || a - b);
  const byFolded = new Uint16Array(65536);
  order.forEach((unit, i) => {
    byFolded[unit] = i + 3;
  });
  const symbols = new Uint16Array(65536);
  for (let unit = 0; unit < 65536; unit++) {
    const folded = FOLDED[unit]!;
    symbols[unit] =
      folded === SKIP
        ? SYM_SKIP
        : folded === SEPARATOR
          ? SYM_SEPARATOR
          : folded === BREAK
            ? SYM_BREAK
            : byFolded[folded]!;
  }
  return { symbols, size: order.length + 3 };
}

function pack(
  children: Array<Map<number, number>>,
  nodeKeys: number[][],
  keys: ReadonlyArray<readonly number[]>,
  symbols: Uint16Array,
  size: number,
): Automaton {
  const nodes = children.length;
  let capacity = nodes * 2 + size * 2;
  let base = new Int32Array(capacity);
  let check = new Int32Array(capacity).fill(-1);
  const place = new Int32Array(nodes);
  let free = 1;
  check[0] = 0;
  const grow = (needed: number) => {
    if (needed < capacity) return;
    const larger = Math.max(needed + size, capacity * 2);
    const nextBase = new Int32Array(larger);
    nextBase.set(base);
    const nextCheck = new Int32Array(larger).fill(-1);
    nextCheck.set(check);
    [base, check, capacity] = [nextBase, nextCheck, larger];
  };
  const order = [0];
  for (let at = 0; at < order.length; at++) {
    const node = order[at]!;
    const symbolsHere = [...children[node]!.keys()].sort((a, b) => a - b);
    if (symbolsHere.length === 0) continue;
    while (free < capacity && check[free] !== -1) free++;
    const first = symbolsHere[0]!;
    let tries = 0;
    let slot = Math.max(free, first + 1);
    for (; ; slot++) {
      grow(slot + size);
      if (check[slot] !== -1) continue;
      const offset = slot - first;
      if (symbolsHere.every((symbol) => check[offset + symbol] === -1)) break;
      // Crowded beginnings are given up, or building would be quadratic.
      if (++tries > 64) free = Math.max(free, slot - 32);
    }
    const offset = slot - first;
    base[place[node]!] = offset;
    for (const symbol of symbolsHere) {
      const child = children[node]!.get(symbol)!;
      place[child] = offset + symbol;
      check[offset + symbol] = place[node]!;
      order.push(child);
    }
  }
  const fail = new Int32Array(capacity);
  const output = new Int32Array(capacity);
  const outputLink = new Int32Array(capacity);
  const keyList: number[] = [0];
  const keyLength = Int32Array.from(keys, (key) => key.length);
  const step = (state: number, symbol: number): number => {
    const next = base[state]! + symbol;
    return check[next] === state && next !== 0 ? next : -1;
  };
  for (const node of order) {
    const state = place[node]!;
    if (nodeKeys[node]!.length > 0) {
      output[state] = keyList.length;
      for (const id of nodeKeys[node]!) keyList.push(id + 1);
      keyList.push(0);
    }
    for (const [symbol, child] of children[node]!) {
      const target = place[child]!;
      let from = state;
      let next = -1;
      while (from !== 0 && next === -1) {
        from = fail[from]!;
        next = step(from, symbol);
      }
      fail[target] = state === 0 || next === -1 ? 0 : next;
    }
  }
  for (const node of order) {
    const state = place[node]!;
    const shorter = fail[state]!;
    outputLink[state] = state === 0 ? 0 : output[shorter] ? shorter : outputLink[shorter]!;
  }
  return {
    symbols,
    base,
    check,
    fail,
    output,
    outputLink,
    keyList: Int32Array.from(keyList),
    keyLength,
    states: nodes,
  };
}

/** Position of each symbol of the current text; shared because scanning never nests. */
let positions = new Int32Array(1 << 14);

/** Appends every key found in `text` to `hits`. Texts beyond `limit` units are read up to it. */
export function scan(automaton: Automaton, text: string, hits: Hits, limit = 1 << 16): void {
  const { symbols, base, check, fail, output, outputLink, keyList, keyLength } = automaton;
  const length = Math.min(text.length, limit);
  if (positions.length < length * 2 + 8) positions = new Int32Array(length * 2 + 8);
  const pos = positions;
  let count = 0;
  const atStart = base[0]! + SYM_SEPARATOR;
  let state = check[atStart] === 0 ? atStart : 0;
  pos[count++] = 0;
  let last = SYM_SEPARATOR;
  for (let i = 0; i <= length; i++) {
    const symbol = i === length ? SYM_SEPARATOR : symbols[text.charCodeAt(i)]!;
    if (symbol === SYM_SKIP || (symbol < 3 && i < length && isInnerQuote(text, i))) continue;
    if (changesScript(text, i)) {
      // A word begins as if a space stood here. No key ends with a separator, so that nothing can be found.
      let next = base[state]! + SYM_SEPARATOR;
      while (state !== 0 && check[next] !== state) {
        state = fail[state]!;
        next = base[state]! + SYM_SEPARATOR;
      }
      state = check[next] === state && next !== 0 ? next : 0;
      pos[count++] = i;
    }
    if (symbol === OTHER) {
      // A letter that no key holds: nothing continues across it.
      state = 0;
      last = OTHER;
      pos[count++] = i;
      continue;
    }
    if (symbol === SYM_SEPARATOR && (last === SYM_SEPARATOR || last === SYM_BREAK)) continue;
    if (symbol === SYM_BREAK && last === SYM_BREAK) continue;
    let feed = symbol;
    for (;;) {
      let next = base[state]! + feed;
      while (state !== 0 && check[next] !== state) {
        state = fail[state]!;
        next = base[state]! + feed;
      }
      state = check[next] === state && next !== 0 ? next : 0;
      pos[count++] = i;
      for (let found = output[state] ? state : outputLink[state]!; found !== 0; found = outputLink[found]!) {
        for (let k = output[found]!; keyList[k] !== 0; k++) {
          const key = keyList[k]! - 1;
          if (hits.count === hits.key.length) growHits(hits);
          hits.key[hits.count] = key;
          hits.start[hits.count] = pos[count - keyLength[key]!]!;
          hits.end[hits.count] = i + 1;
          hits.count++;
        }
      }
      // A break is read as a break and a separator, so that the next word begins like any other.
      if (feed !== SYM_BREAK) break;
      feed = SYM_SEPARATOR;
    }
    last = symbol;
  }
}

function growHits(hits: Hits): void {
  for (const name of ['key', 'start', 'end'] as const) {
    const larger = new Int32Array(hits[name].length * 2);
    larger.set(hits[name]);
    hits[name] = larger;
  }
}
