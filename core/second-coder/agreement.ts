import type { Codebook } from '../codebook/codebook.js';
import { dyadsOf } from '../codebook/codebook.js';

/** One item that both have coded. */
export interface CodedTwice {
  id: string;
  title: string;
  rules: ReadonlyArray<{ indicator: string; participants: string[] }>;
  second: ReadonlyArray<{ indicator: string; participants: string[] }>;
}

/** How two coders agree on whether items carry one thing: each item is one case. */
export interface AgreementRow {
  code: string;
  both: number;
  onlyRules: number;
  onlySecond: number;
  neither: number;
  /** Cohen's kappa; null when it is not defined (all cases alike, or none). */
  kappa: number | null;
  /** F1 of the one by the other, the same either way round; null when neither gave it. */
  f1: number | null;
}

export interface Example {
  id: string;
  title: string;
  indicator: string;
  dyad: string;
}

export interface Agreement {
  items: number;
  /** Whether an item carries any label. */
  relevance: AgreementRow;
  /** Each pair of indicator and dyad that either gave. */
  cells: AgreementRow;
  indicators: AgreementRow[];
  dyads: AgreementRow[];
  domains: AgreementRow[];
  onlyRules: Example[];
  onlySecond: Example[];
}

const MAX_EXAMPLES = 10;

/** Compares what two coders gave the same items, by indicator, dyad and domain. Rows that neither ever gave are left out. */
export function compareCoders(items: readonly CodedTwice[], codebook: Codebook, examples = MAX_EXAMPLES): Agreement {
  const domainOf = new Map(codebook.indicators.map(({ id, domain }) => [id, domain]));
  const cellsOf = (labels: CodedTwice['rules']) =>
    new Set(labels.flatMap((l) => dyadsOf(l.participants).map((dyad) => `${l.indicator} ${dyad}`)));
  const cases = items.map((item) => ({ item, rules: cellsOf(item.rules), second: cellsOf(item.second) }));
  const table = (codes: readonly string[], isOf: (cell: string, code: string) => boolean) =>
    codes
      .map((code) =>
        tally(
          code,
          cases.map(({ rules, second }) => [has(rules, (c) => isOf(c, code)), has(second, (c) => isOf(c, code))]),
        ),
      )
      .filter(({ both, onlyRules, onlySecond }) => both + onlyRules + onlySecond > 0);
  const cells = cases.flatMap(({ rules, second }) =>
    [...new Set([...rules, ...second])].map((cell): [boolean, boolean] => [rules.has(cell), second.has(cell)]),
  );
  const only = (mine: 'rules' | 'second', theirs: 'rules' | 'second') =>
    cases
      .flatMap((c) =>
        [...c[mine]]
          .filter((cell) => !c[theirs].has(cell))
          .map((cell): Example => {
            const [indicator = '', dyad = ''] = cell.split(' ');
            return { id: c.item.id, title: c.item.title, indicator, dyad };
          }),
      )
      .slice(0, examples);
  return {
    items: items.length,
    relevance: tally(
      'any label',
      cases.map(({ rules, second }) => [rules.size > 0, second.size > 0]),
    ),
    // What neither gave cannot be counted here, so chance cannot be taken out.
    cells: { ...tally('indicator and dyad', cells), kappa: null },
    indicators: table(
      codebook.indicators.map(({ id }) => id),
      (cell, id) => cell.startsWith(`${id} `),
    ),
    dyads: table(codebook.dyads, (cell, dyad) => cell.endsWith(` ${dyad}`)),
    domains: table(
      codebook.domains.map(({ name }) => name),
      (cell, name) => domainOf.get(cell.split(' ')[0]!) === name,
    ),
    onlyRules: only('rules', 'second'),
    onlySecond: only('second', 'rules'),
  };
}

const has = (cells: ReadonlySet<string>, test: (cell: string) => boolean) => [...cells].some(test);

function tally(code: string, cases: ReadonlyArray<readonly [boolean, boolean]>): AgreementRow {
  const count = (rules: boolean, second: boolean) => cases.filter(([a, b]) => a === rules && b === second).length;
  const [both, onlyRules, onlySecond, neither] = [
    count(true, true),
    count(true, false),
    count(false, true),
    count(false, false),
  ];
  return {
    code,
    both,
    onlyRules,
    onlySecond,
    neither,
    kappa: cohensKappa(both, onlyRules, onlySecond, neither),
    f1: both + onlyRules + onlySecond === 0 ? null : (2 * both) / (2 * both + onlyRules + onlySecond),
  };
}

/**
 * Agreement beyond chance: (observed - expected) / (1 - expected), with the expected agreement from both coders' margins (Cohen 1960,
 * Educational and Psychological Measurement 20, 37-46). `cohensKappa(20, 5, 10, 15)` is 0.4. Null when chance alone would agree always.
 */
export function cohensKappa(both: number, onlyFirst: number, onlySecond: number, neither: number): number | null {
  const n = both + onlyFirst + onlySecond + neither;
  if (n === 0) return null;
  const [first, second] = [both + onlyFirst, both + onlySecond];
  const expected = (first * second + (n - first) * (n - second)) / (n * n);
  if (expected === 1) return null;
  return ((both + neither) / n - expected) / (1 - expected);
}
