import type { ConceptList } from './concept-hits.js';
import type { Family, Visit } from './families.js';

/** Sums of weights over visited features, one sum per class. */
export interface Scorer {
  readonly classes: readonly string[];
  /** Sums after `run`; valid until the next one. */
  run(visitAll: (visit: Visit) => void): Float64Array;
}

/** More names than this in one family are not kept: they come from the text, not from the codebook. */
const KEPT = 4_000;

/** Full name of a feature, as stored. */
export const fullName = (family: string, name: string) => (name === '' ? family : `${family} ${name}`);

type Tables = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Where the weights of one family begin in the array of all weights; -1 for a feature without. */
interface FamilyRows {
  /** Of the family alone. */
  alone: number;
  named: Map<string, number>;
  /** Weights of all concepts, once asked for. */
  concepts: Float64Array | null;
}

/**
 * Compiles weights by class and full name, so that after a while no name is put together to look one up. All weights lie in one
 * array, those of one feature side by side; families of concepts have a table by the number of the concept.
 */
export function createScorer(tables: Tables, conceptNames: readonly string[] = []): Scorer {
  const classes = Object.keys(tables);
  const width = classes.length;
  const { rows, weights } = layOut(tables);
  const families: Array<FamilyRows | undefined> = [];
  const sums = new Float64Array(width);
  const rowOf = (family: string, name: string): number => rows.get(fullName(family, name)) ?? -1;
  const rowsOf = ({ name, number }: Family): FamilyRows => {
    const known: FamilyRows = { alone: rowOf(name, ''), named: new Map(), concepts: null };
    families[number] = known;
    return known;
  };
  const tableOf = (family: string): Float64Array => {
    const table = new Float64Array(conceptNames.length * width);
    for (const [concept, name] of conceptNames.entries()) {
      const row = rowOf(family, name);
      if (row >= 0) table.set(weights.subarray(row, row + width), concept * width);
    }
    return table;
  };
  const one = (family: Family, name: string, value: number): void => {
    const known = families[family.number] ?? rowsOf(family);
    let row: number | undefined = known.alone;
    if (name !== '') {
      row = known.named.get(name);
      if (row === undefined) {
        row = rowOf(family.name, name);
        if (known.named.size < KEPT) known.named.set(name, row);
      }
    }
    if (row < 0) return;
    for (let k = 0; k < width; k++) sums[k]! += value * weights[row + k]!;
  };
  const concepts = (family: Family, { count, numbers }: ConceptList, value: number): void => {
    const known = families[family.number] ?? rowsOf(family);
    known.concepts ??= tableOf(family.name);
    const table = known.concepts;
    if (width === 1) {
      let sum = sums[0]!;
      for (let i = 0; i < count; i++) sum += value * table[numbers[i]!]!;
      sums[0] = sum;
      return;
    }
    for (let i = 0; i < count; i++) {
      const row = numbers[i]! * width;
      for (let k = 0; k < width; k++) sums[k]! += value * table[row + k]!;
    }
  };
  const visit: Visit = Object.assign(one, { concepts });
  return {
    classes,
    run(visitAll) {
      sums.fill(0);
      visitAll(visit);
      return sums;
    },
  };
}

/** Weights of all classes in one array, and where those of each feature begin. */
function layOut(tables: Tables) {
  const classes = Object.values(tables);
  const rows = new Map<string, number>();
  for (const table of classes)
    for (const feature of Object.keys(table)) if (!rows.has(feature)) rows.set(feature, rows.size * classes.length);
  const weights = new Float64Array(rows.size * classes.length);
  for (const [k, table] of classes.entries())
    for (const [feature, weight] of Object.entries(table)) weights[rows.get(feature)! + k] = weight;
  return { rows, weights };
}

/** All features under their full names, for fitting. `intern` may give one string for all that are equal. */
export function collectFeatures(
  visitAll: (visit: Visit) => void,
  conceptNames: readonly string[] = [],
  intern: (name: string) => string = (name) => name,
): Map<string, number> {
  const out = new Map<string, number>();
  const one = (family: Family, name: string, value: number): void => {
    out.set(intern(fullName(family.name, name)), value);
  };
  const concepts = (family: Family, { count, numbers }: ConceptList, value: number): void => {
    for (let i = 0; i < count; i++) one(family, conceptNames[numbers[i]!]!, value);
  };
  visitAll(Object.assign(one, { concepts }));
  return out;
}

export const sigmoid = (sum: number) => 1 / (1 + Math.exp(-sum));

/** Class whose weights speak loudest for features under their full names. */
export function loudest(
  features: ReadonlyMap<string, number>,
  tables: Readonly<Record<string, Readonly<Record<string, number>>>>,
): string {
  let best = '';
  let most = Number.NEGATIVE_INFINITY;
  for (const [name, weights] of Object.entries(tables)) {
    let sum = 0;
    for (const [feature, value] of features) sum += value * (weights[feature] ?? 0);
    if (sum <= most) continue;
    most = sum;
    best = name;
  }
  return best;
}

/** Sum of the weights of features under their full names. */
export function sumOf(features: ReadonlyMap<string, number>, weights: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [name, value] of features) sum += value * (weights.get(name) ?? 0);
  return sum;
}

/** Probability by weights of features under their full names. */
export function predict(features: ReadonlyMap<string, number>, weights: ReadonlyMap<string, number>): number {
  return sigmoid(sumOf(features, weights));
}
