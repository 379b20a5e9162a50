import type { ConceptList } from './concept-hits.js';

/** Features of one kind, told apart by a further name. The number spares looking the family up by its own name. */
export interface Family {
  readonly name: string;
  readonly number: number;
}

const known = new Map<string, Family>();

export function familyOf(name: string): Family {
  let family = known.get(name);
  if (family === undefined) {
    family = { name, number: known.size };
    known.set(name, family);
  }
  return family;
}

/** Families by their names: `const OF = familiesOf('bias', 'link')`, then `OF.bias`. */
export function familiesOf<K extends string>(...names: K[]): Readonly<Record<K, Family>> {
  return Object.fromEntries(names.map((name) => [name, familyOf(name)])) as Record<K, Family>;
}

/**
 * Takes one feature. Family and name are apart, so that weights are looked up without putting the full name (`family name`, or
 * the family alone) together.
 */
export interface Visit {
  (family: Family, name: string, value: number): void;
  /** Takes a feature of one family for each concept of a list: the bulk of all features. */
  concepts(family: Family, list: ConceptList, value: number): void;
}
