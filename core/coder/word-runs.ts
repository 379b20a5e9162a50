import type { Doc } from './document.js';
import { BREAK, FOLDED, isHan, isHangul, SKIP } from './fold.js';
import type { Mention } from './mentions.js';

/**
 * Runs of words: what the net reads beside the concepts of the codebook, for two or three words in a row often say which of two
 * like indicators is meant where no single concept does. A plain run is one word, two in a row, or in Han writing two or three
 * characters in a row. A marked run is two or three words in a row with a name among them, which stands as a mark of the part it
 * has in the draft: of a participant, of another member, or of anyone else ("@ sends @" whoever they are). Words count by their
 * folded beginnings, a rough stem in all five languages.
 */
const STEM = 6;
/** Of a Korean word the first two syllables: particles hang on behind. */
const KOREAN_STEM = 2;

const PARTICIPANT = '@';
const MEMBER = '#';
const ANYONE = '%';
const BEGIN = '^';
const END = '$';
const MARKS = [PARTICIPANT, MEMBER, ANYONE, BEGIN, END] as const;

type Mark = (typeof MARKS)[number];

/** Before the names of runs, so that they stand apart from those of other features. */
const PLAIN_PREFIX = 'w ';
const MARKED_PREFIX = 'm ';

export const isRun = (name: string) => name.startsWith(PLAIN_PREFIX) || name.startsWith(MARKED_PREFIX);

/** Words of one field in reading order, each as a symbol: its stem for fitting, a node of the tree for finding. */
interface Words<T> {
  count: number;
  symbols: T[];
  starts: number[];
  ends: number[];
}

const noWords = <T>(): Words<T> => ({ count: 0, symbols: [], starts: [], ends: [] });

const LETTERS = 1;
const SYLLABLES = 2;
const HAN = 3;

const classOf = (folded: number): number =>
  folded <= BREAK ? 0 : isHan(folded) ? HAN : isHangul(folded) ? SYLLABLES : LETTERS;

const stem = new Uint16Array(STEM);

/** Each Han character is a word; so is each stretch of letters, or of syllables, of others. */
function readWords<T>(text: string, symbolOf: (units: Uint16Array, length: number) => T, words: Words<T>): Words<T> {
  words.count = 0;
  let kind = 0;
  let length = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    const folded = i === text.length ? BREAK : FOLDED[text.charCodeAt(i)]!;
    if (folded === SKIP) continue;
    const here = classOf(folded);
    if (here !== kind || here === HAN) {
      if (length > 0) {
        words.symbols[words.count] = symbolOf(stem, length);
        words.starts[words.count] = start;
        words.ends[words.count++] = i;
      }
      length = 0;
      kind = here;
      start = i;
    }
    if (here !== 0 && length < (here === SYLLABLES ? KOREAN_STEM : STEM)) stem[length++] = folded;
  }
  return words;
}

/** The words of a field with a mark in the place of each name, and marks of its begin and end. Returns how many. */
function markNames<T>(
  words: Words<T>,
  { mentions, home }: Pick<Doc, 'mentions' | 'home'>,
  field: 0 | 1,
  participants: readonly string[],
  marks: Readonly<Record<Mark, T>>,
  out: T[],
): number {
  const markOf = ({ implied, member }: Mention): Mark => {
    const code = implied ? home : member;
    return code === null ? ANYONE : participants.includes(code) ? PARTICIPANT : MEMBER;
  };
  let count = 0;
  out[count++] = marks[BEGIN];
  let next = 0;
  while (next < mentions.length && mentions[next]!.field !== field) next++;
  let covered = 0;
  for (let i = 0; i < words.count; i++) {
    for (; next < mentions.length && mentions[next]!.field === field; next++) {
      const mention = mentions[next]!;
      if (mention.start >= words.ends[i]!) break;
      covered = Math.max(covered, mention.end);
      out[count++] = marks[markOf(mention)];
    }
    if (words.starts[i]! >= covered) out[count++] = words.symbols[i]!;
  }
  out[count++] = marks[END];
  return count;
}

const stringOf = (units: Uint16Array, length: number) => String.fromCharCode(...units.subarray(0, length));

/** Names of the plain runs of an item, each once, for fitting: "w sends ammuni". */
export function plainRunsOf({ fields }: Pick<Doc, 'fields'>): string[] {
  const out = new Set<string>();
  const words = noWords<string>();
  for (const text of fields) {
    readWords(text, stringOf, words);
    for (let i = 0; i < words.count; i++) {
      const [a, b, c] = [0, 1, 2].map((k) => (i + k < words.count ? words.symbols[i + k] : undefined));
      const inHan = isHan(a!.charCodeAt(0));
      if (!inHan) out.add(PLAIN_PREFIX + a);
      if (b !== undefined) out.add(`${PLAIN_PREFIX}${a} ${b}`);
      if (inHan && c !== undefined) out.add(`${PLAIN_PREFIX}${a} ${b} ${c}`);
    }
  }
  return [...out];
}

const MARK_NAMES = Object.fromEntries(MARKS.map((mark) => [mark, mark])) as Record<Mark, string>;
const NAMES: readonly string[] = [PARTICIPANT, MEMBER, ANYONE];

/** Names of the marked runs of a draft of these participants, each once, for fitting: "m @ sends @". */
export function markedRunsOf(
  doc: Pick<Doc, 'fields' | 'mentions' | 'home'>,
  participants: readonly string[],
): string[] {
  const out = new Set<string>();
  const words = noWords<string>();
  const line: string[] = [];
  for (const field of [0, 1] as const) {
    readWords(doc.fields[field], stringOf, words);
    const count = markNames(words, doc, field, participants, MARK_NAMES, line);
    for (let i = 0; i < count; i++)
      for (let length = 2; length <= LONGEST && i + length <= count; length++) {
        const run = line.slice(i, i + length);
        if (run.some((word) => NAMES.includes(word))) out.add(MARKED_PREFIX + run.join(' '));
      }
  }
  return [...out];
}

/** Runs of a text that a finder knows, by their numbers, each once. */
export interface FoundRuns {
  count: number;
  runs: Int32Array;
  /** Where each plain run stands first; of marked runs nothing is told. */
  fields: Uint8Array;
  starts: Int32Array;
  ends: Int32Array;
}

/** Finds the runs of one item after the other. What it found holds until it is asked for other runs of the same kind. */
export interface RunFinder {
  /** The runs that it knows, by number. */
  names: readonly string[];
  /** Plain runs of an item; looked for once, however often they are asked for. */
  plainOf(doc: Doc): FoundRuns;
  /** Marked runs of a draft of these participants. */
  markedOf(doc: Doc, participants: readonly string[]): FoundRuns;
}

/** Words of the longest run. */
const LONGEST = 3;

/** A finder for runs by their names, whose numbers are their places in the list. Nothing is put together to look a run up. */
export function createRunFinder(names: readonly string[]): RunFinder {
  const tree = new Tree();
  const addWord = (word: string): number => {
    let end = WORDS;
    for (let i = 0; i < word.length; i++) end = tree.add(end, word.charCodeAt(i));
    return end;
  };
  const marks = Object.fromEntries(MARKS.map((mark) => [mark, addWord(mark)])) as Record<Mark, number>;
  const stored: number[] = [];
  for (const [number, name] of names.entries()) {
    const [prefix, ...words] = name.split(' ');
    let run = `${prefix} ` === PLAIN_PREFIX ? PLAIN : MARKED;
    for (const word of words) run = tree.add(run, addWord(word));
    stored[run] = number;
  }
  const values = Int32Array.from({ length: tree.nodes }, (_, node) => stored[node] ?? NONE);
  // The search in which each run was met last, so that it counts once.
  const met = new Int32Array(tree.nodes);
  let search = 0;
  let item: Doc | null = null;
  const words = [noWords<number>(), noWords<number>()] as const;
  const line: number[] = [];
  const plain = noRuns(names.length);
  const marked = noRuns(names.length);
  /** The runs that begin at word `i`. */
  const findAt = (i: number, root: number, symbols: readonly number[], count: number, found: FoundRuns): void => {
    let run = root;
    for (let k = i; k < count && k < i + LONGEST; k++) {
      run = symbols[k] === NONE ? NONE : tree.find(run, symbols[k]!);
      if (run === NONE) return;
      if (values[run]! < 0 || met[run] === search) continue;
      met[run] = search;
      found.ends[found.count] = k;
      found.runs[found.count++] = values[run]!;
    }
  };
  const spell = (units: Uint16Array, length: number): number => {
    let word = WORDS;
    for (let i = 0; i < length && word !== NONE; i++) word = tree.find(word, units[i]!);
    return word;
  };
  const plainOf = (doc: Doc): FoundRuns => {
    if (item === doc) return plain;
    item = doc;
    search++;
    plain.count = 0;
    for (const field of [0, 1] as const) {
      const { symbols, starts, ends } = readWords(doc.fields[field], spell, words[field]);
      const { count } = words[field];
      for (let i = 0; i < count; i++) {
        let at = plain.count;
        findAt(i, PLAIN, symbols, count, plain);
        for (; at < plain.count; at++) {
          plain.fields[at] = field;
          plain.starts[at] = starts[i]!;
          plain.ends[at] = ends[plain.ends[at]!]!;
        }
      }
    }
    return plain;
  };
  return {
    names,
    plainOf,
    markedOf(doc, participants) {
      plainOf(doc);
      search++;
      marked.count = 0;
      for (const field of [0, 1] as const) {
        const count = markNames(words[field], doc, field, participants, marks, line);
        for (let i = 0; i < count; i++) findAt(i, MARKED, line, count, marked);
      }
      return marked;
    },
  };
}

const noRuns = (most: number): FoundRuns => ({
  count: 0,
  runs: new Int32Array(most),
  fields: new Uint8Array(most),
  starts: new Int32Array(most),
  ends: new Int32Array(most),
});

const NONE = -1;
/** Roots: below the first, words are spelt by their units; below the others, runs by the nodes at which their words end. */
const WORDS = 0;
const PLAIN = 1;
const MARKED = 2;

/** A tree whose branches lie in one hashed table: no object for each node, and nothing to put together to look one up. */
class Tree {
  nodes = 3;
  private parents = new Int32Array(1 << 15);
  private symbols = new Int32Array(1 << 15);
  /** Node at the end of the branch, 0 where the place is free. */
  private ends = new Int32Array(1 << 15);

  find(parent: number, symbol: number): number {
    const at = this.placeOf(parent, symbol);
    return this.ends[at] === 0 ? NONE : this.ends[at]!;
  }

  add(parent: number, symbol: number): number {
    if (this.nodes * 2 > this.ends.length) this.enlarge();
    const at = this.placeOf(parent, symbol);
    if (this.ends[at] === 0) this.settle(at, parent, symbol, this.nodes++);
    return this.ends[at]!;
  }

  private placeOf(parent: number, symbol: number): number {
    const { parents, symbols, ends } = this;
    const mask = ends.length - 1;
    const hash = Math.imul(parent, 0x9e3779b1) ^ Math.imul(symbol, 0x85ebca6b);
    let at = (hash ^ (hash >>> 15)) & mask;
    while (ends[at] !== 0 && (parents[at] !== parent || symbols[at] !== symbol)) at = (at + 1) & mask;
    return at;
  }

  private settle(at: number, parent: number, symbol: number, end: number): void {
    this.parents[at] = parent;
    this.symbols[at] = symbol;
    this.ends[at] = end;
  }

  private enlarge(): void {
    const { parents, symbols, ends } = this;
    const size = ends.length * 2;
    [this.parents, this.symbols, this.ends] = [new Int32Array(size), new Int32Array(size), new Int32Array(size)];
    for (const [i, end] of ends.entries())
      if (end !== 0) this.settle(this.placeOf(parents[i]!, symbols[i]!), parents[i]!, symbols[i]!, end);
  }
}
