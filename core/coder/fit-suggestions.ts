import type { SuggestionsData } from '../codebook/data.js';
import { seeded } from './figures.js';
import { countNames } from './fit-net.js';
import { packRow } from './net.js';
import { sigmoid } from './weights.js';
import { isRun } from './word-runs.js';

/** Words of an item and which indicators it has, whoever the members are. */
export interface WordExample {
  /** Concepts and plain runs of words, by name. */
  words: readonly string[];
  indicators: ReadonlySet<string>;
}

/** Concepts, and runs of words, of fewer items are not learnt from. */
const LEAST_CONCEPT = 3;
const LEAST_RUN = 20;
const EPOCHS = 5;
const RATE = 0.1;
const DECAY = 1e-4;
/** Share of words left out at each step, so that no one of them is leant on. */
const DROPPED = 0.3;
/** Errors below this move nothing worth the time. */
const SMALL = 0.003;

/**
 * Fits one logistic regression for each indicator on the words of items, by stochastic gradient descent with steps by weight
 * (AdaGrad: Duchi, Hazan and Singer 2011). Deterministic for equal input.
 */
export function fitSuggestions(examples: readonly WordExample[]): SuggestionsData {
  const indicators = [...new Set(examples.flatMap((e) => [...e.indicators]))].sort();
  const width = indicators.length;
  const counts = countNames(examples.map(({ words }) => words));
  const names = [...counts.keys()]
    .filter((name) => counts.get(name)! >= (isRun(name) ? LEAST_RUN : LEAST_CONCEPT))
    .sort();
  const index = new Map(names.map((name, i) => [name, i * width]));
  const rows = examples.map(({ words, indicators: own }) => ({
    at: words.flatMap((word) => index.get(word) ?? []),
    target: indicators.map((id) => (own.has(id) ? 1 : 0)),
  }));
  const weights = new Float64Array(names.length * width);
  const squares = new Float64Array(names.length * width).fill(1e-2);
  const bias = new Float64Array(width);
  const biasSquares = new Float64Array(width).fill(1e-2);
  const sums = new Float64Array(width);
  const random = seeded(5);
  for (let epoch = 0; epoch < EPOCHS; epoch++)
    for (const { at, target } of rows) {
      const kept = at.filter(() => random() >= DROPPED);
      sums.set(bias);
      for (const row of kept) for (let k = 0; k < width; k++) sums[k]! += weights[row + k]!;
      for (let k = 0; k < width; k++) {
        const error = sigmoid(sums[k]!) - target[k]!;
        biasSquares[k]! += error * error;
        bias[k]! -= (RATE * error) / Math.sqrt(biasSquares[k]!);
        if (Math.abs(error) < SMALL) continue;
        for (const row of kept) {
          const gradient = error + DECAY * weights[row + k]!;
          squares[row + k]! += gradient * gradient;
          weights[row + k]! -= (RATE * gradient) / Math.sqrt(squares[row + k]!);
        }
      }
    }
  return {
    indicators,
    bias: packRow(bias),
    rows: Object.fromEntries(names.map((name, i) => [name, packRow(weights.subarray(i * width, (i + 1) * width))])),
  };
}
