/** A concept found in the text. */
export interface Hit {
  field: 0 | 1;
  start: number;
  end: number;
  sentence: number;
  /** The phrase of the codebook that was found. */
  phrase: string;
}

/** Sentences from this one on share the last bit of a mask. */
const LAST_BIT = 31;

/** Bit of a sentence in a mask of sentences. A mask tells for sure that a sentence is not in it, or that an early one is. */
export const sentenceBit = (sentence: number): number => 1 << Math.min(sentence, LAST_BIT);

const NONE: readonly Hit[] = [];

/** Numbers of concepts, in an array that is used again. */
export interface ConceptList {
  count: number;
  numbers: Int32Array;
}

export function createConceptList(capacity = 64): ConceptList {
  return { count: 0, numbers: new Int32Array(capacity) };
}

export function addConcept(list: ConceptList, concept: number): void {
  if (list.count === list.numbers.length) list.numbers = doubled(list.numbers);
  list.numbers[list.count++] = concept;
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

/**
 * Where the concepts of an item stand. They are kept as numbers in arrays that serve one item after the other, since most of
 * them are asked for their sentences only; lists of hits are made for those that are looked at. What it says holds until the
 * next item is read.
 */
export class ConceptHits {
  /** Concepts found, in the order of their first hit; kinds of names are not among them. */
  found: number[] = [];
  /** By concept: the sentences it stands in, and whether it stands in the title (1) and in the summary (2). */
  readonly sentences: Int32Array;
  readonly fields: Uint8Array;
  private count = 0;
  private start = new Int32Array(64);
  private end = new Int32Array(64);
  private sentence = new Int32Array(64);
  private phrase = new Int32Array(64);
  private field = new Int32Array(64);
  /** Hits of one concept hang together; -1 ends them. */
  private next = new Int32Array(64);
  private readonly first: Int32Array;
  private readonly lists: Array<Hit[] | null>;
  private named: number[] = [];

  /** Phrases by number, of the language of the present item. */
  private texts: readonly string[] = [];

  /** @param numbers of all concepts and kinds of names by their names */
  constructor(private readonly numbers: ReadonlyMap<string, number>) {
    this.sentences = new Int32Array(numbers.size);
    this.fields = new Uint8Array(numbers.size);
    this.first = new Int32Array(numbers.size).fill(-1);
    this.lists = Array.from({ length: numbers.size }, () => null);
  }

  /** Makes it ready for the next item; `texts` are the phrases that it is read with, by number. */
  clear(texts: readonly string[]): void {
    this.texts = texts;
    for (const concept of this.found) this.forget(concept);
    for (const kind of this.named) this.forget(kind);
    this.found.length = 0;
    this.named.length = 0;
    this.count = 0;
  }

  /** Adds a hit of a concept. Overlapping hits of one concept are one; the longest stays. */
  add(concept: number, phrase: number, field: 0 | 1, start: number, end: number, sentence: number): void {
    let last = -1;
    for (let at = this.first[concept]!; at >= 0; at = this.next[at]!) {
      last = at;
      if (this.field[at] !== field || this.start[at]! >= end || start >= this.end[at]!) continue;
      if (end - start > this.end[at]! - this.start[at]!) this.set(at, phrase, field, start, end, sentence);
      return;
    }
    if (last < 0) this.found.push(concept);
    this.append(concept, last, phrase, field, start, end, sentence);
  }

  /** Adds a name that is of a kind which patterns ask for. */
  addNamed(kind: number, field: 0 | 1, start: number, end: number, sentence: number): void {
    let last = -1;
    for (let at = this.first[kind]!; at >= 0; at = this.next[at]!) last = at;
    if (last < 0) this.named.push(kind);
    this.append(kind, last, -1, field, start, end, sentence);
    this.mark(kind);
  }

  /** Drops the hits of each masked concept that overlap hits of the one that masks it. No hits are added after it. */
  applyMasks(masks: ReadonlyArray<readonly [number, readonly number[]]>): void {
    for (const [cover, masked] of masks) {
      if (this.first[cover]! < 0) continue;
      for (const concept of masked) this.dropCovered(concept, cover);
    }
    let kept = 0;
    for (const concept of this.found) {
      if (this.first[concept]! < 0) continue;
      this.found[kept++] = concept;
      this.mark(concept);
    }
    this.found.length = kept;
  }

  has(name: string): boolean {
    const number = this.numbers.get(name);
    return number !== undefined && this.holds(number);
  }

  holds(concept: number): boolean {
    return this.first[concept]! >= 0;
  }

  /** Hits of a concept in the order in which they were found, or undefined. */
  get(name: string): readonly Hit[] | undefined {
    const number = this.numbers.get(name);
    return number === undefined || this.first[number]! < 0 ? undefined : this.of(number);
  }

  of(concept: number): readonly Hit[] {
    if (this.first[concept]! < 0) return NONE;
    let list = this.lists[concept]!;
    if (list !== null) return list;
    list = [];
    for (let at = this.first[concept]!; at >= 0; at = this.next[at]!)
      list.push({
        field: this.field[at] as 0 | 1,
        start: this.start[at]!,
        end: this.end[at]!,
        sentence: this.sentence[at]!,
        phrase: this.texts[this.phrase[at]!] ?? '',
      });
    this.lists[concept] = list;
    return list;
  }

  standsIn(concept: number, sentence: number): boolean {
    if ((this.sentences[concept]! & sentenceBit(sentence)) === 0) return false;
    if (sentence < LAST_BIT) return true;
    for (let at = this.first[concept]!; at >= 0; at = this.next[at]!) if (this.sentence[at] === sentence) return true;
    return false;
  }

  /** Does the concept of this name stand in the sentence? */
  standsHere(name: string, sentence: number): boolean {
    const number = this.numbers.get(name);
    return number !== undefined && this.standsIn(number, sentence);
  }

  /** Does the concept of this name stand in the title? */
  standsInTitle(name: string): boolean {
    const number = this.numbers.get(name);
    return number !== undefined && (this.fields[number]! & 1) !== 0;
  }

  private mark(concept: number): void {
    for (let at = this.first[concept]!; at >= 0; at = this.next[at]!) {
      this.sentences[concept]! |= sentenceBit(this.sentence[at]!);
      this.fields[concept]! |= 1 << this.field[at]!;
    }
  }

  private forget(concept: number): void {
    this.first[concept] = -1;
    this.sentences[concept] = 0;
    this.fields[concept] = 0;
    this.lists[concept] = null;
  }

  private append(
    concept: number,
    last: number,
    phrase: number,
    field: 0 | 1,
    start: number,
    end: number,
    sentence: number,
  ): void {
    if (this.count === this.start.length) this.grow();
    const at = this.count++;
    this.set(at, phrase, field, start, end, sentence);
    this.next[at] = -1;
    if (last < 0) this.first[concept] = at;
    else this.next[last] = at;
  }

  private set(at: number, phrase: number, field: 0 | 1, start: number, end: number, sentence: number): void {
    this.phrase[at] = phrase;
    this.field[at] = field;
    this.start[at] = start;
    this.end[at] = end;
    this.sentence[at] = sentence;
  }

  private dropCovered(concept: number, cover: number): void {
    let before = -1;
    for (let at = this.first[concept]!; at >= 0; at = this.next[at]!) {
      if (!this.isCovered(at, cover)) before = at;
      else if (before < 0) this.first[concept] = this.next[at]!;
      else this.next[before] = this.next[at]!;
    }
  }

  private isCovered(hit: number, cover: number): boolean {
    for (let at = this.first[cover]!; at >= 0; at = this.next[at]!)
      if (this.field[at] === this.field[hit] && this.start[at]! < this.end[hit]! && this.start[hit]! < this.end[at]!)
        return true;
    return false;
  }

  private grow(): void {
    this.start = doubled(this.start);
    this.end = doubled(this.end);
    this.sentence = doubled(this.sentence);
    this.phrase = doubled(this.phrase);
    this.next = doubled(this.next);
    this.field = doubled(this.field);
  }
}
