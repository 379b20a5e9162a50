import type { NetData } from '../codebook/data.js';
import { seeded } from './figures.js';
import type { Example } from './fit.js';
import { OTHERS, packRow, plainName, RUN_VALUE } from './net.js';

/** A training example of a draft of one indicator. */
export interface NetExample extends Example {
  indicator: string;
  /** Runs of words: the plain ones of its item, the marked ones of its participants. Drafts that share a list share it as one. */
  runs: ReadonlyArray<readonly string[]>;
}

/** How the nets are made and fitted. */
const SHAPE = {
  /** Nets that are fitted from different beginnings and stored as one: the mean of several is steadier than any. */
  nets: 2,
  units: 64,
  epochs: 10,
  /** Share of features left out at each step, so that no unit leans on a single one. */
  dropped: 0.5,
  rate: 0.05,
};
const DECAY = 1e-4;
const OUTPUT_DECAY = 1e-3;
/** Features of fewer drafts, and runs of words of fewer lists, are not learnt from. */
const LEAST_DRAFTS = 3;
const LEAST_LISTS = 14;

/**
 * Fits nets with one hidden layer of rectified units and an output for each indicator, by stochastic gradient descent with steps
 * by feature (AdaGrad: Duchi, Hazan and Singer 2011) and dropout on the features (Srivastava et al. 2014). The drafts of an item
 * are learnt from together, since they share its plain runs. Deterministic for equal input.
 */
export function fitNet(examples: readonly NetExample[]): NetData {
  const { nets: count, units } = SHAPE;
  const { names, rowOf } = indexFeatures(examples);
  const indicators = [...new Set(examples.map((e) => e.indicator))].sort();
  const numbers = new Map(indicators.map((id, i) => [id, i]));
  const byItem = new Map<readonly string[], NetExample[]>();
  for (const e of examples) byItem.set(e.runs[0]!, [...(byItem.get(e.runs[0]!) ?? []), e]);
  const items = [...byItem].map(
    ([plainRuns, drafts]): Item => ({
      shared: rowOf([], [plainRuns]),
      drafts: drafts.map((e) => ({
        own: rowOf(e.features, e.runs.slice(1)),
        target: e.target,
        weight: e.weight,
        out: numbers.get(e.indicator)!,
      })),
    }),
  );
  const nets = Array.from({ length: count }, (_, i) => fitOne(items, names.length, indicators.length, 7 + 101 * i));
  const join = (of: (net: Fitted) => ArrayLike<number>) => {
    const parts = nets.map(of);
    const out = new Float64Array(units * count);
    for (const [i, part] of parts.entries()) out.set(part, i * units);
    return out;
  };
  const mean = (of: (net: Fitted) => number) => nets.reduce((sum, net) => sum + of(net), 0) / count;
  /** Each net speaks with its share, so that their sum is the mean. */
  const output = (weightsOf: (net: Fitted, k: number) => number, biasOf: (net: Fitted) => number) =>
    packRow([
      ...join((net) => Float64Array.from({ length: units }, (_, k) => weightsOf(net, k) / count)),
      mean(biasOf),
    ]);
  return {
    bias: packRow(join((net) => net.bias)),
    rows: Object.fromEntries(
      names.map((name, i) => [name, packRow(join((net) => net.weights.subarray(i * units, (i + 1) * units)))]),
    ),
    outputs: {
      [OTHERS]: output(
        (net, k) => net.shared[k]!,
        (net) => net.sharedBias,
      ),
      ...Object.fromEntries(
        indicators.map((id, i) => [
          id,
          output(
            (net, k) => net.shared[k]! + net.own[i * units + k]!,
            (net) => net.sharedBias + net.ownBias[i]!,
          ),
        ]),
      ),
    },
  };
}

/** Features by number, with their values. */
interface Row {
  at: Int32Array;
  value: Float64Array;
}

interface Item {
  /** What all of its drafts have. */
  shared: Row;
  drafts: ReadonlyArray<{ own: Row; target: number; weight: number; out: number }>;
}

type Runs = ReadonlyArray<readonly string[]>;

function indexFeatures(examples: readonly NetExample[]) {
  const features = countNames(examples.map((e) => [...e.features.keys()].map(plainName)));
  const inRuns = countNames(new Set(examples.flatMap((e) => e.runs)));
  const names = [...often(features, LEAST_DRAFTS), ...often(inRuns, LEAST_LISTS)].sort();
  const index = new Map(names.map((name, i) => [name, i]));
  const rowOf = (known: Iterable<[string, number]>, runs: Runs): Row => {
    const row = [...known].map(([name, value]) => ({ at: index.get(plainName(name)) ?? -1, value }));
    for (const name of runs.flat()) row.push({ at: index.get(name) ?? -1, value: RUN_VALUE });
    const kept = row.filter(({ at }) => at >= 0);
    return { at: Int32Array.from(kept, ({ at }) => at), value: Float64Array.from(kept, ({ value }) => value) };
  };
  return { names, rowOf };
}

/** In how many lists each name stands. */
export function countNames(lists: Iterable<readonly string[]>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const list of lists) for (const name of list) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

const often = (counts: ReadonlyMap<string, number>, least: number): string[] =>
  [...counts].flatMap(([name, count]) => (count >= least ? [name] : []));

interface Fitted {
  weights: Float32Array;
  bias: Float32Array;
  shared: Float32Array;
  sharedBias: number;
  own: Float32Array;
  ownBias: Float32Array;
}

/** Weights with the sums of their squared gradients, by which AdaGrad shortens each step. */
class Stepped {
  readonly at: Float32Array;
  private readonly squares: Float32Array;

  constructor(
    length: number,
    private readonly rate: number,
  ) {
    this.at = new Float32Array(length);
    this.squares = new Float32Array(length).fill(1e-2);
  }

  step(i: number, gradient: number): void {
    const squares = this.squares[i]! + gradient * gradient;
    this.squares[i] = squares;
    this.at[i]! -= (this.rate * gradient) / Math.sqrt(squares);
  }

  /** Adds a row times `x` to the units. */
  addRow(first: number, x: number, units: Float64Array): void {
    const { at } = this;
    for (let k = 0; k < units.length; k++) units[k]! += at[first + k]! * x;
  }

  /** A step for each number of a row, of the gradients that reach the units times `x`; the bulk of the work. */
  stepRow(first: number, gradients: Float64Array, x: number): void {
    const { at, squares, rate } = this;
    for (let k = 0; k < gradients.length; k++) {
      const i = first + k;
      const weight = at[i]!;
      const gradient = gradients[k]! * x + DECAY * weight;
      const sum = squares[i]! + gradient * gradient;
      squares[i] = sum;
      at[i] = weight - (rate * gradient) / Math.sqrt(sum);
    }
  }
}

function fitOne(items: readonly Item[], features: number, indicators: number, seed: number): Fitted {
  const { units: width, epochs, dropped, rate } = SHAPE;
  const random = seeded(seed);
  const weights = new Stepped(features * width, rate);
  const bias = new Stepped(width, rate);
  const shared = new Stepped(width, rate);
  const sharedBias = new Stepped(1, rate);
  const own = new Stepped(indicators * width, rate);
  const ownBias = new Stepped(indicators, rate);
  for (let i = 0; i < weights.at.length; i++) weights.at[i] = (random() - 0.5) * 0.2;
  for (let k = 0; k < width; k++) shared.at[k] = (random() - 0.5) * 0.5;
  const order = items.map((_, i) => i);
  const ofItem = new Float64Array(width);
  const units = new Float64Array(width);
  const back = new Float64Array(width);
  const backToItem = new Float64Array(width);
  const most = (of: (item: Item) => number) => items.reduce((known, item) => Math.max(known, of(item)), 0);
  const kept = new Int32Array(most(({ drafts }) => Math.max(...drafts.map((d) => d.own.at.length))));
  const keptOfItem = new Int32Array(most((item) => item.shared.at.length));
  /** Adds the features that are not left out to the units; returns how many those are. */
  const add = ({ at, value }: Row, taken: Int32Array, sums: Float64Array): number => {
    let count = 0;
    for (let j = 0; j < at.length; j++) {
      if (random() < dropped) continue;
      taken[count++] = j;
      weights.addRow(at[j]! * width, value[j]! / (1 - dropped), sums);
    }
    return count;
  };
  const step = ({ at, value }: Row, taken: Int32Array, count: number, gradients: Float64Array): void => {
    for (let i = 0; i < count; i++) {
      const j = taken[i]!;
      weights.stepRow(at[j]! * width, gradients, value[j]! / (1 - dropped));
    }
  };
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, random);
    for (const n of order) {
      const item = items[n]!;
      ofItem.set(bias.at);
      const countOfItem = add(item.shared, keptOfItem, ofItem);
      backToItem.fill(0);
      for (const { own: row, target, weight, out } of item.drafts) {
        units.set(ofItem);
        const count = add(row, kept, units);
        const first = out * width;
        let logit = sharedBias.at[0]! + ownBias.at[out]!;
        for (let k = 0; k < width; k++) if (units[k]! > 0) logit += (shared.at[k]! + own.at[first + k]!) * units[k]!;
        const error = weight * (1 / (1 + Math.exp(-logit)) - target);
        sharedBias.step(0, error);
        ownBias.step(out, error);
        for (let k = 0; k < width; k++) {
          const unit = units[k]!;
          back[k] = unit > 0 ? error * (shared.at[k]! + own.at[first + k]!) : 0;
          backToItem[k]! += back[k]!;
          shared.step(k, error * Math.max(0, unit) + DECAY * shared.at[k]!);
          if (unit > 0) own.step(first + k, error * unit + OUTPUT_DECAY * own.at[first + k]!);
          bias.step(k, back[k]!);
        }
        step(row, kept, count, back);
      }
      step(item.shared, keptOfItem, countOfItem, backToItem);
    }
  }
  return {
    weights: weights.at,
    bias: bias.at,
    shared: shared.at,
    sharedBias: sharedBias.at[0]!,
    own: own.at,
    ownBias: ownBias.at,
  };
}

function shuffle(list: number[], random: () => number): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
}
