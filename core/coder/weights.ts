import type { Visit } from './features.js';

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

/** Compiles weights by class and full name, so that after a while no name is put together to look one up. */
export function createScorer(tables: Readonly<Record<string, Readonly<Record<string, number>>>>): Scorer {
  const classes = Object.keys(tables);
  const byName = new Map<string, Float64Array>();
  for (const [k, name] of classes.entries())
    for (const [feature, weight] of Object.entries(tables[name]!)) {
      const row = byName.get(feature) ?? new Float64Array(classes.length);
      row[k] = weight;
      byName.set(feature, row);
    }
  const families = new Map<string, Map<string, Float64Array | null>>();
  const sums = new Float64Array(classes.length);
  const rowOf = (family: string, name: string): Float64Array | null => {
    let names = families.get(family);
    if (names === undefined) {
      names = new Map();
      families.set(family, names);
    }
    let row = names.get(name);
    if (row === undefined) {
      row = byName.get(fullName(family, name)) ?? null;
      if (names.size < KEPT) names.set(name, row);
    }
    return row;
  };
  // Concepts come in long runs of one family.
  let lastFamily = '';
  let lastNames: Map<string, Float64Array | null> | undefined;
  const visit: Visit = (family, name, value) => {
    if (family !== lastFamily) {
      lastFamily = family;
      lastNames = families.get(family);
    }
    let row = lastNames?.get(name);
    if (row === undefined) {
      row = rowOf(family, name);
      lastNames = families.get(family);
    }
    if (row === null) return;
    if (sums.length === 1) sums[0]! += value * row[0]!;
    else for (let k = 0; k < sums.length; k++) sums[k]! += value * row[k]!;
  };
  return {
    classes,
    run(visitAll) {
      sums.fill(0);
      visitAll(visit);
      return sums;
    },
  };
}

/** All features under their full names, for fitting. */
export function collectFeatures(visitAll: (visit: Visit) => void): Map<string, number> {
  const out = new Map<string, number>();
  visitAll((family, name, value) => out.set(fullName(family, name), value));
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

/** Probability by weights of features under their full names. */
export function predict(features: ReadonlyMap<string, number>, weights: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [name, value] of features) sum += value * (weights.get(name) ?? 0);
  return sigmoid(sum);
}
