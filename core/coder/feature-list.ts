import type { ConceptList } from './concept-hits.js';
import type { Family, Visit } from './families.js';

/** Features of a draft as numbers, with their values, in the order in which they were visited. */
export interface FeatureList {
  count: number;
  numbers: Int32Array;
  values: Float64Array;
  /** Puts features into the list. */
  visit: Visit;
}

/** More names than this in one family are not kept: they come from the text, not from the codebook. */
const KEPT = 4_000;

/** Numbers of the features of one family: alone, by name, and by concept once asked for. */
interface FamilyNumbers {
  alone: number;
  named: Map<string, number>;
  concepts: Int32Array | null;
}

/**
 * A list that is used again for each draft: its features are looked up once, however many sums are taken over them.
 * `numberOf` gives the number of a feature, or -1 for one that no model knows and that is left out.
 */
export function createFeatureList(
  numberOf: (family: string, name: string) => number,
  conceptNames: readonly string[],
): FeatureList {
  const families: Array<FamilyNumbers | undefined> = [];
  const open = ({ name, number }: Family): FamilyNumbers => {
    const known: FamilyNumbers = { alone: numberOf(name, ''), named: new Map(), concepts: null };
    families[number] = known;
    return known;
  };
  const add = (number: number, value: number): void => {
    if (number < 0) return;
    if (list.count === list.numbers.length) enlarge(list);
    list.numbers[list.count] = number;
    list.values[list.count++] = value;
  };
  const one = (family: Family, name: string, value: number): void => {
    const known = families[family.number] ?? open(family);
    if (name === '') {
      add(known.alone, value);
      return;
    }
    let number = known.named.get(name);
    if (number === undefined) {
      number = numberOf(family.name, name);
      if (known.named.size < KEPT) known.named.set(name, number);
    }
    add(number, value);
  };
  const concepts = (family: Family, { count, numbers }: ConceptList, value: number): void => {
    const known = families[family.number] ?? open(family);
    known.concepts ??= Int32Array.from(conceptNames, (name) => numberOf(family.name, name));
    for (let i = 0; i < count; i++) add(known.concepts[numbers[i]!]!, value);
  };
  const list: FeatureList = {
    count: 0,
    numbers: new Int32Array(256),
    values: new Float64Array(256),
    visit: Object.assign(one, { concepts }),
  };
  return list;
}

function enlarge(list: FeatureList): void {
  const numbers = new Int32Array(list.count * 2);
  numbers.set(list.numbers);
  list.numbers = numbers;
  const values = new Float64Array(list.count * 2);
  values.set(list.values);
  list.values = values;
}
